import { afterEach, expect, test } from 'vitest';
import { decimal } from '@strategy-runner/core';
import type { RunningVenue } from '../../../adapters/src/venue-server/start-venue.js';
import { aSymbol, aVenue } from '../ccxt-client.js';
import { type AccountBench, aWhile, anAccount, until } from './account-bench.js';

const SPOT = 'BTC/USDT';

let open: { readonly made: AccountBench; readonly venue: RunningVenue } | undefined;

async function aSpotAccount(): Promise<AccountBench> {
  const symbols = [aSymbol(['50000', '50100', '49900'], { symbol: SPOT })];
  const venue = await aVenue({ symbols, spotBase: '2' });
  const made = await anAccount({ venue, exchange: 'binance', symbols: [SPOT] });
  open = { made, venue };
  await made.account.start();
  made.account.ready();
  return made;
}

afterEach(async () => {
  await open?.made.close();
  await open?.venue.stop();
});

test('a spot account is its balances, locked ones included, and has no positions', async () => {
  const made = await aSpotAccount();
  expect(made.states()).toEqual(['connecting', 'syncing', 'ready']);
  expect(made.of('venue_snapshot')[0]).toMatchObject({
    scope: 'account',
    positions: [],
    balances: expect.arrayContaining([
      { currency: 'BTC', total: decimal('2'), free: decimal('2') },
      { currency: 'USDT', total: decimal('100000'), free: decimal('100000') },
    ]) as unknown,
  });
});

test('a deposit to spot is told by the stream as a flow of cash', async () => {
  const made = await aSpotAccount();
  await made.admin('transfer', { wallet: 'spot', amount: '25', asset: 'USDT' });
  await until('it is told', () => made.of('cash_moved').length === 1);
  expect(made.of('cash_moved')[0]).toMatchObject({
    cause: 'transfer',
    currency: 'USDT',
    amount: decimal('25'),
  });
});

test('W6: a subscription that the venue ends is made again', async () => {
  const made = await aSpotAccount();
  await made.admin('stream', { action: 'end_subscription' });
  await until('it is ready again', () => made.states().filter((s) => s === 'ready').length === 2);
  await made.admin('transfer', { wallet: 'spot', amount: '25', asset: 'USDT' });
  await until('the new one tells', () => made.of('cash_moved').length === 1);
});

test('W7: a closed socket is opened again', async () => {
  const made = await aSpotAccount();
  made.venue.hub.each('user', (connection) => connection.close(1006));
  await until('it is ready again', () => made.states().filter((s) => s === 'ready').length === 2);
  await aWhile();
  expect(made.account.state).toBe('ready');
});

test('quotes of spot come from its own book', async () => {
  const made = await aSpotAccount();
  await until('there is one', () => made.account.quote(SPOT) !== null);
  expect(made.account.quote(SPOT)!.bid).toBeGreaterThan(0n);
});
