// What a session pins for its engine. Everything here is hashed into the session's metadata.
import type { ExecutionPolicy, PluginManifest } from '@strategy-runner/contracts';
import type { Decimal } from './decimal.js';
import type { HookName } from './effects.js';
import type { Instrument } from './market/instrument.js';
import type { SlippageModel } from './simulation/slippage-model.js';

export interface InstanceConfig {
  /** `symbol:strategy`. */
  readonly id: string;
  readonly symbol: string;
  readonly timeframe: string;
  readonly timeframeMs: number;
  /** Longer timeframes that the host makes of the base bars, for looking at only. */
  readonly informative?: readonly string[];
  readonly strategyId: string;
  readonly strategyVersion: string;
  readonly capabilities: PluginManifest['capabilities'];
  readonly execution: ExecutionPolicy;
  /** Bars that are fed before the first tradable one. */
  readonly warmupBars: number;
  /** First bar open time (ms) at which intents count, besides the warm-up; 0 = at once. */
  readonly tradeFromMs: number;
  readonly hooks: Readonly<Record<HookName, boolean>>;
}

/** Upper bounds; null = no bound. Money in the settle currency. */
export interface RiskLimits {
  readonly maxOrderNotional: Decimal | null;
  readonly maxPositionNotional: Decimal | null;
  readonly maxOpenOrders: number;
  /** Gross exposure, held orders included, over equity. */
  readonly maxLeverage: Decimal;
  readonly maxDailyLoss: Decimal | null;
  readonly maxEntriesPerMinute: number;
  /** Farthest an entry's price may be from the last price, in bps. */
  readonly entryCollarBps: number;
  readonly exitCollarBps: number;
}

export interface HostPolicy {
  readonly maxIntentsPerAnswer: number;
  readonly maxAsksPerEvent: number;
  readonly maxPluginFaults: number;
  /** Ceiling for any fallback's or market order's slippage permission, in bps. */
  readonly maxSlippageBps: number;
  readonly allowFallback: boolean;
  readonly requireStop: boolean;
  readonly backoffAfterRejects: number;
  readonly backoffInitialMs: number;
  readonly backoffMaxMs: number;
  /** What becomes of answers to bars that were missed while the host was down (X19). */
  readonly missedBars: 'skip' | 'act';
  /** Longest time that a position may lack the protection it must have before the alarm, ms. */
  readonly maxUnprotectedMs: number;
  /** Age of the last bar, in bars, from which entries wait; null = any age. */
  readonly maxDataAgeBars: number | null;
}

export interface SizingConfig {
  /** Notional of a `delegate_notional` entry before its weight; null = not configured. */
  readonly delegateNotional: Decimal | null;
  /** Capital that `basis: allocation` means; null = equity. */
  readonly allocation: Decimal | null;
  readonly leverage: Decimal;
}

export interface CostAssumptions {
  readonly takerFeeBps: Decimal;
  readonly makerFeeBps: Decimal;
  readonly slippageBps: Decimal;
  /** Gives the slippage of each simulated fill in place of the constant. */
  readonly slippageModel?: SlippageModel;
}

interface BlackoutScope {
  readonly reason: string;
  /** Null = every symbol. */
  readonly symbols: readonly string[] | null;
}

/** From `fromMs` on and before `toMs`, epoch ms. */
export interface OneBlackout extends BlackoutScope {
  readonly kind: 'once';
  readonly fromMs: number;
  readonly toMs: number;
}

/** By the clock of the plan's zone. An end at or before the start is on the day after. */
export interface WeeklyBlackout extends BlackoutScope {
  readonly kind: 'weekly';
  /** Days on which it starts; 0 = Monday. */
  readonly days: readonly number[];
  /** Minutes of the day; 1440 = its end. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

export type BlackoutWindow = OneBlackout | WeeklyBlackout;

/** When no new risk is taken, whatever the plugin says; exits go on. */
export interface BlackoutPlan {
  readonly windows: readonly BlackoutWindow[];
  /** Clock of the zone less UTC, from each moment on, ascending; the first before it as well. */
  readonly offsets: readonly { readonly fromMs: number; readonly offsetMs: number }[];
}

export interface EngineConfig {
  readonly sessionId: string;
  readonly seed: number;
  readonly positionMode: 'hedge' | 'one_way';
  readonly initialCash: Decimal;
  /** Bars of history that a strategy can look back on, in every kind of run. */
  readonly historyBars: number;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly instances: readonly InstanceConfig[];
  readonly risk: RiskLimits;
  readonly policy: HostPolicy;
  readonly sizing: SizingConfig;
  readonly costs: CostAssumptions;
  /** Whether the venue can hold stop orders. */
  readonly venueHoldsStops: boolean;
  /**
   * Whether resting reduce-only orders bind the quantity that they would close, so that another
   * exit finds none left (-4118): targets then make room before an exit is sent.
   */
  readonly exitsCompete: boolean;
  /** Omitted = entries may go at any time. */
  readonly blackout?: BlackoutPlan;
}
