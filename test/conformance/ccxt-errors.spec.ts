import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunningVenue } from '../../adapters/src/venue-server/start-venue.js';
import { SYMBOL, type UsdmClient, aClient, aVenue, admin, failure } from './ccxt-client.js';

let venue: RunningVenue;
let client: UsdmClient;

beforeEach(async () => {
  venue = await aVenue();
  client = await aClient(venue);
  await client.loadMarkets();
});

afterEach(async () => {
  await client.close();
  await venue.stop();
});

/** The call as the exchange gets it, past the client's own rounding and checks. */
function raw(params: object): Promise<unknown> {
  const call = (client as never as Record<string, (p: object) => Promise<unknown>>)[
    'fapiPrivatePostOrder'
  ]!;
  return call.call(client, { symbol: 'BTCUSDT', side: 'BUY', ...params });
}

const MARKET = { type: 'MARKET', quantity: '0.1' };
const LIMIT = { type: 'LIMIT', quantity: '0.1', price: '49000', timeInForce: 'GTC' };

describe('a refusal of the exchange is told by code and class', () => {
  test.each([
    ['a quantity of too many digits', { ...MARKET, quantity: '0.0001' }, -1111, 'BadRequest'],
    ['a price off the tick', { ...LIMIT, price: '49000.05' }, -1111, 'BadRequest'],
    ['no quantity', { type: 'MARKET' }, -1102, 'BadRequest'],
    ['a quantity of zero', { ...MARKET, quantity: '0' }, -4003, 'BadRequest'],
    ['a negative quantity', { ...MARKET, quantity: '-0.01' }, -4003, 'BadRequest'],
    ['too large a quantity', { ...MARKET, quantity: '10001' }, -4005, 'BadRequest'],
    ['too small a notional', { ...LIMIT, quantity: '0.001', price: '1000' }, -4164, 'InvalidOrder'],
    ['more than the margin carries', { ...MARKET, quantity: '60' }, -2019, 'InsufficientFunds'],
    ['nothing to reduce', { ...MARKET, reduceOnly: 'true' }, -2022, 'InvalidOrder'],
    ['a side in one-way mode', { ...MARKET, positionSide: 'LONG' }, -4061, 'OperationRejected'],
    [
      'a post-only order that crosses',
      { ...LIMIT, price: '50100', timeInForce: 'GTX' },
      -5022,
      'OrderNotFillable',
    ],
    [
      'a fill-or-kill order too large',
      { ...LIMIT, quantity: '30', price: '50100', timeInForce: 'FOK' },
      -5021,
      'OrderNotFillable',
    ],
    [
      'a stop at the order endpoint',
      { ...MARKET, type: 'STOP_MARKET', stopPrice: '1' },
      -4120,
      'ExchangeError',
    ],
    ['an unknown symbol', { ...MARKET, symbol: 'NOPEUSDT' }, -1121, 'BadSymbol'],
    ['a price far above the market', { ...LIMIT, price: '60000' }, -4016, 'BadRequest'],
    ['an invalid client id', { ...MARKET, newClientOrderId: 'no spaces' }, -4015, 'BadRequest'],
  ])('%s', async (_, params, code, name) => {
    const { name: thrown, text } = await failure(raw(params));
    expect([thrown, text]).toEqual([name, expect.stringContaining(`"code":${code}`)]);
  });

  test('a client id that an open order has, but not one that a finished order had', async () => {
    await raw({ ...LIMIT, newClientOrderId: 'once' });
    const { name, text } = await failure(raw({ ...LIMIT, newClientOrderId: 'once' }));
    expect([name, text]).toEqual(['InvalidOrder', expect.stringContaining('-4116')]);
    await raw({ ...MARKET, newClientOrderId: 'twice' });
    await raw({ ...MARKET, newClientOrderId: 'twice' });
    expect(venue.state.trades).toHaveLength(2);
  });

  test('a stop that would trigger at once', async () => {
    const stop = client.createOrder(SYMBOL, 'market', 'sell', 0.1, undefined, {
      stopLossPrice: 50_100,
    });
    const { name, text } = await failure(stop);
    expect([name, text]).toEqual(['OrderImmediatelyFillable', expect.stringContaining('-2021')]);
  });

  test('an order nobody knows, asked for or cancelled', async () => {
    const asked = await failure(client.fetchOrder('7', SYMBOL));
    expect([asked.name, asked.text]).toEqual(['OrderNotFound', expect.stringContaining('-2013')]);
    const cancelled = await failure(client.cancelOrder('7', SYMBOL));
    expect(cancelled.text).toContain('-2011');
  });

  test('settings that are set already', async () => {
    expect((await failure(client.setPositionMode(false, SYMBOL))).text).toContain('-4059');
    client.options['setMarginMode'] = { throwMarginModeAlreadySet: true };
    expect((await failure(client.setMarginMode('cross', SYMBOL))).name).toBe(
      'MarginModeAlreadySet',
    );
  });

  test('reduce-only in hedge mode', async () => {
    await client.setPositionMode(true, SYMBOL);
    const order = raw({ ...MARKET, positionSide: 'LONG', reduceOnly: 'true' });
    expect((await failure(order)).text).toContain('-1106');
  });

  test('a halted symbol', async () => {
    await admin(venue, 'POST', 'instrument', { symbol: 'BTCUSDT', status: 'SETTLING' });
    const { name, text } = await failure(raw(MARKET));
    expect([name, text]).toEqual(['BadRequest', expect.stringContaining('-4140')]);
  });

  test('a filter that has changed since it was loaded', async () => {
    await admin(venue, 'POST', 'instrument', { symbol: 'BTCUSDT', tick: '0.5' });
    const { text } = await failure(client.createOrder(SYMBOL, 'limit', 'buy', 0.1, 49_000.1));
    expect(text).toContain('-4014');
    await client.loadMarkets(true);
    expect(client.priceToPrecision(SYMBOL, 49_000.1)).toBe('49000');
  });
});

