// Journals to store: a plain one of bars, and one of a real engine that traded, with its ledger to
// compare with.
import {
  BarSeries,
  Engine,
  type EngineEvent,
  type JournalHead,
  type JournalRow,
  type Position,
  SimDriver,
  SimVenue,
  decimal,
} from '@strategy-runner/core';
import { InlineRuntime } from '../../../../adapters/src/plugin-runtime/inline.js';
import { JournalSink } from '../../../../adapters/src/store/journal.js';
import type { StoreMeta } from '../../../../adapters/src/store/sqlite/meta.js';
import { aConfig, anInstance, costsOf } from '../../../support/world-config.js';
import { definitionOf, nothingHeard } from '../../../support/world-strategy.js';
import { MINUTE_MS, START_MS, SYMBOL, aBar, anInstrument } from '../../../support/world.js';
import { cancel, closeLong, dca, limitAt, openLong, stopAt } from '../../../support/bodies.js';

export const SESSION: StoreMeta = {
  sessionId: '20240101-000000-sample-btc-usdt-0001',
  initialCash: '10000',
  spotSymbols: [],
};

/** `count` bars that continue `head`. */
export function rowsOfBars(count: number, head?: JournalHead): readonly JournalRow[] {
  const sink = new JournalSink({ sessionId: SESSION.sessionId, head });
  for (let i = 0; i < count; i += 1) sink.event(aBar({ close: 100 + i }));
  return sink.take();
}

export function headOf(rows: readonly JournalRow[]): JournalHead {
  const { seq, hash } = rows.at(-1)!;
  return { seq, hash };
}

/** An event that the engine does not know yet, as a venue driver would journal it. */
export function foreignRow(head: JournalHead | undefined, kind: string, body: object): JournalRow {
  const sink = new JournalSink({ sessionId: SESSION.sessionId, head });
  sink.event({ kind, ts: START_MS, ...body } as unknown as EngineEvent);
  return sink.take()[0]!;
}

const SCRIPT = {
  // Filled at the next open, with a stop and a first target.
  0: openLong({
    protection: {
      ...stopAt('80'),
      take_profit: [{ at: { abs: '104' }, share_bps: 5000, order: 'limit' }],
    },
  }),
  // Denied: below the minimum of the instrument.
  1: dca(1, { sizing_policy: { mode: 'qty', qty: '0.0001', unit: 'base' } }),
  // Waits, and is never reached.
  2: dca(1, { order: limitAt('82') }),
  5: cancel({ orders: 'entries' }),
  6: closeLong(),
  // Still open, and an entry still waits, when the journal ends.
  8: openLong({ protection: stopAt('70') }),
  10: dca(1, { order: limitAt('72') }),
} as const;

const CLOSES = [100, 101, 102, 103, 105, 104, 103, 102, 102, 101, 102, 103, 104];

export interface TradedJournal {
  readonly rows: readonly JournalRow[];
  readonly engine: Engine;
  readonly session: StoreMeta;
}

/** Opens, takes a profit, adds, cancels, closes and opens again, with fees and funding. */
export function aTradedJournal(symbol = SYMBOL): TradedJournal {
  const instance = anInstance({ symbol });
  const config = aConfig({
    instances: [instance],
    instruments: [anInstrument({ symbol })],
    costs: { takerFeeBps: '4', makerFeeBps: '2', slippageBps: '1' },
  });
  const sink = new JournalSink({ sessionId: SESSION.sessionId });
  const series = new Map([[`${symbol}|1m`, new BarSeries(symbol, '1m', 100)]]);
  const engine = new Engine({ config, sink, series });
  const view = { config, state: engine.state, series };
  const definition = definitionOf(SCRIPT, nothingHeard());
  const runtime = new InlineRuntime(
    view,
    [{ instance: instance.id, definition, config: {} }],
    () => undefined,
  );
  const costs = costsOf({ takerFeeBps: '4', makerFeeBps: '2', slippageBps: '1' });
  const venue = new SimVenue({
    instruments: config.instruments,
    costs,
    fillOnTouch: false,
    volumeShareBps: null,
    shocks: new Map(),
  });
  const driver = new SimDriver(engine, venue, runtime, () => undefined);
  for (const [index, close] of CLOSES.entries()) {
    const openMs = START_MS + index * MINUTE_MS;
    const prices = { open: close, high: close + 0.5, low: close - 0.5, close };
    driver.step(aBar({ symbol, openMs, closeMs: openMs + MINUTE_MS, ...prices }), []);
    if (index === 3) payFunding(driver, engine);
  }
  const spotSymbols = symbol.includes(':') ? [] : [symbol];
  return { rows: sink.take(), engine, session: { ...SESSION, spotSymbols } };
}

function payFunding(driver: SimDriver, engine: Engine): void {
  const open = [...engine.state.positions.values()] as Position[];
  for (const { symbol, side } of open) {
    const paid = { rate: decimal('0.0001'), amount: decimal('-0.0103') };
    const base = { kind: 'funding_paid', ts: engine.now, id: `funding-${symbol}` } as const;
    driver.take({ ...base, symbol, side, ...paid });
  }
}
