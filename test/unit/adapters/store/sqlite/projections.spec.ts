import { join } from 'node:path';
import {
  type EngineEvent,
  type EngineRecord,
  type JournalRow,
  type Position,
  averageEntry,
  decimal,
  decode,
  equity,
  format,
} from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { JournalSink } from '../../../../../adapters/src/store/journal.js';
import {
  PROJECTION_NAMES,
  PROJECTIONS,
} from '../../../../../adapters/src/store/sqlite/projection-tables.js';
import { SqliteStore } from '../../../../../adapters/src/store/sqlite/sqlite-store.js';
import { MINUTE_MS, START_MS, aBar } from '../../../../support/world.js';
import { aFolder } from '../a-folder.js';
import { SESSION, aTradedJournal, foreignRow, headOf, rowsOfBars } from '../a-journal.js';
import { script, sql } from './a-database.js';

type Tables = Readonly<Record<string, readonly unknown[]>>;

async function aPath(): Promise<string> {
  return join(await aFolder(), 'session.sqlite');
}

async function tablesOf(store: SqliteStore): Promise<Tables> {
  const tables: Record<string, readonly unknown[]> = {};
  for (const name of PROJECTION_NAMES) tables[name] = await store.rows(name);
  return tables;
}

async function tablesAfter(rows: readonly JournalRow[], batch: number): Promise<Tables> {
  const store = await SqliteStore.open({ path: await aPath(), session: SESSION });
  for (let i = 0; i < rows.length; i += batch) await store.append(rows.slice(i, i + batch));
  const tables = await tablesOf(store);
  await store.close();
  return tables;
}

const recordsOf = <Type extends EngineRecord['type']>(rows: readonly JournalRow[], type: Type) =>
  rows
    .filter(({ kind }) => kind === type)
    .map(({ payload }) => decode(payload) as Extract<EngineRecord, { type: Type }>);

describe('the tables for people', () => {
  test('are the same row by row, in batches, and all at once', async () => {
    const { rows } = aTradedJournal();
    const whole = await tablesAfter(rows, rows.length);
    expect(await tablesAfter(rows, 1)).toEqual(whole);
    expect(await tablesAfter(rows, 7)).toEqual(whole);
    const filled = PROJECTION_NAMES.filter((name) => whole[name]!.length > 0);
    // What only a venue that outlives the process tells: account-projections.spec.ts.
    const told = ['venueSnapshots', 'apiErrors', 'cashMoves', 'holds', 'connections'];
    const unheard = [...told, 'reconciliations', 'protectionGaps', 'drift'];
    expect(filled).toEqual(PROJECTION_NAMES.filter((name) => !unheard.includes(name)));
  });

  test('are the same when the store is opened anew after every commit', async () => {
    const { rows } = aTradedJournal();
    const path = await aPath();
    for (let i = 0; i < rows.length; i += 5) {
      const store = await SqliteStore.open({ path, session: SESSION });
      await store.append(rows.slice(i, i + 5));
      await store.close();
    }
    const store = await SqliteStore.openReader(path);
    expect(await tablesOf(store)).toEqual(await tablesAfter(rows, rows.length));
    await store.close();
  });

  test('can be thrown away and made again from the journal', async () => {
    const { rows, session } = aTradedJournal();
    const path = await aPath();
    const store = await SqliteStore.open({ path, session });
    await store.append(rows);
    const before = await tablesOf(store);
    for (const name of PROJECTION_NAMES) {
      await script(path, `DELETE FROM ${PROJECTIONS[name].name}`);
    }
    expect(await tablesOf(store)).not.toEqual(before);
    await store.rebuildProjections();
    expect(await tablesOf(store)).toEqual(before);
    await store.rebuildProjections();
    expect(await tablesOf(store)).toEqual(before);
    await store.close();
  });

  test('wait with quiet bars, and are right when the next change comes after a crash', async () => {
    const { rows, session } = aTradedJournal();
    const quiet = new JournalSink({ sessionId: SESSION.sessionId, head: headOf(rows) });
    const closed = aBar({ openMs: START_MS + 20 * MINUTE_MS, close: 104 });
    for (let i = 0; i < 1500; i += 1) quiet.event(closed);
    const later = aBar({ openMs: START_MS + 30 * MINUTE_MS, close: 90 });
    quiet.event(later);
    const rest = quiet.take();
    const path = await aPath();
    for (const batch of [rows, rest.slice(0, 700), rest.slice(700, 1499), rest.slice(1499)]) {
      const store = await SqliteStore.open({ path, session });
      for (const row of batch) await store.append([row]);
      await store.close();
    }
    const reader = await SqliteStore.openReader(path);
    expect(await tablesOf(reader)).toEqual(await tablesAfter([...rows, ...rest], 10_000));
    const points = await reader.rows('equity');
    await reader.close();
    expect(points.at(-1)).toMatchObject({ ts: later.closeMs });
  });

  test('take in what was appended while the store was being closed', async () => {
    const { rows, session } = aTradedJournal();
    const path = await aPath();
    const store = await SqliteStore.open({ path, session });
    const appending = store.append(rows);
    await store.close();
    await appending;
    const reader = await SqliteStore.openReader(path);
    expect(await tablesOf(reader)).toEqual(await tablesAfter(rows, rows.length));
    await reader.close();
  });

  test('catch up at the next start with what a crash kept from them', async () => {
    const { rows, session } = aTradedJournal();
    const path = await aPath();
    const store = await SqliteStore.open({ path, session });
    await store.append(rows.slice(0, 20));
    const early = (await tablesOf(store))['orderEvents'];
    await script(
      path,
      `CREATE TRIGGER late BEFORE INSERT ON projected
      BEGIN SELECT RAISE(ABORT, 'not now'); END`,
    );
    await store.append(rows.slice(20));
    expect((await tablesOf(store))['orderEvents']).toEqual(early);
    await store.close();
    await script(path, 'DROP TRIGGER late');
    const again = await SqliteStore.open({ path, session });
    expect(await tablesOf(again)).toEqual(await tablesAfter(rows, rows.length));
    await again.close();
  });

  test('never hold up the journal: a fault is told once, and a snapshot tries again', async () => {
    const { rows, session } = aTradedJournal();
    const path = await aPath();
    const faults: unknown[] = [];
    const onProjectionFault = (fault: unknown): void => void faults.push(fault);
    const store = await SqliteStore.open({ path, session, onProjectionFault });
    await script(
      path,
      `CREATE TRIGGER broken BEFORE INSERT ON equity
      BEGIN SELECT RAISE(ABORT, 'no room'); END`,
    );
    for (const row of rows) await store.append([row]);
    expect(await store.head()).toEqual(headOf(rows));
    expect(faults).toHaveLength(1);
    expect(String(faults[0])).toContain('no room');
    await script(path, 'DROP TRIGGER broken');
    await store.writeSnapshot({ seq: 5, ts: 0, state: '', plugin: null, bars: '' });
    expect(await tablesOf(store)).toEqual(await tablesAfter(rows, rows.length));
    await store.close();
  });
});

