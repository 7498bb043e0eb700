import { describe, expect, test } from 'vitest';
import type { Report } from '@strategy-runner/contracts';
import type { Explanation } from '../../adapters/src/api/explain-document.js';
import { openLong, quantity, stopAt } from '../support/bodies.js';
import { aMinuteFile, minute } from './bars.js';
import { SYMBOL, aStage, ended } from './exchange-stage.js';
import { aFile, aFolder, runJson, runRunner } from './run-runner.js';
import { expectRefused } from './refusal.js';

// Opens with a stop on the second bar, asks for too much on the third, closes on the fifth.
const PLUGIN = `
const reason = { code: 't' };
const qty = (value) => ({ mode: 'qty', qty: value, unit: 'base' });
const order = { type: 'market' };
const stop = { stop_loss: { at: { abs: '90' }, order: 'market' } };
const answers = {
  2: {
    kind: 'open', side: 'long', sizing_policy: qty('1.000000004'), order, protection: stop, reason,
  },
  3: {
    kind: 'dca', target: { side: 'long' }, level: 1, sizing_policy: qty('900'),
    protection_mode: 'keep', order, reason,
  },
  5: { kind: 'close', target: { side: 'long' }, order, reason },
};
export default { create: () => {
  let bars = 0;
  return {
    onBar: () => answers[++bars],
    snapshot: () => ({ bars }),
    restore: (state) => { bars = state.bars; },
  };
} };`;

const PRICES = [100, 101, 102, 103, 104, 105, 106];
const INSTANCE = 'BTC/USDT:USDT:plugin';

const closeMs = (bar: number): number => Date.parse(minute(bar));
const idAt = (bar: number, what: string) => `${INSTANCE}@bar:1m:${closeMs(bar)}#${what}.1`;
const OPEN = idAt(2, 'open.long');

async function aSession(folder: string, bars = PRICES.length): Promise<string> {
  const rows = PRICES.slice(0, bars).map((price) => [price, price + 1, price - 1, price] as const);
  const data = aMinuteFile(folder, rows);
  const plugin = aFile(folder, 'plugin.mjs', PLUGIN);
  const market = ['--symbol', SYMBOL, '--cash', '10000', '--fee-bps', '10', '--start', 'cold'];
  const args = ['live', '--strategy', plugin, '--data', data, ...market];
  return (await runJson<{ readonly session_id: string }>(args, folder)).session_id;
}

const explained = (folder: string, id: string, ...more: readonly string[]) =>
  runJson<Explanation>(['explain', id, ...more], folder);

