// What the engine wants done. It performs nothing itself. `ask` goes out at once; the others only
// after the commit that holds the records that caused them.
import type { ApprovedOrder, Order } from './order/order.js';

export type HookName = 'onBar' | 'onFill' | 'onIntentEvent' | 'onTimer';

/** A question to a plugin. The engine reuses one object per instance: copy what must be kept. */
export interface Ask {
  readonly id: number;
  readonly instance: string;
  readonly hook: HookName;
  /** Trigger key: `bar:<tf>:<close_ms>`, `fill:…`, `event:…`, `timer:<name>:<due_ms>`. */
  readonly trigger: string;
  readonly asOfMs: number;
  /** What the hook receives; null for `onBar`, whose bar is the last one of the series. */
  readonly argument: unknown;
}

export type Effect =
  | { readonly kind: 'ask'; readonly ask: Ask }
  | { readonly kind: 'submit'; readonly order: ApprovedOrder }
  | { readonly kind: 'cancel'; readonly order: Order }
  | { readonly kind: 'query'; readonly order: Order }
  | { readonly kind: 'set_timer'; readonly name: string; readonly dueMs: number }
  | { readonly kind: 'alert'; readonly code: string; readonly text: string };
