// What a route of the REST interface is, and what its handler works on.
import type { CountdownCancel } from './countdown-cancel.js';
import type { ListenKeys } from './listen-keys.js';
import type { Params } from './params.js';
import type { SpotState } from './spot-state.js';
import type { VenueState } from './venue-state.js';

export interface RouteContext {
  readonly state: VenueState;
  readonly spot: SpotState;
  readonly listenKeys: ListenKeys;
  readonly countdown: CountdownCancel;
  /** Wall time of the exchange, in ms: what signatures are checked against. */
  readonly serverMs: () => number;
}

export interface Route {
  readonly auth: 'none' | 'key' | 'signed';
  readonly weight: number | ((params: Params) => number);
  /** Counts against the order limits. */
  readonly isOrder?: boolean;
  readonly handle: (context: RouteContext, params: Params) => unknown;
}

export type Routes = Readonly<Record<string, Route>>;

/** Rows after the cursor, from the time on, oldest first; without either, the newest page. */
export function page<Row>(
  rows: readonly Row[],
  params: Params,
  by: { readonly timeMs: (row: Row) => number; readonly limit: number; readonly limitMax: number },
): readonly Row[] {
  const start = params.integer('startTime') ?? 0;
  const end = params.integer('endTime') ?? Infinity;
  const limit = Math.min(params.integer('limit') ?? by.limit, by.limitMax);
  const within = rows.filter((row) => by.timeMs(row) >= start && by.timeMs(row) <= end);
  const isFromStart = params.get('startTime') !== undefined || params.get('fromId') !== undefined;
  const skipped = ((params.integer('page') ?? 1) - 1) * limit;
  if (isFromStart) return within.slice(skipped, skipped + limit);
  return within.slice(0, within.length - skipped).slice(-limit);
}