describe('what they say', () => {
  test.each([
    ['a perpetual', 'BTC/USDT:USDT'],
    ['spot', 'BTC/USDT'],
  ])('equity of %s is the engine’s, to the last digit, at the last bar', async (_case, symbol) => {
    const { rows, engine, session } = aTradedJournal(symbol);
    const store = await SqliteStore.open({ path: await aPath(), session });
    await store.append(rows);
    const points = await store.rows('equity');
    await store.close();
    const last = points.at(-1)!;
    expect(last.cash).toBe(format(engine.state.cash));
    expect(last.equity).toBe(format(equity(engine)));
    expect(last.ts).toBe(START_MS + 13 * MINUTE_MS);
    expect(points[0]).toMatchObject({ ts: START_MS + MINUTE_MS, cash: '10000', equity: '10000' });
  });

  test('a bar at which nothing changed adds no point of equity', async () => {
    const store = await SqliteStore.open({ path: await aPath(), session: SESSION });
    await store.append(rowsOfBars(50));
    expect(await store.rows('equity')).toHaveLength(1);
    await store.close();
  });

  test('cash is the sum of what fills and funding brought', async () => {
    const { rows, engine } = aTradedJournal();
    const { fills, funding } = await tablesAfter(rows, 50);
    const amounts = [
      ...(fills as { readonly cash: string }[]).map(({ cash }) => cash),
      ...(funding as { readonly amount: string }[]).map(({ amount }) => amount),
    ];
    const sum = amounts.reduce((total, amount) => total + decimal(amount), decimal('10000'));
    expect(funding).toHaveLength(1);
    expect(format(sum)).toBe(format(engine.state.cash));
  });

  test('positions are the engine’s, closed ones with their result', async () => {
    const { rows, engine } = aTradedJournal();
    const { positions } = await tablesAfter(rows, 50);
    const [closed] = recordsOf(rows, 'position_closed');
    const open = [...engine.state.positions.values()] as Position[];
    const net = closed!.position.grossPnl - closed!.position.fees + closed!.position.funding;
    expect(positions).toMatchObject([
      {
        position_id: closed!.position.id,
        status: 'closed',
        quantity: '0',
        gross_pnl: format(closed!.position.grossPnl),
        funding: '-0.0103',
        net_pnl: format(net),
        closed_ms: closed!.ts,
        exit_reason: closed!.reason,
      },
      {
        position_id: open[0]!.id,
        status: 'open',
        quantity: '1',
        entry_price: format(averageEntry(open[0]!)),
        stop_price: '70',
        closed_ms: null,
      },
    ]);
    expect(positions).toHaveLength(2);
  });

  test('pending entries are those that still wait, and none once they are over', async () => {
    const { rows, engine } = aTradedJournal();
    const { pendingEntries } = await tablesAfter(rows, 50);
    const waiting = [...engine.state.orders.values()].filter(({ action }) => action === 'entry');
    expect(waiting).toHaveLength(1);
    expect(pendingEntries).toMatchObject([
      {
        order_key: waiting[0]!.key,
        remaining: '1',
        price: '72',
        status: 'accepted',
        type: 'limit',
      },
    ]);
  });

  test('orders are where the engine left them', async () => {
    const { rows, engine } = aTradedJournal();
    const { orders } = await tablesAfter(rows, 50);
    const known = new Map(
      (
        orders as { readonly order_key: string; readonly status: string; readonly filled: string }[]
      ).map(({ order_key, status, filled }) => [order_key, { status, filled }]),
    );
    expect(known.size).toBe(recordsOf(rows, 'order_created').length);
    for (const order of engine.state.orders.values()) {
      expect(known.get(order.key)).toEqual({ status: order.status, filled: format(order.filled) });
    }
    const statuses = [...known.values()].map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set(['filled', 'cancelled', 'accepted']));
  });

  test('a late fill finds its order that is over, also after a restart', async () => {
    const { rows } = aTradedJournal();
    const [fill] = recordsOf(rows, 'fill');
    const sink = new JournalSink({ sessionId: SESSION.sessionId, head: headOf(rows) });
    sink.record({ ...fill!, tradeId: 'late' });
    const path = await aPath();
    const store = await SqliteStore.open({ path, session: SESSION });
    await store.append(rows);
    await store.close();
    const again = await SqliteStore.open({ path, session: SESSION });
    await again.append(sink.take());
    const orders = await again.rows('orders');
    await again.close();
    const order = orders.find(({ order_key }) => order_key === fill!.order);
    const ended_ms = fill!.ts;
    expect(order).toMatchObject({ status: 'filled', quantity: '1', filled: '2', ended_ms });
  });

  test('an intent is there once it was accepted or denied, with what became of it', async () => {
    const { rows } = aTradedJournal();
    const { intents } = await tablesAfter(rows, 50);
    const told = (
      intents as { readonly kind: string; readonly status: string; readonly outcome: string }[]
    ).map(({ kind, status, outcome }) => [kind, status, outcome]);
    expect(told).toContainEqual(['dca', 'denied', 'BELOW_MIN_QTY']);
    expect(told).toContainEqual(['open', 'done', 'filled']);
    expect(told).toContainEqual(['dca', 'done', 'cancelled']);
    expect(told).toContainEqual(['dca', 'working', null]);
  });

  test('each fill has its slippage and its latency', async () => {
    const { rows } = aTradedJournal();
    const { telemetry } = await tablesAfter(rows, 50);
    const [fill] = recordsOf(rows, 'fill');
    expect(telemetry).toHaveLength(recordsOf(rows, 'fill').length);
    expect(telemetry![0]).toMatchObject({
      order_key: fill!.order,
      slippage_bps: fill!.slippageBps,
      price: format(fill!.price),
      created_to_fill_ms: 0,
    });
  });

  test('what the venue refused is an error with its words, besides an event', async () => {
    const refused: EngineEvent = {
      kind: 'order_rejected',
      ts: START_MS,
      order: 'a/entry/1',
      code: 'VENUE_REJECTED',
      reason: 'other',
      detail: 'margin is insufficient',
    };
    const first = foreignRow(undefined, refused.kind, refused);
    const failed = { call: 'createOrder', about: null, httpStatus: null, venueCode: '-1007' };
    const verdict = { verdict: 'unknown', detail: 'no answer in 5 s' };
    const second = foreignRow(first, 'api_error', { ...failed, ...verdict });
    const third = foreignRow(second, 'venue_snapshot', { positions: [decimal('0.5')] });
    const tables = await tablesAfter([first, second, third], 1);
    expect(tables['apiErrors']).toMatchObject([
      {
        seq: 1,
        kind: 'order_rejected',
        order_key: 'a/entry/1',
        code: 'VENUE_REJECTED',
        detail: 'margin is insufficient',
      },
      { seq: 2, kind: 'api_error', order_key: null, code: '-1007', detail: 'no answer in 5 s' },
    ]);
    expect(tables['orderEvents']).toMatchObject([{ seq: 1, source: 'event' }]);
    const body = `{"kind":"venue_snapshot","ts":${START_MS},"positions":["0.5"]}`;
    expect(tables['venueSnapshots']).toEqual([
      { seq: 3, ts: START_MS, kind: 'venue_snapshot', body },
    ]);
  });

  test('money is plain text and never a float', async () => {
    const path = await aPath();
    const { rows, session } = aTradedJournal();
    const store = await SqliteStore.open({ path, session });
    await store.append(rows);
    await store.close();
    const columns = await sql<{
      readonly price: string;
      readonly fee: string;
      readonly kind: string;
    }>(
      path,
      'SELECT price, fee, typeof(price) || typeof(quantity) || typeof(fee) AS kind FROM fills',
    );
    expect(columns.length).toBeGreaterThan(2);
    for (const { price, fee, kind } of columns) {
      expect(kind).toBe('texttexttext');
      expect(`${price} ${fee}`).toMatch(/^\d+(\.\d+)? \d+(\.\d+)?$/);
    }
  });
});
