import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultRule } from '../../../adapters/src/venue-server/faults.js';
import type { RunningVenue } from '../../../adapters/src/venue-server/start-venue.js';
import { aClient, aVenue, admin } from '../ccxt-client.js';
import {
  type ClientUnderTest,
  aCcxtClient,
  keepUserStream,
  market,
  watchRejections,
} from './a-ccxt-client.js';

const WAIT = { timeout: 15_000 };

let venue: RunningVenue;
let under: ClientUnderTest;

beforeEach(async () => {
  venue = await aVenue();
  under = await aCcxtClient(venue);
  await under.client.connect();
});

afterEach(async () => {
  await under.client.close();
  await venue.stop();
});

const buy = (id = 'ours-1', deadlineMs = 5000) =>
  under.client.call('createOrder', market(id), { deadlineMs });

const setFault = (rule: FaultRule) => admin(venue, 'POST', 'faults', rule);

describe('streams', () => {
  test('give every message as it came, where the client library joins and drops some', async () => {
    const unified: string[] = [];
    const names: string[] = [];
    under.client.onRaw(({ name, body }) => {
      const { X, z } = (body['o'] ?? {}) as Record<string, string>;
      if (name === 'ORDER_TRADE_UPDATE') names.push(`${X} ${z}`);
    });
    const stop = await keepUserStream(under);
    const naive = await aClient(venue);
    await naive.loadMarkets();
    const opened = (async () => {
      for (const { status } of await naive.watchOrders()) unified.push(String(status));
    })();
    await setFault({ endpoint: 'stream ORDER_TRADE_UPDATE', kind: 'duplicate', times: 0 });
    const sockets = () => Object.values(naive.clients as Record<string, { isConnected?: unknown }>);
    await expect
      .poll(() => sockets().some(({ isConnected }) => isConnected === true), WAIT)
      .toBe(true);
    await buy();
    await expect.poll(() => names.filter((name) => name.startsWith('FILLED')).length, WAIT).toBe(2);
    expect(names.slice(0, 2)).toEqual(['NEW 0', 'NEW 0']);
    await opened;
    expect(unified.length).toBeLessThan(names.length);
    await naive.close();
    await stop();
  });

  test('are kept word for word before anybody acts on them, market data excepted', async () => {
    const kept: number[] = [];
    under.client.onRaw(({ name }) => {
      const stream = under.of('venue_message').filter(({ channel }) => channel === 'stream');
      if (name === 'ORDER_TRADE_UPDATE')
        kept.push(stream.filter((one) => one.name === name).length);
    });
    const stop = await keepUserStream(under);
    await buy();
    await expect.poll(() => kept.length, WAIT).toBeGreaterThan(1);
    expect(kept).toEqual(kept.map((_, index) => index + 1));
    await stop();
  });

  test('survive a listener that throws, which is told', async () => {
    const seen: string[] = [];
    under.client.onRaw(() => {
      throw new Error('bad listener');
    });
    under.client.onRaw(({ name }) => void seen.push(name));
    const stop = await keepUserStream(under);
    await buy();
    await expect.poll(() => seen, WAIT).toContain('ORDER_TRADE_UPDATE');
    expect(under.of('api_error')[0]).toMatchObject({ detail: 'bad listener', verdict: 'retry' });
    await stop();
  });

  test('say when they expire, which the client library ignores, and when they close', async () => {
    const changes: string[] = [];
    under.client.onStream(({ stream, state }) => void changes.push(`${stream} ${state}`));
    const stop = await keepUserStream(under);
    await admin(venue, 'POST', 'stream', { action: 'expire_listen_key', which: 'user' });
    await expect.poll(() => changes, WAIT).toEqual(['user open', 'user expired']);
    await admin(venue, 'POST', 'stream', { action: 'close', code: 1008, which: 'user' });
    await expect.poll(() => changes.at(-1), WAIT).toBe('user closed');
    await stop();
  });

  test('show the fills of a liquidation, which the unified trades never have', async () => {
    const kinds: unknown[] = [];
    under.client.onRaw(({ body }) => {
      kinds.push((body['o'] as Record<string, unknown> | undefined)?.['x']);
    });
    const stop = await keepUserStream(under);
    await buy();
    await admin(venue, 'POST', 'force-close', { symbol: 'BTCUSDT', kind: 'liquidation' });
    await expect.poll(() => kinds, WAIT).toContain('CALCULATED');
    await stop();
  });

  test('find a dead socket after half a minute instead of six', () => {
    const { streaming } = under.client.exchange as unknown as {
      readonly streaming: { readonly keepAlive: number };
    };
    expect(streaming.keepAlive).toBe(15_000);
  });

  test.each(['close', 'break'])(
    '%s in a reading of their own, and leave no rejection',
    async (how) => {
      // The client library reads the positions by itself, and nobody awaits that.
      await setFault({ endpoint: 'GET /fapi/v3/positionRisk', kind: 'silent_after', times: 0 });
      const unhandled = watchRejections();
      const { exchange } = under.client;
      const outcome = Promise.allSettled([exchange.watchOrders()]);
      await expect.poll(() => venue.truth.text(), WAIT).toContain('positionRisk');
      if (how === 'close') await under.client.close();
      else await admin(venue, 'POST', 'stream', { action: 'close', code: 1008, which: 'user' });
      expect(await outcome).toMatchObject([{ status: 'rejected' }]);
      await new Promise((resolve) => void setTimeout(resolve, 50));
      expect(unhandled.stop()).toEqual([]);
    },
  );
});
