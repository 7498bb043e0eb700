// The configuration of a test world: generous limits and no costs, so that a test sets exactly the
// limit or the cost that it is about.
import {
  type CostAssumptions,
  type EngineConfig,
  type HostPolicy,
  type Instrument,
  type InstanceConfig,
  type InstrumentFilters,
  type RiskLimits,
  type SizingConfig,
  decimal,
  instrumentFrom,
} from '@strategy-runner/core';
import type { ExecutionPolicy, PluginManifest } from '@strategy-runner/contracts';

export const SYMBOL = 'BTC/USDT:USDT';
export const MINUTE_MS = 60_000;
/** Open of the first bar: midnight UTC. */
export const START_MS = Date.UTC(2024, 0, 1);

export type Capabilities = PluginManifest['capabilities'];

export const ALL_CAPABILITIES: Capabilities = {
  kinds: ['open', 'close', 'partial_close', 'dca', 'cancel', 'amend_protection', 'hold'],
  markets: ['spot', 'swap', 'future'],
  sides: ['long', 'short'],
  sizing_modes: ['qty', 'quote_notional', 'risk_percent', 'equity_fraction', 'delegate_notional'],
  fallback: 'limit_to_market',
};

export function anInstrument(filters: Partial<InstrumentFilters> = {}): Instrument {
  return instrumentFrom({
    symbol: SYMBOL,
    tick_size: '0.1',
    lot_size: '0.001',
    min_quantity: '0.001',
    min_notional: '5',
    ...filters,
  });
}

export const WIDE_LIMITS: RiskLimits = {
  maxOrderNotional: null,
  maxPositionNotional: null,
  maxOpenOrders: 100,
  maxLeverage: decimal('10'),
  maxDailyLoss: null,
  maxEntriesPerMinute: 100,
  entryCollarBps: 5000,
  exitCollarBps: 9000,
};

export const CALM_POLICY: HostPolicy = {
  maxIntentsPerAnswer: 16,
  maxAsksPerEvent: 256,
  maxPluginFaults: 3,
  maxSlippageBps: 1000,
  allowFallback: true,
  requireStop: false,
  backoffAfterRejects: 3,
  backoffInitialMs: 120_000,
  backoffMaxMs: 3_600_000,
  missedBars: 'skip',
  maxUnprotectedMs: 5000,
  maxDataAgeBars: null,
};

/** Rates in bps as decimal strings. */
export interface CostOptions {
  readonly takerFeeBps?: string;
  readonly makerFeeBps?: string;
  readonly slippageBps?: string;
}

export function costsOf(options: CostOptions = {}): CostAssumptions {
  return {
    takerFeeBps: decimal(options.takerFeeBps ?? '0'),
    makerFeeBps: decimal(options.makerFeeBps ?? '0'),
    slippageBps: decimal(options.slippageBps ?? '0'),
  };
}

export interface InstanceOptions {
  /** Default: the symbol and `sample`. */
  readonly id?: string;
  readonly symbol?: string;
  readonly execution?: ExecutionPolicy;
  readonly capabilities?: Partial<Capabilities>;
  readonly warmupBars?: number;
  readonly tradeFromMs?: number;
  readonly timeframeMs?: number;
  /** A hook set to false is one that the plugin does not have. */
  readonly hooks?: Partial<InstanceConfig['hooks']>;
}

export function anInstance(options: InstanceOptions = {}): InstanceConfig {
  const symbol = options.symbol ?? SYMBOL;
  const timeframeMs = options.timeframeMs ?? MINUTE_MS;
  return {
    id: options.id ?? `${symbol}:sample`,
    symbol,
    timeframe: `${timeframeMs / MINUTE_MS}m`,
    timeframeMs,
    strategyId: 'runner-strategy-sample',
    strategyVersion: '1.0.0',
    capabilities: { ...ALL_CAPABILITIES, ...options.capabilities },
    execution: options.execution ?? {},
    warmupBars: options.warmupBars ?? 0,
    tradeFromMs: options.tradeFromMs ?? 0,
    hooks: { onBar: true, onFill: true, onIntentEvent: true, onTimer: true, ...options.hooks },
  };
}

export interface ConfigOptions {
  readonly instances?: readonly InstanceConfig[];
  readonly instruments?: readonly Instrument[];
  readonly cash?: string;
  readonly risk?: Partial<RiskLimits>;
  readonly policy?: Partial<HostPolicy>;
  readonly sizing?: Partial<SizingConfig>;
  readonly costs?: CostOptions;
  readonly positionMode?: EngineConfig['positionMode'];
  readonly config?: Partial<EngineConfig>;
}

export function aConfig(options: ConfigOptions = {}): EngineConfig {
  const instruments = options.instruments ?? [anInstrument()];
  return {
    sessionId: 'session-1',
    seed: 1,
    positionMode: options.positionMode ?? 'hedge',
    initialCash: decimal(options.cash ?? '10000'),
    historyBars: 5000,
    instruments: new Map(instruments.map((instrument) => [instrument.symbol, instrument])),
    instances: options.instances ?? [anInstance()],
    risk: { ...WIDE_LIMITS, ...options.risk },
    policy: { ...CALM_POLICY, ...options.policy },
    sizing: {
      delegateNotional: null,
      allocation: null,
      leverage: decimal('1'),
      ...options.sizing,
    },
    costs: costsOf(options.costs),
    venueHoldsStops: true,
    exitsCompete: false,
    ...options.config,
  };
}
