// What a test may say about the world around the strategy; everything has a default.
import type { AccountView, InstrumentView, PositionView } from '../strategy.js';

export interface HarnessOptions {
  /** Merged over the defaults of the definition's config schema. */
  readonly config?: unknown;
  /** Default BTC/USDT:USDT. */
  readonly symbol?: string;
  /** Base timeframe; default the manifest's first, or 1m. */
  readonly timeframe?: string;
  readonly instrument?: Partial<InstrumentView>;
  /** Positions that are open at the start. */
  readonly position?: PositionView | readonly PositionView[];
  readonly account?: Partial<AccountView>;
  /** Bars whose intents are dropped; default what the manifest says, or 0. */
  readonly warmupBars?: number;
  /** Seed of `ctx.random()`; default 1. */
  readonly seed?: number;
  /** State of an earlier `snapshot()` to restore before the first bar. */
  readonly snapshot?: unknown;
  /** Open of the first bar that names no time; default 2025-01-01 UTC. */
  readonly startMs?: number;
}

/** A bar with what a test cares about; times follow on from the bar before. */
export interface BarInput {
  /** Default the close before. */
  readonly open?: number;
  /** Default the higher of open and close. */
  readonly high?: number;
  /** Default the lower of open and close. */
  readonly low?: number;
  readonly close: number;
  /** Default 1. */
  readonly volume?: number;
  readonly open_ms?: number;
}
