import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { type Found, findInSession, idsLike } from '../../../../adapters/src/api/explain-find.js';
import { ExplainWalk } from '../../../../adapters/src/api/explain-walk.js';
import { SessionLookup } from '../../../../adapters/src/store/sqlite/session-lookup.js';
import { SqliteStore } from '../../../../adapters/src/store/sqlite/sqlite-store.js';
import { idOf } from '../../../support/world.js';
import { SESSION, aTradedJournal } from '../store/a-journal.js';

const { rows, engine } = aTradedJournal();
let folder = '';
let lookup: SessionLookup;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'runner-explain-'));
  const path = join(folder, 'session.sqlite');
  const store = await SqliteStore.open({ path, session: SESSION });
  await store.append(rows);
  await store.close();
  lookup = await SessionLookup.open(path);
});
afterAll(async () => {
  await lookup.close();
  rmSync(folder, { recursive: true, force: true });
});

const find = (id: string) => findInSession(lookup, SESSION.sessionId, id);

/** The story, and how many rows were read for it. */
function told(found: Found) {
  const walk = new ExplainWalk(found, engine.config, SESSION.sessionId);
  const read = rows.findIndex((row) => !walk.take(row));
  return { ...walk.result(), read: read < 0 ? rows.length : read };
}

async function explain(id: string) {
  const found = await find(id);
  if (found === undefined) throw new Error(`${id} was not found`);
  return told(found);
}

const FIRST = idOf(0, 'open.long');
const INSTANCE = engine.config.instances[0]!.id;
const SECOND = idOf(8, 'open.long', 1, INSTANCE);

describe('a position that is over', () => {
  test('is told with each change of cash, one going on where another ends', async () => {
    const { position } = await explain(FIRST);
    const ledger = position!.ledger;
    expect(ledger.map(({ what, leg }) => leg ?? what)).toEqual(['entry', 'funding', 'tp1', 'exit']);
    expect(ledger[0]!.cash_before).toBe('10000');
    for (const [place, { cash_before: before }] of ledger.entries()) {
      if (place > 0) expect(before).toBe(ledger[place - 1]!.cash_after);
    }
    const { gross_pnl, fees, funding, net_pnl } = position!.result;
    expect(Number(gross_pnl) - Number(fees) + Number(funding)).toBeCloseTo(Number(net_pnl), 8);
    expect(Number(ledger.at(-1)!.cash_after) - 10_000).toBeCloseTo(Number(net_pnl), 8);
    expect(position!.result.exit_reason).toBe('strategy');
  });

  test('is read no further than its end', async () => {
    const { read, position } = await explain(FIRST);
    const last = position!.ledger.at(-1)!.seq;
    expect(read).toBeGreaterThanOrEqual(last);
    expect(read).toBeLessThan(rows.length / 2 + last / 2);
  });

  test('is told with the limits as they were seen before its order was there', async () => {
    const { intents } = await explain(FIRST);
    const [entry] = intents[0]!.orders;
    const seen = Object.fromEntries(entry!.risk.map(({ code, value }) => [code, value]));
    expect(seen).toMatchObject({ ORDER_RATE_EXCEEDED: '0', OPEN_ORDERS_EXCEED_MAXIMUM: '0' });
    expect(intents[0]!.input).toMatchObject({ positions: [], account: { cash: '10000' } });
  });
});

describe('a position that is open', () => {
  test('is told up to the last row, with the cash that the account has', async () => {
    const { position, read } = await explain(SECOND);
    expect(read).toBe(rows.length);
    expect(position!.result.exit_reason).toBeNull();
    expect(position!.ledger.at(-1)!.cash_after).toBe(format(engine.state.cash));
    const orders = [...engine.state.orders.values()].filter(({ intentId }) => intentId === SECOND);
    const { intents } = await explain(SECOND);
    const working = intents[0]!.orders.filter(({ status }) => status === 'accepted');
    expect(working.map(({ key }) => key)).toEqual(orders.map(({ key }) => key));
  });
});

test('a denial is told with the intent that it was, and no more is read', async () => {
  const id = idOf(1, 'dca.long', 1, INSTANCE);
  const { intents, position, read } = await explain(id);
  expect(intents).toMatchObject([{ outcome: 'BELOW_MIN_QTY', orders: [] }]);
  expect(intents[0]!.decisions).toMatchObject([{ verdict: 'denied' }]);
  expect(position).toBeNull();
  expect(read).toBeLessThan(rows.length / 2);
});

describe('an id', () => {
  test('stands for intent, order, fill or position', async () => {
    const { intents, position } = await explain(FIRST);
    const [entry] = intents[0]!.orders;
    const positionId = position!.position_id;
    const common = { intentIds: [FIRST], positionId };
    expect(await find(entry!.key)).toMatchObject({ kind: 'order', ...common });
    expect(await find(entry!.venue_order_id!)).toMatchObject({ kind: 'order', id: entry!.key });
    expect(await find(entry!.client_order_id)).toMatchObject({ kind: 'order', id: entry!.key });
    expect(await find(entry!.fills[0]!.trade_id)).toMatchObject({ kind: 'fill', ...common });
    const whole = await find(positionId);
    expect(whole).toMatchObject({ kind: 'position', positionId, isOver: true });
    expect(whole!.intentIds[0]).toBe(FIRST);
    expect(whole!.intentIds).toContain(idOf(6, 'close.long', 1, INSTANCE));
  });

  test('that nothing has is not found, one of another session neither', async () => {
    expect(await find('nothing')).toBeUndefined();
    const { client_order_id: id } = (await explain(FIRST)).intents[0]!.orders[0]!;
    expect(await findInSession(lookup, 'another-session', id)).toBeUndefined();
  });

  test('that is only part of others is answered with them, the latest first', async () => {
    const { holding } = await idsLike(lookup, '#open.long.1');
    expect(holding[0]).toBe(SECOND);
    expect(holding).toContain(FIRST);
  });
});
