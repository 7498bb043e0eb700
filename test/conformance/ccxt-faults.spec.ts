import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultRule } from '../../adapters/src/venue-server/faults.js';
import type { RunningVenue } from '../../adapters/src/venue-server/start-venue.js';
import { SYMBOL, type UsdmClient, aClient, aVenue, admin, failure } from './ccxt-client.js';

const ORDER = 'POST /fapi/v1/order';

let venue: RunningVenue;
let client: UsdmClient;

beforeEach(async () => {
  venue = await aVenue();
  client = await aClient(venue, { timeout: 300 });
  await client.loadMarkets();
});

afterEach(async () => {
  await client.close();
  await venue.stop();
});

const buy = () => client.createOrder(SYMBOL, 'market', 'buy', 0.1);

function setFault(rule: FaultRule): Promise<unknown> {
  return admin(venue, 'POST', 'faults', rule);
}

/** Whether the order was executed, whatever the client was told. */
const executed = () => venue.state.trades.length;

describe('a request that breaks', () => {
  test.each([
    ['drop_before', 'NetworkError', 0],
    ['drop_after', 'NetworkError', 1],
    ['silent_before', 'RequestTimeout', 0],
    ['silent_after', 'RequestTimeout', 1],
  ] as const)('by %s looks the same executed or not', async (kind, name, count) => {
    await setFault({ endpoint: ORDER, kind });
    expect((await failure(buy())).name).toBe(name);
    expect(executed()).toBe(count);
  });

  test('is executed long before its answer comes too late', async () => {
    await setFault({ endpoint: ORDER, kind: 'delay', ms: 600 });
    expect((await failure(buy())).name).toBe('RequestTimeout');
    expect(executed()).toBe(1);
  });

  test('after its headers hangs past the timeout of the client', async () => {
    await setFault({ endpoint: ORDER, kind: 'stall_body' });
    const pending = buy().then(
      () => 'answered',
      () => 'failed',
    );
    const deadline = new Promise((resolve) => {
      setTimeout(() => resolve('still waiting'), 700);
    });
    expect(await Promise.race([pending, deadline])).toBe('still waiting');
    expect(executed()).toBe(1);
    await venue.stop();
    expect(await pending).toBe('failed');
    venue = await aVenue();
  });

  test.each(['truncate', 'html', 'empty'] as const)(
    'by %s is executed and no error of the exchange',
    async (kind) => {
      await setFault({ endpoint: ORDER, kind });
      const { name } = await failure(buy());
      expect(['SocketError', 'TypeError', 'Error']).toContain(name);
      expect(executed()).toBe(1);
    },
  );

  test('by an empty object is executed and answered with an order without id', async () => {
    await setFault({ endpoint: ORDER, kind: 'empty_object' });
    expect((await buy()).id).toBeUndefined();
    expect(executed()).toBe(1);
  });

  test('behind a gateway is unavailable', async () => {
    await setFault({ endpoint: ORDER, kind: 'html', http: 502 });
    expect((await failure(buy())).name).toBe('ExchangeNotAvailable');
  });
});

