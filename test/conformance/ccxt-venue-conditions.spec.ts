import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { IDENTITY_PATH } from '../../adapters/src/venue-server/identity.js';
import type { RunningVenue } from '../../adapters/src/venue-server/start-venue.js';
import { SYMBOL, aClient, aSymbol, aVenue, admin, failure } from './ccxt-client.js';
import { RawClient, openUserStream } from './ccxt-raw-client.js';

let venue: RunningVenue;
let client: RawClient;

beforeEach(async () => {
  venue = await aVenue({
    symbols: [aSymbol(['50000', '50100', '49900', '50000', '50000', '50100', '50200'])],
  });
  client = (await aClient(venue, { client: RawClient })) as RawClient;
  await client.loadMarkets();
});

afterEach(async () => {
  await client.close();
  await venue.stop();
});

const raw = (name: string, params: object): Promise<unknown> =>
  (client as never as Record<string, (p: object) => Promise<unknown>>)[name]!(params);

const fault = (rule: object) => admin(venue, 'POST', 'faults', rule);

interface IncomeJson {
  readonly incomeType: string;
  readonly asset: string;
  readonly time: number;
  readonly tranId: number;
}

describe('what has been accepted', () => {
  test('does not show for as many queries as the rule says, in lists neither', async () => {
    const order = await client.createOrder(SYMBOL, 'limit', 'buy', 0.1, 49_000);
    await fault({ endpoint: 'GET /fapi/v1/order', kind: 'not_visible', times: 3 });
    await fault({ endpoint: 'GET /fapi/v1/openOrders', kind: 'not_visible', times: 1 });
    for (let query = 0; query < 3; query++) {
      const { name, text } = await failure(client.fetchOrder(order.id!, SYMBOL));
      expect([name, text]).toEqual(['OrderNotFound', expect.stringContaining('-2013')]);
    }
    expect((await client.fetchOrder(order.id!, SYMBOL)).status).toBe('open');
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
    expect(await client.fetchOpenOrders(SYMBOL)).toHaveLength(1);
  });

  test('shows late in positions that lag', async () => {
    await fault({ endpoint: 'GET /fapi/v3/positionRisk', kind: 'freeze', times: 2 });
    expect(await client.fetchPositions([SYMBOL])).toEqual([]);
    await client.createOrder(SYMBOL, 'market', 'buy', 0.1);
    expect(await client.fetchPositions([SYMBOL])).toEqual([]);
    expect(await client.fetchPositions([SYMBOL])).toHaveLength(1);
  });
});

describe('orders of one account', () => {
  test('do not trade with each other: the resting one expires in the match', async () => {
    await openUserStream(client, () => venue.hub.count);
    const resting = await client.createOrder(SYMBOL, 'limit', 'buy', 0.1, 50_000);
    await client.createOrder(SYMBOL, 'market', 'sell', 0.1);
    const { status, info } = await client.fetchOrder(resting.id!, SYMBOL);
    expect([status, (info as { status: string }).status]).toEqual(['expired', 'EXPIRED_IN_MATCH']);
    expect(client.executions()).toContainEqual(['EXPIRED', 'EXPIRED_IN_MATCH', '0']);
  });

  test('of an immediate kind end with what they got', async () => {
    const order = await client.createOrder(SYMBOL, 'limit', 'buy', 3, 50_000.1, {
      timeInForce: 'IOC',
    });
    expect(order).toMatchObject({ status: 'expired', filled: 2 });
  });

  test('are asked for their trades by id', async () => {
    const first = await client.createOrder(SYMBOL, 'market', 'buy', 0.1);
    await client.createOrder(SYMBOL, 'market', 'sell', 0.1);
    const trades = await client.fetchMyTrades(SYMBOL, undefined, undefined, { orderId: first.id });
    expect(trades.map(({ order }) => order)).toEqual([first.id]);
  });

  test('on a halted symbol are refused, but exits', async () => {
    await client.createOrder(SYMBOL, 'market', 'buy', 0.1);
    await admin(venue, 'POST', 'instrument', { symbol: 'BTCUSDT', status: 'BREAK' });
    const entry = await failure(client.createOrder(SYMBOL, 'market', 'buy', 0.1));
    expect(entry.text).toContain('-4140');
    const exit = client.createOrder(SYMBOL, 'market', 'sell', 0.1, undefined, { reduceOnly: true });
    expect((await exit).status).toBe('closed');
  });
});

describe('a conditional order', () => {
  test('that becomes a resting one is triggered until that has ended', async () => {
    await openUserStream(client, () => venue.hub.count);
    await client.createOrder(SYMBOL, 'market', 'buy', 0.2);
    await client.createOrder(SYMBOL, 'limit', 'sell', 0.2, 50_050, {
      stopLossPrice: 49_950,
      reduceOnly: true,
    });
    venue.playback.playBar();
    venue.playback.playBar();
    const states = () => client.named('ALGO_UPDATE').map(({ o }) => (o as { X: string }).X);
    await expect.poll(states).toEqual(['NEW', 'TRIGGERING', 'TRIGGERED']);
    expect(await client.fetchOpenOrders(SYMBOL)).toHaveLength(1);
    for (let bar = 0; bar < 4; bar++) venue.playback.playBar();
    await expect.poll(states).toEqual(['NEW', 'TRIGGERING', 'TRIGGERED', 'FINISHED']);
  });
});