describe('runner explain', () => {
  test('tells an intent from its bar over each check to fill, cash and end [X16]', async () => {
    const folder = aFolder();
    const session = await aSession(folder);
    const told = await explained(folder, OPEN);
    expect(told).toMatchObject({ session_id: session, kind: 'intent', stands_for: OPEN });
    const [intent] = told.intents;
    expect(intent).toMatchObject({ intent_id: OPEN, outcome: 'filled' });
    expect(intent!.input).toMatchObject({
      hook: 'onBar',
      trigger: `bar:1m:${closeMs(2)}`,
      as_of_ms: closeMs(2),
      bar: { open_ms: closeMs(1), open: 101, high: 102, low: 100, close: 101, volume: 100 },
      positions: [],
      account: { cash: '10000', equity: '10000', free: '10000' },
      answer: { intents: 1, fault: null },
    });
    const [decision] = intent!.decisions;
    expect(decision).toMatchObject({ verdict: 'accepted', kind: 'open', denial: null });
    expect(decision!.checks.map(({ check, verdict }) => `${check} ${verdict}`)).toEqual([
      'schema passed',
      'permission passed',
      'gates passed',
      'plan passed',
      'risk passed',
    ]);
    const [entry, stop] = intent!.orders;
    expect(entry).toMatchObject({
      leg: 'entry',
      side: 'buy',
      quantity: '1',
      status: 'filled',
      roundings: [{ field: 'quantity', from: '1.000000004', to: '1', reason: 'lot' }],
      fills: [{ quantity: '1', fee_currency: 'USDT', liquidity: 'taker', reference_price: '101' }],
    });
    // As the checks saw it: before the order was there itself.
    expect(Object.fromEntries(entry!.risk.map(({ code, value }) => [code, value]))).toMatchObject({
      ORDER_RATE_EXCEEDED: '0',
      OPEN_ORDERS_EXCEED_MAXIMUM: '0',
      NOTIONAL_EXCEEDS_MAXIMUM: '101',
      POSITION_EXCEEDS_MAXIMUM: '101',
    });
    expect(stop).toMatchObject({ leg: 'sl', stop_price: '90', status: 'cancelled' });
    const { position } = told;
    expect(position).toMatchObject({
      side: 'long',
      opened_by: OPEN,
      protection: [{ stop: '90' }],
      result: { quantity: '0', exit_reason: 'strategy' },
    });
    const [first, last] = position!.ledger;
    expect([first!.cash_before, last!.quantity_after]).toEqual(['10000', '0']);
    // Each line goes on where the one before has ended, and the last one at what the account has.
    expect(last!.cash_before).toBe(first!.cash_after);
    const status = await runJson<{ readonly equity: { readonly cash: string } }>(
      ['status'],
      folder,
    );
    expect(last!.cash_after).toBe(status.equity.cash);
    expect(Number(position!.result.net_pnl)).toBeCloseTo(Number(last!.cash_after) - 10_000, 8);
  });

  test('tells the same of each of its ids', async () => {
    const folder = aFolder();
    await aSession(folder);
    const { intents, position } = await explained(folder, OPEN);
    const [entry] = intents[0]!.orders;
    const ids = [
      ['order', entry!.key],
      ['order', entry!.client_order_id],
      ['order', entry!.venue_order_id!],
      ['fill', entry!.fills[0]!.trade_id],
    ] as const;
    for (const [kind, id] of ids) {
      expect(await explained(folder, id)).toMatchObject({ kind, id, intents, position });
    }
    const whole = await explained(folder, position!.position_id);
    expect(whole.kind).toBe('position');
    expect(whole.intents.map(({ intent_id }) => intent_id)).toEqual([OPEN, idAt(5, 'close.long')]);
    const { stdout } = await runRunner(['explain', entry!.fills[0]!.trade_id], folder);
    expect(stdout.split('\n').filter((line) => line.endsWith('<--'))).toEqual([
      expect.stringMatching(/^ {4}fill /),
      expect.stringMatching(/^ {4}entry buy 1 at /),
    ]);
  });

  test('tells of a denial its numbers and what would have to change', async () => {
    const folder = aFolder();
    await aSession(folder);
    const { intents, position } = await explained(folder, idAt(3, 'dca.long'));
    const [{ decisions, input, orders, outcome }] = intents as [Explanation['intents'][number]];
    expect(input!.positions).toMatchObject([{ side: 'long', quantity: '1' }]);
    const [{ verdict, denial, checks }] = decisions as [(typeof decisions)[number]];
    expect(verdict).toBe('denied');
    expect({ outcome, code: denial!.code, orders, position }).toEqual({
      outcome: 'LEVERAGE_EXCEEDS_MAXIMUM',
      code: 'LEVERAGE_EXCEEDS_MAXIMUM',
      orders: [],
      position: null,
    });
    const { gross_notional: gross, equity } = denial!.numbers;
    expect(denial!.change).toContain(`x equity ${equity}; it would have been ${gross}`);
    expect(checks.at(-2)).toMatchObject({ check: 'risk', verdict: 'denied' });
    const { stdout } = await runRunner(['explain', idAt(3, 'dca.long')], folder);
    expect(stdout).toContain('DENIED  risk: ');
    expect(stdout).toContain(`to pass it would need: ${denial!.change}`);
  });

  test('takes the last session that has the id, unless one is named', async () => {
    const folder = aFolder();
    const first = await aSession(folder);
    const second = await aSession(folder, 4);
    const sessionOf = async (...args: readonly [string, ...string[]]) =>
      (await explained(folder, ...args)).session_id;
    expect(await sessionOf(OPEN)).toBe(second);
    expect(await sessionOf(OPEN, '--session', first)).toBe(first);
    expect(await sessionOf(idAt(5, 'close.long'))).toBe(first);
  });

  test('names what is near an id that it does not know, and how to ask for that', async () => {
    const folder = aFolder();
    const session = await aSession(folder);
    const near = idAt(5, 'close.long');
    const refusal = { status: 66, code: 'ID_UNKNOWN', says: near };
    for (const typed of ['#close.long', '#clsoe.long.1', near.replace('close', 'closed')]) {
      const unknown = await runRunner(['explain', typed], folder);
      expectRefused(unknown, refusal);
      expect(unknown.stderr).toContain(`next: runner explain '${near}'`);
    }
    const here = await runRunner(['explain', 'nothing-like-it', '--session', session], folder);
    expectRefused(here, { status: 66, code: 'ID_UNKNOWN', says: session });
  });

  test('tells a trade of a backtest by the id that its report has [X16]', async () => {
    const folder = aFolder();
    const backtest = ['backtest', '--strategy', 'sma-cross', '--data', 'sample'];
    const report = await runJson<Report>([...backtest, '--to', '2025-01-12'], folder);
    const [{ id, pnl }] = report.trades as [Report['trades'][number]];
    const told = await explained(folder, id);
    expect(told).toMatchObject({ session_id: report.run.session_id, kind: 'position' });
    expect(told.position).toMatchObject({ result: { net_pnl: pnl } });
  });
});

test('tells of an exchange its ids and times, also while the session runs', async () => {
  const script = {
    0: openLong({ sizing_policy: quantity('0.5'), protection: stopAt('49000') }),
  };
  const stage = await aStage({ script });
  const live = await stage.live();
  await stage.bars(1);
  await stage.until(() => stage.resting.length === 1 && stage.held === 0.5);
  await stage.until(async () => (await stage.entries('protection')).length > 0);
  const order = [...stage.venue.state.orders.values()].find(({ type }) => type === 'MARKET')!;
  const explainIt = async (id: string) =>
    JSON.parse((await stage.run(['explain', id, '--json'])).stdout) as Explanation;
  const told = await explainIt(String(order.id));
  expect(told).toMatchObject({ kind: 'order' });
  const [entry] = told.intents[0]!.orders;
  expect(entry).toMatchObject({
    venue_order_id: String(order.id),
    client_order_id: order.clientOrderId,
    status: 'filled',
  });
  const eventsOf = (source: string) => entry!.events.filter((event) => event.source === source);
  expect(eventsOf('wire').map(({ what }) => what)).toEqual(
    expect.arrayContaining(['request createOrder', 'stream ORDER_TRADE_UPDATE']),
  );
  const accepted = eventsOf('venue').find(({ what }) => what === 'order_accepted');
  expect(accepted!.venue_ms).toBeGreaterThan(0);
  expect(entry!.fills[0]!.venue_ms).toBeGreaterThan(0);
  const trade = entry!.fills[0]!.trade_id;
  expect(await explainIt(order.clientOrderId)).toMatchObject({ kind: 'order' });
  expect(await explainIt(trade)).toMatchObject({ kind: 'fill', stands_for: trade });
  expect(told.position!.result).toMatchObject({ quantity: '0.5', exit_reason: null });
  await ended(live, 'SIGTERM');
});
