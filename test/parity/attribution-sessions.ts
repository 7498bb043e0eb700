// Live sessions for the comparison, made by the real engine: over the simulated venue with one
// thing changed, stepped by hand so that a test can let anything else happen between two bars.
import {
  type AttributionParts,
  type BarEvent,
  type CostModel,
  Engine,
  type EngineConfig,
  type EngineEvent,
  type EngineRecord,
  type EngineView,
  type FundingRow,
  type JournalEntry,
  type LegShock,
  type Position,
  SimDriver,
  SimVenue,
  type StrategyRuntime,
  decode,
  emptySeries,
  encode,
  recordSession,
} from '@strategy-runner/core';
import { InlineRuntime } from '../../adapters/src/plugin-runtime/inline.js';
import { MINUTE_MS, START_MS, SYMBOL } from '../support/world-config.js';
import { type WorldStrategy, definitionOf, nothingHeard } from '../support/world-strategy.js';
import { generator } from './attribution-random.js';

/** A fresh strategy for each run: what it remembers must not leak from one into another. */
export type FreshStrategy = () => WorldStrategy;

export function runtimeOf(strategy: FreshStrategy): (view: EngineView) => StrategyRuntime {
  return (view) => {
    const plugins = view.config.instances.map(({ id }) => {
      return { instance: id, definition: definitionOf(strategy(), nothingHeard()), config: {} };
    });
    return new InlineRuntime(view, plugins, () => undefined);
  };
}

/** A seeded walk on a tick of 0.1. */
export function walk(count: number, seed: number): readonly BarEvent[] {
  const random = generator(seed);
  const tick = (price: number): number => Math.round(price * 10) / 10;
  let close = 100;
  return Array.from({ length: count }, (_, i) => {
    const open = close;
    close = tick(Math.max(20, open + (random() - 0.5) * 3));
    const high = tick(Math.max(open, close) + random());
    const low = tick(Math.min(open, close) - random());
    const openMs = START_MS + i * MINUTE_MS;
    return aBarOf({ openMs, open, high, low, close });
  });
}

type Prices = Pick<BarEvent, 'openMs' | 'open' | 'high' | 'low' | 'close'>;

export function aBarOf(prices: Prices): BarEvent {
  const closeMs = prices.openMs + MINUTE_MS;
  const base = { kind: 'bar', symbol: SYMBOL, timeframe: '1m', volume: 1000 } as const;
  return { ...base, ...prices, ts: closeMs, closeMs };
}

export class Journal {
  readonly entries: JournalEntry[] = [];

  readonly sink = {
    event: (event: EngineEvent): void => {
      this.entries.push({ class: 'event', body: decode(encode(event)) as EngineEvent });
    },
    record: (record: EngineRecord): void => {
      this.entries.push({ class: 'record', body: decode(encode(record)) as EngineRecord });
    },
  };
}

export interface SessionOptions {
  readonly config: EngineConfig;
  readonly strategy: FreshStrategy;
  readonly bars: readonly BarEvent[];
  readonly funding?: readonly FundingRow[];
  readonly costs?: CostModel;
  readonly shocks?: Readonly<Record<string, LegShock>>;
  /** How live's venue matches, where that is not the backtest's way. */
  readonly matching?: { readonly fillOnTouch?: boolean; readonly volumeShareBps?: number };
  /** What happens right before a bar, by its open time. */
  readonly before?: Readonly<Record<number, readonly EngineEvent[]>>;
}

/** Runs it as live and answers its journal. */
export function liveSession(options: SessionOptions): readonly JournalEntry[] {
  const { config, bars, before = {}, funding = [] } = options;
  const journal = new Journal();
  const series = emptySeries(config);
  const engine = new Engine({ config, sink: journal.sink, series });
  const runtime = runtimeOf(options.strategy)({ config, state: engine.state, series });
  const venue = new SimVenue({
    instruments: config.instruments,
    costs: options.costs ?? config.costs,
    cash: () => engine.state.cash,
    shocks: new Map(Object.entries(options.shocks ?? {})),
    ...options.matching,
  });
  const driver = new SimDriver(engine, venue, runtime, () => undefined);
  driver.take({ kind: 'run_started', ts: bars[0]!.openMs, run: 1, start: 'cold' });
  let paid = 0;
  for (const bar of bars) {
    for (const event of before[bar.openMs] ?? []) {
      driver.take(event);
      // What the account holds, the venue knows, whoever traded it.
      if (event.kind === 'external_fill') venue.correct(heldBy(engine), '', null);
    }
    const due = funding.filter(({ timeMs }) => timeMs >= paid && timeMs < bar.closeMs);
    paid = bar.closeMs;
    driver.step(bar, due);
  }
  driver.take({ kind: 'run_ended', ts: engine.now, run: 1, cause: 'end_of_data' });
  return journal.entries;
}

function heldBy({ state }: Engine): readonly Position[] {
  return [...state.positions.values()] as Position[];
}

export interface TestedOptions {
  readonly config: EngineConfig;
  readonly strategy: FreshStrategy;
  readonly bars: readonly BarEvent[];
  readonly funding?: readonly FundingRow[];
}

/** The backtest that a journal is held against. */
export function comparisonOf(
  entries: readonly JournalEntry[],
  { config, strategy, bars, funding = [] }: TestedOptions,
  live: EngineConfig = config,
): AttributionParts {
  return {
    config,
    columns: columnsOf(bars),
    funding,
    sim: { costs: config.costs },
    runtime: runtimeOf(strategy),
    liveInstruments: live.instruments,
    live: recordSession(entries, config),
  };
}

export function columnsOf(bars: readonly BarEvent[]) {
  const column = (of: (bar: BarEvent) => number): Float64Array => Float64Array.from(bars, of);
  return {
    length: bars.length,
    openMs: column(({ openMs }) => openMs),
    open: column(({ open }) => open),
    high: column(({ high }) => high),
    low: column(({ low }) => low),
    close: column(({ close }) => close),
    volume: column(({ volume }) => volume),
  };
}
