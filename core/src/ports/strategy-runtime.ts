// A running plugin, as a driver sees it: asked in turn, answering with an event and never throwing.
import type { Ask } from '../effects.js';
import type { AnswerEvent } from '../events.js';

export interface StrategyRuntime {
  /** Answers at once. The event may be a reused object when it says nothing. */
  ask(ask: Ask, ts: number): AnswerEvent;
  /** JSON state of the instance, or undefined where the plugin keeps none by itself. */
  snapshot(instance: string): unknown;
  restore(instance: string, state: unknown): void;
}
