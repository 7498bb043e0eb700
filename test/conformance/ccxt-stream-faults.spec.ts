import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultRule } from '../../adapters/src/venue-server/faults.js';
import type { RunningVenue } from '../../adapters/src/venue-server/start-venue.js';
import { SYMBOL, aClient, aVenue, admin } from './ccxt-client.js';
import { RawClient, openUserStream } from './ccxt-raw-client.js';

const EVENT = 'stream ORDER_TRADE_UPDATE';
const NEW = ['NEW', 'NEW', '0'];
const FILLED = ['TRADE', 'FILLED', '0.1'];

let venue: RunningVenue;
let client: RawClient;

beforeEach(async () => {
  venue = await aVenue();
  client = (await aClient(venue, { client: RawClient })) as RawClient;
  await client.loadMarkets();
  await openUserStream(client, () => venue.hub.count);
});

afterEach(async () => {
  await client.close();
  await venue.stop();
});

async function buyWith(rule: Omit<FaultRule, 'endpoint'>): Promise<void> {
  await admin(venue, 'POST', 'faults', { endpoint: EVENT, ...rule });
  await client.createOrder(SYMBOL, 'market', 'buy', 0.1);
}

function stream(action: string, more: object = {}): Promise<unknown> {
  return admin(venue, 'POST', 'stream', { action, ...more });
}

const settled = () =>
  new Promise((resolve) => {
    setTimeout(resolve, 60);
  });

describe('a user stream', () => {
  test('loses one frame', async () => {
    await buyWith({ kind: 'drop_frame', nth: 2 });
    await settled();
    expect(client.executions()).toEqual([NEW]);
  });

  test('goes mute', async () => {
    await buyWith({ kind: 'drop_frame', times: 0 });
    await settled();
    expect(client.executions()).toEqual([]);
  });

  test('says a thing twice', async () => {
    await buyWith({ kind: 'duplicate', nth: 2 });
    await expect.poll(() => client.executions()).toEqual([NEW, FILLED, FILLED]);
  });

  test('says things in the wrong order', async () => {
    await admin(venue, 'POST', 'faults', { endpoint: 'stream ACCOUNT_UPDATE', kind: 'drop_frame' });
    await buyWith({ kind: 'reorder' });
    await expect.poll(() => client.executions()).toEqual([FILLED, NEW]);
  });

  test('says a thing late', async () => {
    await buyWith({ kind: 'delay_frame', ms: 120 });
    await expect.poll(() => client.executions()).toEqual([FILLED, NEW]);
  });

  test('says two things in one chunk', async () => {
    await buyWith({ kind: 'merge' });
    await expect.poll(() => client.executions()).toEqual([NEW, FILLED]);
  });

  test('says words that nobody knows, and goes on', async () => {
    await buyWith({ kind: 'unknown_enum' });
    const unknown = ['EXECUTION_NOBODY_KNOWS', 'STATUS_NOBODY_KNOWS', '0'];
    await expect.poll(() => client.executions()).toEqual([unknown, FILLED]);
  });

  test('says more fields than anybody knows', async () => {
    await buyWith({ kind: 'extra_fields' });
    await expect.poll(() => client.executions()).toEqual([NEW, FILLED]);
    expect(client.named('ORDER_TRADE_UPDATE')[0]).toHaveProperty('zz');
  });

  test('stalls with its connection open, and gives what it held when it goes on', async () => {
    await stream('stall');
    await client.createOrder(SYMBOL, 'market', 'buy', 0.1);
    await settled();
    expect(client.executions()).toEqual([]);
    await stream('resume');
    await expect.poll(() => client.executions()).toEqual([NEW, FILLED]);
  });

  test.each([1006, 1008])('is closed with %i, which the watcher is told', async (code) => {
    // The client leaves a rejection to nobody when its snapshot of positions is still on the way.
    await settled();
    const watching = client.watchOrders().then(
      () => 'order',
      (error: unknown) => (error as Error).constructor.name,
    );
    await stream('close', { code });
    expect(await watching).toMatch(/NetworkError|ExchangeClosedByUser/);
    await expect.poll(() => venue.hub.count).toBe(0);
  });

  test('tells a fill before the answer to its order', async () => {
    await admin(venue, 'POST', 'faults', {
      endpoint: 'POST /fapi/v1/order',
      kind: 'delay',
      ms: 150,
    });
    const order = client.createOrder(SYMBOL, 'market', 'buy', 0.1);
    await expect.poll(() => client.executions()).toEqual([NEW, FILLED]);
    expect(await Promise.race([order, Promise.resolve('not yet')])).toBe('not yet');
    await order;
  });
});
