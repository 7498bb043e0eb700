import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunningVenue } from '../../../adapters/src/venue-server/start-venue.js';
import { checkIdentity } from '../../../adapters/src/venue/ccxt/identity-check.js';
import { START_MS, admin, failure } from '../ccxt-client.js';
import { SPOT, aSpotClient, aSpotVenue } from '../ccxt-spot-client.js';
import { listFiles, ROOT } from '../../architecture/source.js';
import { type ClientUnderTest, aCcxtClient, failed } from './a-ccxt-client.js';

let venue: RunningVenue;
let under: ClientUnderTest;

beforeEach(async () => {
  venue = await aSpotVenue();
  under = await aCcxtClient(venue, { account: { exchange: 'binance' } });
  await under.client.connect();
});

afterEach(async () => {
  await under.client.close();
  await venue.stop();
});

describe('on spot', () => {
  test('a key refused after it worked is told as that, not as a limit to wait for', async () => {
    const rule = {
      endpoint: 'GET /api/v3/account',
      kind: 'reject',
      http: 401,
      code: -2015,
    } as const;
    const naive = await aSpotClient(venue);
    await naive.fetchBalance();
    await admin(venue, 'POST', 'faults', rule);
    expect((await failure(naive.fetchBalance())).name).toBe('DDoSProtection');
    await naive.close();
    const balance = () => under.client.call('fetchBalance', (one) => one.fetchBalance());
    expect(await balance()).toMatchObject({ ok: true });
    await admin(venue, 'POST', 'faults', rule);
    expect(await failed(balance())).toMatchObject({ verdict: 'auth', untilMs: null });
    expect(await balance()).toMatchObject({ ok: true });
  });

  test.each([
    ['too large a balance', 5, undefined, { verdict: 'rejected', reason: 'other' }],
    ['a maker that would cross', 0.1, 60_000, { verdict: 'rejected', reason: 'post_only' }],
  ])('%s is definitely refused', async (_, amount, price, expected) => {
    const params = price === undefined ? {} : { postOnly: true };
    const type = price === undefined ? 'market' : 'limit';
    const order = under.client.call('createOrder', (one) =>
      one.createOrder(SPOT, type, 'buy', amount, price, params),
    );
    expect(await failed(order)).toMatchObject({ venueCode: '-2010', ...expected });
  });
});

describe('the local exchange', () => {
  test('proves itself and gives the client its time, which its stamps move', async () => {
    const question = { restUrl: venue.url, key: venue.identityKey, timeoutMs: 5000 };
    const identity = await checkIdentity(question);
    expect(identity).toMatchObject({ isLocalExchange: true, market: { speed: 0 } });
    if (!identity.isLocalExchange) return;
    expect(identity.market.marketMs).toBeLessThan(Date.now() - 86_400_000);
    expect(identity.market.marketMs).toBeGreaterThanOrEqual(START_MS);
    under.client.followMarketTime(identity.market);
    const before = under.client.clock.now();
    expect(before).toBe(identity.market.marketMs);
    const stream = under.client.exchange.watchOHLCV(SPOT, '1m').catch(() => undefined);
    const subscribed = () => venue.state.nowMs;
    await expect
      .poll(
        async () => {
          if (subscribed() < before + 3 * 60_000) await admin(venue, 'POST', 'step', { ticks: 1 });
          return under.client.clock.now();
        },
        { timeout: 15_000, interval: 100 },
      )
      .toBeGreaterThan(before);
    await stream;
  });

  test('is not taken for one by another key', async () => {
    const question = { restUrl: venue.url, key: 'other', timeoutMs: 5000 };
    expect(await checkIdentity(question)).toMatchObject({ isLocalExchange: false });
  });
});

test('ccxt is loaded by creating a client, and by importing nothing', () => {
  const files = listFiles(ROOT, 'adapters/src').filter((path) => path.endsWith('.ts'));
  const eager = files.filter((path) => {
    const text = readFileSync(`${ROOT}/${path}`, 'utf8');
    return /^(?:import|export) (?!type )[^;]*from 'ccxt'/ms.test(
      text.replaceAll(/import type[^;]*;/g, ''),
    );
  });
  expect(files.length).toBeGreaterThan(100);
  expect(eager).toEqual([]);
});