describe('a request that cannot be trusted', () => {
  test('has a key or a signature that is wrong', async () => {
    const stranger = await aClient(venue, { apiKey: 'other' });
    expect((await failure(stranger.fetchBalance())).name).toBe('AuthenticationError');
    const forger = await aClient(venue, { secret: 'other' });
    const { name, text } = await failure(forger.fetchBalance());
    expect([name, text]).toEqual(['AuthenticationError', expect.stringContaining('-1022')]);
  });

  test.each([
    ['behind', 60_000],
    ['ahead', -60_000],
  ])('comes from a clock that is %s', async (_, skew) => {
    await admin(venue, 'POST', 'clock', { skew_ms: skew });
    const { name, text } = await failure(client.fetchBalance());
    expect([name, text]).toEqual(['InvalidNonce', expect.stringContaining('-1021')]);
    await client.loadTimeDifference();
    client.options['adjustForTimeDifference'] = true;
    await expect(client.fetchBalance()).resolves.toBeDefined();
  });
});

describe('limits', () => {
  test('are told in headers', async () => {
    await raw(MARKET);
    const headers = client.last_response_headers as Record<string, string>;
    const told = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    expect(Object.fromEntries(told)).toMatchObject({
      'x-mbx-used-weight-1m': '1',
      'x-mbx-order-count-10s': '1',
      'x-mbx-order-count-1m': '1',
    });
  });

  test.each([429, 418])(
    'beyond which everything is refused with %i until the ban ends',
    async (http) => {
      await admin(venue, 'POST', 'ban', { http, ms: 150 });
      const { name, text } = await failure(client.fetchBalance());
      expect([name, text]).toEqual(['DDoSProtection', expect.stringContaining('-1003')]);
      await expect
        .poll(() =>
          client.fetchBalance().then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
    },
  );
});

describe('reduce-only orders', () => {
  test('shrink to the position, and are refused when resting ones have all of it', async () => {
    await raw(MARKET);
    const shrunk = (await raw({
      ...LIMIT,
      side: 'SELL',
      price: '51000',
      quantity: '0.4',
      reduceOnly: 'true',
    })) as { origQty: string };
    expect(shrunk.origQty).toBe('0.1');
    const { name, text } = await failure(raw({ ...MARKET, side: 'SELL', reduceOnly: 'true' }));
    expect([name, text]).toEqual(['OperationRejected', expect.stringContaining('-4118')]);
  });

  test('shrink while they rest, and end with the position', async () => {
    await raw({ ...MARKET, quantity: '0.3' });
    const exit = { ...LIMIT, side: 'SELL', price: '51000', quantity: '0.3', reduceOnly: 'true' };
    const { orderId } = (await raw(exit)) as { orderId: string };
    await raw({ ...MARKET, side: 'SELL', quantity: '0.1' });
    expect(await client.fetchOrder(orderId, SYMBOL)).toMatchObject({ status: 'open', amount: 0.2 });
    await raw({ ...MARKET, side: 'SELL', quantity: '0.5' });
    expect((await client.fetchOrder(orderId, SYMBOL)).status).toBe('expired');
    const [position] = await client.fetchPositions([SYMBOL]);
    expect(position).toMatchObject({ side: 'short', contracts: 0.3 });
  });
});
