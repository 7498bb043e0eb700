import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { AccountStore } from '../../../adapters/src/account-store/account-store.js';
import { SqliteStore } from '../../../adapters/src/store/sqlite/sqlite-store.js';
import { closeLong, openLong, quantity, stopAt } from '../../support/bodies.js';
import { LIVE_SYMBOL, type LiveWorld, aLiveWorld } from '../../support/live-world.js';
import { expectSound, requestsTo } from './case-checks.js';
import { denialsOf, expectEachTradeOnce, isEvent, tradesOf } from './journal-reads.js';

const ORDER = 'POST /fapi/v1/order';
const OPEN = openLong({ sizing_policy: quantity('0.5'), protection: stopAt('49000') });
const SHORT = openLong({ side: 'short', sizing_policy: quantity('0.5') });

/** Takes the right to write from the session's database, as a foreign tool might. */
async function lock({ session }: LiveWorld): Promise<() => Promise<void>> {
  const database = new sqlite3.Database(session.databasePath);
  const exec = (sql: string) =>
    new Promise<void>((resolve, reject) => {
      database.exec(sql, (error) => (error === null ? resolve() : reject(error)));
    });
  database.configure('busyTimeout', 5000);
  await exec('BEGIN IMMEDIATE');
  return async () => {
    await exec('ROLLBACK');
    await new Promise<void>((resolve) => {
      database.close(() => resolve());
    });
  };
}

function emergencyFiles(world: LiveWorld): readonly string[] {
  const folder = join(accountStoreOf(world).folder, 'emergency');
  return readdirSync(folder);
}

function accountStoreOf({ session }: LiveWorld): AccountStore {
  const stateDir = join(session.path, '..', '..', 'state');
  const id = { exchange: 'binanceusdm', account: 'test' };
  return new AccountStore({ stateDir, id, clock: { now: () => Date.now() } });
}

function alarms({ logs }: LiveWorld): readonly string[] {
  return logs.filter((line) => line.includes('STORE_WRITE_FAILED'));
}

/** The rows that the journal lacks were noted, and the ledger came from the venue. */
async function expectMended(world: LiveWorld): Promise<void> {
  expect(emergencyFiles(world)).toEqual([expect.stringMatching(/\.jsonl$/)]);
  await world.restart();
  const gaps = await world.eventsOf('journal_gap');
  expect(gaps).toHaveLength(1);
  expect(gaps[0]!.rows).toBeGreaterThan(0);
  expect(emergencyFiles(world)).toEqual([expect.stringMatching(/\.noted$/)]);
  const told = [
    ...(await world.eventsOf('fill_reported')),
    ...(await world.eventsOf('external_fill')),
  ];
  expect(told.map(({ tradeId }) => tradeId).sort()).toEqual([...tradesOf(world)].sort());
}

test('S3: a fill that cannot be written while the database is locked is not lost', async () => {
  const world = await aLiveWorld({
    strategy: { 0: OPEN },
    closes: [50_000, 50_000, 48_900, 48_900],
  });
  await world.bars(2);
  const unlock = await lock(world);
  world.venue.playback.playBar();
  await world.until(() => alarms(world).length > 0);
  await world.until(() => world.state.positions.size === 0);
  await unlock();
  await expectMended(world);
  expect(world.state.positions.size).toBe(0);
});

describe.each([
  ['S4:', 'SQLITE_FULL: database or disk is full'],
  ['S5:', 'SQLITE_IOERR: disk I/O error'],
])('%s a journal that can no longer be written (%s)', (_, words) => {
  test('stops entries, lets exits go from memory, and is made up for afterwards', async () => {
    const world = await aLiveWorld({
      strategy: { 0: OPEN, 2: SHORT, 3: closeLong(), 5: SHORT, 7: OPEN, 8: OPEN },
    });
    await world.bars(2);
    const broken = vi.spyOn(SqliteStore.prototype, 'append').mockRejectedValue(new Error(words));
    onTestFinished(() => broken.mockRestore());
    await world.bars(2);
    await world.until(() => world.state.positions.size === 0);
    await world.bars(2);
    expect(world.state.positions.size).toBe(0);
    // The entry, its exit, and no other entry.
    expect(requestsTo(world, ORDER)).toHaveLength(2);
    expect(alarms(world)).toHaveLength(1);
    broken.mockRestore();
    await expectMended(world);
    // The journal lacks the exit's order, so its fill is of no order that the session knows.
    const lost = [{ about: 'order', what: 'only_at_venue' }];
    expect(await world.differences()).toMatchObject(lost);
    const [exit = ''] = tradesOf(world).slice(-1);
    expect([...world.state.holds]).toEqual([[`${LIVE_SYMBOL}|${exit}`, 'FILL_UNMATCHED']]);
    await world.bars(2);
    expect((await denialsOf(world)).at(-1)).toBe('SYMBOL_HELD');
    const operator = { by: 'somebody', reason: 'seen' };
    await accountStoreOf(world).acknowledge(operator, exit);
    await world.until(() => world.state.holds.size === 0);
    await world.bars(1);
    expect(world.state.positions.size).toBe(1);
    await expectSound(world, lost);
  });
});

test('S8: a kill survives restarts; exits go on under it', async () => {
  const world = await aLiveWorld({ strategy: { 0: OPEN, 2: SHORT, 4: closeLong(), 5: OPEN } });
  await world.bars(2);
  const store = accountStoreOf(world);
  await store.setFlag('kill', { by: 'somebody', reason: 'wrong prices' });
  await world.until(() => world.state.gates.killed);
  await world.restart();
  expect(world.state.gates.killed).toBe(true);
  await world.bars(1);
  expect(await denialsOf(world)).toEqual(['KILLED']);
  await world.restart();
  await world.bars(2);
  await world.until(() => world.state.positions.size === 0);
  await world.bars(1);
  expect(await denialsOf(world)).toEqual(['KILLED', 'KILLED']);
  expect(requestsTo(world, ORDER)).toHaveLength(2);
  await expectSound(world);
});

test('S9: a run that is told to stop waits for the order that is on its way', async () => {
  const world = await aLiveWorld({ strategy: { 0: OPEN, 2: closeLong() } });
  world.venue.faults.add({ endpoint: ORDER, kind: 'delay', ms: 1000 });
  world.venue.playback.playBar();
  await world.until(() => requestsTo(world, ORDER).length === 1);
  expect(await world.end()).toBe('test');
  await world.begin();
  const journal = await world.journal();
  const ended = journal.findIndex((entry) => isEvent(entry, 'run_ended'));
  const answered = journal.findIndex((entry) => isEvent(entry, 'order_accepted'));
  expect(answered).toBeGreaterThan(0);
  expect(answered).toBeLessThan(ended);
  expect(await world.eventsOf('order_unknown')).toEqual([]);
  expect(requestsTo(world, ORDER)).toHaveLength(1);
  await world.bars(3);
  expect(world.state.positions.size).toBe(0);
  await expectEachTradeOnce(world);
});
