// The tables for what only a venue that outlives the process tells: fills and cash of somebody
// else, holds, the connection, comparisons, gaps in protection.
import { join } from 'node:path';
import {
  type EngineEvent,
  type EngineRecord,
  decimal,
  equity,
  format,
} from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { JournalSink } from '../../../../../adapters/src/store/journal.js';
import { SqliteStore } from '../../../../../adapters/src/store/sqlite/sqlite-store.js';
import {
  MINUTE_MS,
  START_MS,
  SYMBOL,
  type World,
  type WorldOptions,
  aBar,
  aWorld,
  idOf,
  openLong,
} from '../../../../support/world.js';
import { anExternalFill } from '../../../core/execution/an-external-fill.js';
import { aFolder } from '../a-folder.js';
import { SESSION } from '../a-journal.js';

const ENTRY = `${idOf(0, 'open.long')}/entry/1`;

interface Told {
  readonly events?: readonly EngineEvent[];
  readonly records?: readonly EngineRecord[];
  readonly spotSymbols?: readonly string[];
}

/** A store of what was told, each row a commit of its own, opened anew half way. */
async function storeOf({ events = [], records = [], spotSymbols = [] }: Told) {
  const sink = new JournalSink({ sessionId: SESSION.sessionId });
  for (const record of records) sink.record(record);
  for (const event of events) sink.event(event);
  const rows = sink.take();
  const path = join(await aFolder(), 'session.sqlite');
  const half = Math.floor(rows.length / 2);
  for (const part of [rows.slice(0, half), rows.slice(half)]) {
    const store = await SqliteStore.open({ path, session: { ...SESSION, spotSymbols } });
    for (const row of part) await store.append([row]);
    await store.close();
  }
  return SqliteStore.openReader(path);
}

function holding(options: WorldOptions = {}): World {
  const world = aWorld({ strategy: { 0: openLong() }, venue: 'manual', bars: [100], ...options });
  world.venue.fill(ENTRY, '100', { fee: '0.001', feeCurrency: 'BTC' });
  return world;
}

const lastBar = (close: number): EngineEvent => aBar({ openMs: START_MS + MINUTE_MS, close });

describe('a fill of somebody else', () => {
  test('stands among the fills with its cause, and moves position and cash', async () => {
    const world = holding();
    const { order_key, ...expected } = {
      order_key: 'external:77',
      leg: 'adl',
      trade_id: 'x1',
      action: 'exit',
      quantity: '0.4',
      cash: '3.98',
    };
    world.take(anExternalFill(world, { quantity: '0.4', price: '110', fee: '0.02', cause: 'adl' }));
    const store = await storeOf({ records: world.records, events: [lastBar(120)] });
    expect((await store.rows('fills')).at(-1)).toMatchObject({ order_key, ...expected });
    expect(await store.rows('positions')).toMatchObject([{ quantity: '0.6', status: 'open' }]);
    const points = await store.rows('equity');
    await store.close();
    world.bar(120);
    expect(points.at(-1)).toMatchObject({
      cash: format(world.state.cash),
      equity: format(equity(world.engine)),
    });
  });

  test('of a symbol without bars is worth what it cost', async () => {
    const world = holding();
    const given = { symbol: 'ETH/USDT:USDT', side: 'buy', price: '2000' } as const;
    world.take(anExternalFill(world, given));
    const store = await storeOf({ records: world.records, events: [lastBar(100)] });
    expect((await store.rows('equity')).at(-1)).toMatchObject({ equity: '10000' });
    await store.close();
  });
});

test('dust is a holding beside its position, and equity counts it', async () => {
  const world = holding({ instrument: { market: 'spot', lot_size: '0.01' } });
  const told = { records: world.records, events: [lastBar(120)], spotSymbols: [SYMBOL] };
  const store = await storeOf(told);
  const positions = await store.rows('positions');
  expect(positions).toMatchObject([{ quantity: '0.009' }, { quantity: '0.99' }]);
  expect(positions[0]).toMatchObject({ position_id: `dust:${SYMBOL}`, instance: 'external' });
  world.bar(120);
  const [point] = (await store.rows('equity')).slice(-1);
  expect(point).toMatchObject({ equity: format(equity(world.engine)) });
  await store.close();
});

