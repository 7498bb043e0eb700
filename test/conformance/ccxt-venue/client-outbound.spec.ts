import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultRule } from '../../../adapters/src/venue-server/faults.js';
import type { RunningVenue } from '../../../adapters/src/venue-server/start-venue.js';
import type { CallResult } from '../../../adapters/src/venue/ccxt/exchange-client.js';
import { SYMBOL, aVenue, admin } from '../ccxt-client.js';
import {
  type ClientUnderTest,
  aCcxtClient,
  failed,
  keepUserStream,
  market,
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

describe('what leaves', () => {
  test('goes to the configured address only, of every instance and interface', () => {
    const urls = JSON.stringify(under.client.exchange.urls);
    expect(
      urls.match(/(?:https?|wss?):\/\/[^/"]+/g)!.every((url) => url.includes('127.0.0.1')),
    ).toBe(true);
    expect(under.client.exchange.httpProxy).toBeUndefined();
    expect(under.client.exchange.httpsProxy).toBeUndefined();
    expect(under.client.exchange.socksProxy).toBeUndefined();
  });

  test('is refused for another host by HTTP and by WebSocket, before anything leaves', async () => {
    let hits = 0;
    const foreign = createServer((_, response) => {
      hits += 1;
      response.end('{}');
    });
    foreign.on('connection', () => (hits += 1));
    foreign.listen(0, '127.0.0.1');
    await once(foreign, 'listening');
    const { port } = foreign.address() as AddressInfo;
    const result = under.client.call('fetchTime', (one) => {
      (one.urls['api'] as Record<string, string>)['fapiPublic'] =
        `http://foreign.localhost:${port}`;
      return one.fetchTime();
    });
    expect(await failed(result)).toMatchObject({ neverLeft: true });
    const { exchange } = under.client;
    const { ws } = exchange.urls['api'] as unknown as Record<string, Record<string, string>>;
    ws!['future'] = `ws://foreign.localhost:${port}/ws`;
    await expect(exchange.watchOHLCV(SYMBOL, '1m')).rejects.toMatchObject({
      code: 'OUTBOUND_REFUSED',
    });
    expect(hits).toBe(0);
    foreign.close();
  });

  test('does not follow a redirect', async () => {
    let hits = 0;
    const target = createServer((_, response) => {
      hits += 1;
      response.end('{"serverTime":1}');
    });
    const redirecting = createServer((request, response) => {
      const { port } = target.address() as AddressInfo;
      const location = `http://127.0.0.1:${port}${request.url ?? ''}`;
      response.writeHead(307, { location }).end();
    });
    for (const server of [target, redirecting]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    const url = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}`;
    const other = await aCcxtClient({ url, credentials: venue.credentials });
    const read = other.client.call('fetchTime', (one) => one.fetchTime());
    expect(await failed(read)).toMatchObject({ verdict: 'retry' });
    expect(hits).toBe(0);
    await other.client.close();
    for (const server of [target, redirecting]) server.close();
  });

  test('is refused at once for another host where a local exchange is claimed', async () => {
    const account = { rest_url: 'https://fapi.binance.com', identity_key: 'key' };
    await expect(aCcxtClient(venue, { account })).rejects.toMatchObject({
      code: 'OUTBOUND_REFUSED',
    });
  });
});

describe('a secret', () => {
  test('is in no event, error or log line, whatever breaks', async () => {
    const stop = await keepUserStream(under);
    const kinds = [
      'drop_before',
      'drop_after',
      'silent_after',
      'stall_body',
      'truncate',
      'html',
      'empty',
      'empty_object',
    ] as const;
    const told: unknown[] = [];
    for (const kind of kinds) {
      await setFault({ endpoint: 'POST *', kind });
      told.push(await buy(`ours-${kind}`, 400));
    }
    const mirrored = `key ${venue.credentials.apiKey} secret ${venue.credentials.secret}`;
    await setFault({ endpoint: 'POST *', kind: 'reject', code: -1022, msg: mirrored });
    told.push(await buy());
    await setFault({ endpoint: 'POST *', kind: 'html', http: 502 });
    told.push(await buy());
    await setFault({ endpoint: 'GET *', kind: 'html', http: 502 });
    told.push(await under.client.call('fetchBalance', (one) => one.fetchBalance()));
    await admin(venue, 'POST', 'stream', { action: 'expire_listen_key', which: 'user' });
    await expect.poll(() => JSON.stringify(under.events), WAIT).toContain('listenKeyExpired');
    await stop();
    const text = JSON.stringify([told.filter(isFailure), under.events, under.warnings]);
    expect(text).toContain('signature=[redacted]');
    expect(text).not.toContain(venue.credentials.apiKey);
    expect(text).not.toContain(venue.credentials.secret);
    expect(text).not.toMatch(/signature=[0-9a-f]/);
    const listenKeys = [...venue.truth.text().matchAll(/"listenKey":"([^"]+)"/g)].map(
      ([, key]) => key!,
    );
    for (const key of listenKeys) expect(text).not.toContain(key);
  });
});

function isFailure(result: unknown): boolean {
  return (result as CallResult<unknown>).ok === false;
}