describe('the account', () => {
  test('pays fees in the fee coin while there is enough of it', async () => {
    await admin(venue, 'POST', 'fees', { asset: 'BNB', price: '500' });
    await admin(venue, 'POST', 'transfer', { asset: 'BNB', amount: '0.01' });
    await client.createOrder(SYMBOL, 'market', 'buy', 0.1);
    await client.createOrder(SYMBOL, 'market', 'sell', 0.1);
    await client.createOrder(SYMBOL, 'market', 'buy', 0.1);
    const trades = await client.fetchMyTrades(SYMBOL);
    // 5000.01 × 0.0005 × 0.9 / 500 of 0.01, twice; then there is too little.
    expect(trades.map(({ fee }) => [fee?.currency, fee?.cost])).toEqual([
      ['BNB', 0.004_500_01],
      ['BNB', 0.004_499_99],
      ['USDT', 2.500_005],
    ]);
    const { BNB } = (await client.fetchBalance()) as never as { BNB: { total: number } };
    expect(BNB.total).toBe(0.001);
    const rows = (await raw('fapiPrivateGetIncome', { incomeType: 'COMMISSION' })) as IncomeJson[];
    expect(rows.map(({ asset }) => asset)).toEqual(['BNB', 'BNB', 'USDT']);
  });

  test('tells deposits and withdrawals on its stream and in its income', async () => {
    await openUserStream(client, () => venue.hub.count);
    await admin(venue, 'POST', 'transfer', { amount: '250' });
    await admin(venue, 'POST', 'transfer', { amount: '-50.5' });
    const told = () =>
      client.named('ACCOUNT_UPDATE').map(({ a }) => {
        const { m, B, P } = a as { m: string; B: { wb: string; bc: string }[]; P: unknown[] };
        return [m, B[0]?.bc, B[0]?.wb, P];
      });
    await expect.poll(told).toEqual([
      ['DEPOSIT', '250', '100250', []],
      ['WITHDRAW', '-50.5', '100199.5', []],
    ]);
    const rows = (await raw('fapiPrivateGetIncome', { incomeType: 'TRANSFER' })) as IncomeJson[];
    expect(rows).toMatchObject([{ income: '250' }, { income: '-50.5' }]);
  });

  test('pages its income by time, by limit and by page', async () => {
    for (let bar = 0; bar < 4; bar++) {
      await admin(venue, 'POST', 'transfer', { amount: String(bar + 1) });
      venue.playback.playBar();
    }
    const ids = async (params: object): Promise<readonly number[]> => {
      const rows = (await raw('fapiPrivateGetIncome', params)) as IncomeJson[];
      return rows.map(({ tranId }) => Number(tranId) - 900_000_001);
    };
    const all = (await raw('fapiPrivateGetIncome', {})) as IncomeJson[];
    expect(await ids({ limit: 3 })).toEqual([1, 2, 3]);
    expect(await ids({ startTime: all[0]!.time, limit: 3 })).toEqual([0, 1, 2]);
    expect(await ids({ startTime: all[0]!.time, limit: 3, page: 2 })).toEqual([3]);
    expect(await ids({ startTime: all[1]!.time, endTime: all[2]!.time })).toEqual([1, 2]);
  });

  test('finds the funding rates that were settled', async () => {
    await admin(venue, 'POST', 'funding', { symbol: 'BTCUSDT', rate: '0.0003' });
    venue.playback.playBar();
    await admin(venue, 'POST', 'funding', { symbol: 'BTCUSDT', rate: '-0.0001' });
    const history = await client.fetchFundingRateHistory(SYMBOL);
    expect(history.map(({ fundingRate }) => fundingRate)).toEqual([0.0003, -0.0001]);
    const since = await client.fetchFundingRateHistory(SYMBOL, history[1]!.timestamp);
    expect(since.map(({ fundingRate }) => fundingRate)).toEqual([-0.0001]);
  });
});

describe('the identity answer', () => {
  const ask = async ({ url }: RunningVenue) =>
    (await (await fetch(`${url}${IDENTITY_PATH}?nonce=n`)).json()) as Record<string, unknown>;

  test('tells market time and that it is stepped by hand', async () => {
    expect(await ask(venue)).toMatchObject({ market_ms: venue.state.nowMs, speed: 0 });
    venue.playback.playBar();
    expect(await ask(venue)).toMatchObject({ market_ms: venue.state.nowMs, speed: 0 });
  });

  test.each([
    [60, 60],
    ['max', null],
  ] as const)('tells the speed %s as %s', async (speed, told) => {
    const other = await aVenue({ speed });
    expect((await ask(other))['speed']).toBe(told);
    await other.stop();
  });
});