test('[U2] a flow of cash has a row, and cash follows it', async () => {
  const world = aWorld({ bars: [100] });
  const base = { kind: 'cash_moved', ts: world.now, cause: 'deposit' } as const;
  world.take({ ...base, id: 'a', currency: 'USDT', amount: decimal('25') });
  world.take({ ...base, id: 'b', currency: 'BNB', amount: decimal('3') });
  const store = await storeOf({ records: world.records, events: [lastBar(100)] });
  expect(await store.rows('cashMoves')).toMatchObject([
    { move_id: 'a', currency: 'USDT', amount: '25', cash: '25', cause: 'deposit' },
    { move_id: 'b', currency: 'BNB', amount: '3', cash: '0' },
  ]);
  expect((await store.rows('equity')).at(-1)).toMatchObject({ cash: '10025' });
  await store.close();
});

test('[B13] a hold is one row that says whether it stands', async () => {
  const world = holding();
  world.take(anExternalFill(world, { quantity: '0.1', tradeId: 'a' }));
  world.take(anExternalFill(world, { quantity: '0.1', tradeId: 'b' }));
  const ack = { kind: 'command', ts: world.now, command: 'resume', by: 'me' } as const;
  world.take({ ...ack, reason: 'seen', ack: 'a' });
  const store = await storeOf({ records: world.records });
  expect(await store.rows('holds')).toMatchObject([
    { ref: 'a', symbol: SYMBOL, code: 'FILL_UNMATCHED', is_held: 0, released_ms: world.now },
    { ref: 'b', symbol: SYMBOL, code: 'FILL_UNMATCHED', is_held: 1, released_ms: null },
  ]);
  await store.close();
});

test('connection, comparisons and gaps have a row each', async () => {
  const ts = START_MS;
  const down = { kind: 'connection', ts, state: 'down', detail: 'ECONNRESET' } as const;
  const item = { kind: 'position', symbol: SYMBOL, ref: 'long', ours: '1', theirs: '2' } as const;
  const compared = { isClear: false, isInconclusive: false, items: [item] };
  const store = await storeOf({
    records: [
      { type: 'reconciled', ts, takenMs: ts - 5, ...compared },
      { type: 'protection_gap', ts, positionId: 'p', sinceMs: ts - 9, unprotectedMs: 0 },
    ],
    events: [{ ...down, attempt: 2, untilMs: ts + 1000 }],
  });
  expect(await store.rows('connections')).toMatchObject([
    { state: 'down', detail: 'ECONNRESET', attempt: 2, until_ms: ts + 1000 },
  ]);
  expect(await store.rows('reconciliations')).toMatchObject([
    { taken_ms: ts - 5, is_clear: 0, is_inconclusive: 0, items: JSON.stringify([item]) },
  ]);
  expect(await store.rows('protectionGaps')).toMatchObject([
    { position_id: 'p', since_ms: ts - 9, unprotected_ms: 0 },
  ]);
  await store.close();
});

test('a triggered stop goes by the id of the order that it became', async () => {
  const world = aWorld({ strategy: { 0: openLong() }, venue: 'manual', bars: [100] });
  world.venue.accept(ENTRY);
  const base = { kind: 'order_triggered', ts: world.now, order: ENTRY } as const;
  const { records } = world.take({ ...base, venueOrderId: '4711' });
  const store = await storeOf({ records });
  expect((await store.rows('orders')).at(-1)).toMatchObject({
    is_triggered: 1,
    venue_order_id: '4711',
  });
  expect((await store.rows('orderEvents')).at(-1)).toMatchObject({ venue_order_id: '4711' });
  await store.close();
});