describe('a code of the exchange', () => {
  test.each([
    [408, -1007, 'RequestTimeout'],
    [400, -1003, 'RateLimitExceeded'],
    [400, -1015, 'RateLimitExceeded'],
    [400, -1000, 'OperationFailed'],
    [503, -1001, 'OperationFailed'],
    [503, -1008, 'OperationFailed'],
    [400, -1021, 'InvalidNonce'],
    [401, -2015, 'AuthenticationError'],
    [400, -1022, 'AuthenticationError'],
    [400, -1121, 'BadSymbol'],
    [400, -2018, 'InsufficientFunds'],
    [400, -2019, 'InsufficientFunds'],
    [400, -2024, 'InsufficientFunds'],
    [400, -2020, 'OperationFailed'],
    [400, -2023, 'OperationFailed'],
    [400, -2021, 'OrderImmediatelyFillable'],
    [400, -2022, 'InvalidOrder'],
    [400, -2025, 'OperationRejected'],
    [400, -2027, 'OperationRejected'],
    [400, -4003, 'BadRequest'],
    [400, -4028, 'BadRequest'],
    [400, -4116, 'InvalidOrder'],
    [400, -4131, 'OperationRejected'],
    [400, -4183, 'BadRequest'],
    [400, -4192, 'PermissionDenied'],
    [400, -5027, 'OperationRejected'],
    [400, -5028, 'BadRequest'],
  ])('%i with %i is a %s', async (http, code, name) => {
    await setFault({ endpoint: ORDER, kind: 'reject', http, code });
    expect((await failure(buy())).name).toBe(name);
    expect(executed()).toBe(0);
  });

  test('can be untrue', async () => {
    await setFault({ endpoint: ORDER, kind: 'reject', http: 503, code: -1001, executes: true });
    expect((await failure(buy())).name).toBe('OperationFailed');
    expect(executed()).toBe(1);
  });

  test('hides an accepted order for a number of queries', async () => {
    const order = await client.createOrder(SYMBOL, 'limit', 'buy', 0.1, 49_000);
    await setFault({ endpoint: 'GET /fapi/v1/order', kind: 'reject', code: -2013, times: 2 });
    const ask = () => client.fetchOrder(order.id!, SYMBOL);
    expect((await failure(ask())).name).toBe('OrderNotFound');
    expect((await failure(ask())).name).toBe('OrderNotFound');
    expect((await ask()).status).toBe('open');
  });
});

describe('an answer that is old or short', () => {
  test('shows open orders as they were', async () => {
    await setFault({ endpoint: 'GET /fapi/v1/openOrders', kind: 'freeze', times: 2 });
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
    await client.createOrder(SYMBOL, 'limit', 'buy', 0.1, 49_000);
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
    expect(await client.fetchOpenOrders(SYMBOL)).toHaveLength(1);
  });

  test('holds fewer rows than were asked for', async () => {
    await buy();
    await buy();
    await setFault({ endpoint: 'GET /fapi/v1/userTrades', kind: 'page_limit', limit: 1 });
    expect(await client.fetchMyTrades(SYMBOL, undefined, 100)).toHaveLength(1);
    expect(await client.fetchMyTrades(SYMBOL, undefined, 100)).toHaveLength(2);
  });
});

describe('a rule', () => {
  test('waits for its call, lasts as long as it says, and can be taken back', async () => {
    await setFault({ endpoint: 'POST *', kind: 'reject', code: -1000, nth: 2, times: 0 });
    await buy();
    await failure(buy());
    await failure(buy());
    expect(await admin(venue, 'GET', 'faults')).toMatchObject([{ id: 1, seen: 3, met: 2 }]);
    await admin(venue, 'DELETE', 'faults?id=1');
    await buy();
    expect(executed()).toBe(2);
  });

  test('by chance meets the same calls with the same seed', async () => {
    const met = async (): Promise<readonly boolean[]> => {
      const world = await aVenue({ seed: 42 });
      const other = await aClient(world);
      world.faults.add({ endpoint: 'GET /fapi/v1/time', kind: 'reject', chance: 0.5, times: 0 });
      const calls: boolean[] = [];
      for (let call = 0; call < 20; call++) {
        calls.push(
          await other.fetchTime().then(
            () => false,
            () => true,
          ),
        );
      }
      await other.close();
      await world.stop();
      return calls;
    };
    const first = await met();
    expect(new Set(first)).toEqual(new Set([true, false]));
    expect(await met()).toEqual(first);
  });

  test('that names no fault is refused', async () => {
    await expect(setFault({ endpoint: ORDER, kind: 'nonsense' } as never)).rejects.toThrow(/kind/);
  });
});

describe('a retry after a lost answer', () => {
  test('executes a market order twice, as its id is free again', async () => {
    client.options['maxRetriesOnFailure'] = 1;
    await setFault({ endpoint: ORDER, kind: 'drop_after' });
    await client.createOrder(SYMBOL, 'market', 'buy', 0.1, undefined, { clientOrderId: 'lost' });
    expect(venue.state.trades.map(({ clientOrderId }) => clientOrderId)).toEqual(['lost', 'lost']);
  });
});
