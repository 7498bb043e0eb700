import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Exchange } from 'ccxt';
import type { FaultRule } from '../../../adapters/src/venue-server/faults.js';
import type { RunningVenue } from '../../../adapters/src/venue-server/start-venue.js';
import type { CallOptions, CallResult } from '../../../adapters/src/venue/ccxt/exchange-client.js';
import { SYMBOL, aClient, aVenue, admin, failure } from '../ccxt-client.js';
import { type ClientUnderTest, aCcxtClient } from './a-ccxt-client.js';

const ORDER = 'POST /fapi/v1/order';

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

type Ordered = Awaited<ReturnType<Exchange['createOrder']>>;

const market = (clientOrderId: string) => (exchange: Exchange) =>
  exchange.createOrder(SYMBOL, 'market', 'buy', 0.1, undefined, { clientOrderId });

function buy(options: CallOptions<Ordered> = {}, id = 'ours-1'): Promise<CallResult<Ordered>> {
  return under.client.call('createOrder', market(id), { about: 'intent/entry/1', ...options });
}

const setFault = (rule: FaultRule) => admin(venue, 'POST', 'faults', rule);
const executed = () => venue.state.trades.length;

async function failed<Value>(result: Promise<CallResult<Value>>) {
  const answer = await result;
  if (answer.ok) throw new Error('the call succeeded');
  return answer.failure;
}

describe('a call that succeeds', () => {
  test('tells when it left and when it was answered, and what was said, without secrets', async () => {
    const result = await buy();
    expect(result).toMatchObject({ ok: true, value: { clientOrderId: 'ours-1' } });
    if (!result.ok) return;
    expect(result.sentMs).toBeLessThanOrEqual(result.ackedMs);
    const messages = under.of('venue_message');
    expect(messages.map(({ channel, name }) => [channel, name])).toEqual([
      ['request', 'createOrder'],
      ['response', 'createOrder'],
    ]);
    expect(messages[0]!.body).toMatch(/^POST \/fapi\/v1\/order .*newClientOrderId=ours-1/);
    expect(messages[0]!.body).toContain('signature=[redacted]');
    expect(messages[1]!.body).toMatch(/^200 \{.*"clientOrderId":"ours-1"/);
    expect(under.of('api_error')).toEqual([]);
  });
});

describe('a refusal', () => {
  test.each([
    [400, -2019, 'rejected'],
    [400, -2022, 'rejected'],
    [400, -4164, 'rejected'],
    [400, -5022, 'rejected'],
    [400, -1021, 'clock'],
    [401, -2015, 'auth'],
    [400, -1022, 'auth'],
    [400, -1015, 'rate_limited'],
    [408, -1007, 'unknown'],
    [503, -1008, 'unknown'],
    [400, -1000, 'unknown'],
    [400, -4116, 'unknown'],
  ] as const)('%i with %i is %s by its code, whatever the class', async (http, code, verdict) => {
    await setFault({ endpoint: ORDER, kind: 'reject', http, code });
    expect(await failed(buy())).toMatchObject({
      verdict,
      httpStatus: http,
      venueCode: String(code),
      isDuplicate: code === -4116,
    });
    expect(under.of('api_error')).toMatchObject([
      { call: 'createOrder', about: 'intent/entry/1', venueCode: String(code), verdict },
    ]);
  });

  test('[naive] is another class under another address, with the tables not merged', async () => {
    const naive = await aClient(venue);
    const fresh = new (naive.constructor as new () => Exchange)();
    naive.exceptions = fresh.exceptions;
    await naive.loadMarkets();
    await setFault({ endpoint: ORDER, kind: 'reject', http: 400, code: -2019 });
    expect((await failure(naive.createOrder(SYMBOL, 'market', 'buy', 0.1))).name).toBe(
      'ExchangeError',
    );
    await naive.close();
    const tables = under.client.exchange.exceptions as Record<string, Record<string, unknown>>;
    expect(tables['exact']!['-2019']).toBe(tables['linear']!['exact' as never]!['-2019']);
  });

  test('of the kind that the caller expects is no error', async () => {
    const query = under.client.call('fetchOrder', (one) => one.fetchOrder('7', SYMBOL), {
      isExpected: ({ verdict }) => verdict === 'not_found',
    });
    expect(await failed(query)).toMatchObject({ verdict: 'not_found', venueCode: '-2013' });
    const cancel = under.client.call('cancelOrder', (one) => one.cancelOrder('7', SYMBOL));
    expect(await failed(cancel)).toMatchObject({ verdict: 'not_found', venueCode: '-2011' });
    expect(under.of('api_error').map(({ call }) => call)).toEqual(['cancelOrder']);
  });

  test('can be untrue: an error of the server leaves the outcome open', async () => {
    await setFault({ endpoint: ORDER, kind: 'reject', http: 503, code: -2019, executes: true });
    expect(await failed(buy())).toMatchObject({ verdict: 'unknown' });
    expect(executed()).toBe(1);
  });
});

describe('a broken answer', () => {
  test.each([
    ['drop_before', 0],
    ['drop_after', 1],
    ['silent_before', 0],
    ['silent_after', 1],
    ['stall_body', 1],
    ['truncate', 1],
    ['html', 1],
    ['empty', 1],
  ] as const)('by %s leaves the outcome open, executed or not', async (kind, count) => {
    await setFault({ endpoint: ORDER, kind });
    expect(await failed(buy())).toMatchObject({ verdict: 'unknown' });
    expect(executed()).toBe(count);
    expect(under.of('api_error')).toHaveLength(1);
  });

  test('ends by the deadline, where the client library alone hangs on', async () => {
    const naive = await aClient(venue, { timeout: 100 });
    await naive.loadMarkets();
    await setFault({ endpoint: ORDER, kind: 'stall_body', times: 2 });
    let isOver = false;
    const hanging = naive.createOrder(SYMBOL, 'market', 'buy', 0.1).then(
      () => undefined,
      () => undefined,
    );
    void hanging.then(() => (isOver = true));
    expect(await failed(buy())).toMatchObject({ verdict: 'unknown' });
    expect(isOver).toBe(false);
    await naive.close();
  });

  test('of a query may be asked for again', async () => {
    await setFault({ endpoint: 'GET /fapi/v1/order', kind: 'html' });
    const query = under.client.call('fetchOrder', (one) => one.fetchOrder('7', SYMBOL));
    expect(await failed(query)).toMatchObject({ verdict: 'retry' });
  });

  test('is never sent again by itself, where a naive retry fills twice', async () => {
    const naive = await aClient(venue, { timeout: 300 });
    await naive.loadMarkets();
    naive.options['maxRetriesOnFailure'] = 1;
    await setFault({ endpoint: ORDER, kind: 'drop_after' });
    await market('naive')(naive);
    expect(executed()).toBe(2);
    await naive.close();
    await setFault({ endpoint: ORDER, kind: 'drop_after' });
    expect(await failed(buy())).toMatchObject({ verdict: 'unknown' });
    expect(executed()).toBe(3);
    expect(under.client.exchange.options['maxRetriesOnFailure']).toBe(0);
  });
});

describe('an answer that comes after the deadline', () => {
  test('is handed on: the ack of an order that was executed all the same', async () => {
    await setFault({ endpoint: ORDER, kind: 'delay', ms: 500 });
    const late: CallResult<Ordered>[] = [];
    const result = buy({ deadlineMs: 100, onLate: (answer) => void late.push(answer) });
    expect(await failed(result)).toMatchObject({ verdict: 'unknown' });
    await expect.poll(() => late).toHaveLength(1);
    expect(late[0]).toMatchObject({ ok: true, value: { clientOrderId: 'ours-1' } });
  });

  test('is handed on as a verdict when it is a refusal', async () => {
    await setFault({ endpoint: ORDER, kind: 'reject', code: -2019 });
    const late: CallResult<Ordered>[] = [];
    const slow = async (exchange: Exchange): Promise<Ordered> => {
      const sent = market('x')(exchange);
      sent.catch(() => undefined);
      await new Promise((resolve) => void setTimeout(resolve, 150));
      return sent;
    };
    const options = {
      deadlineMs: 50,
      onLate: (answer: CallResult<Ordered>) => void late.push(answer),
    };
    const unhandled = watchRejections();
    expect(await failed(under.client.call('createOrder', slow, options))).toMatchObject({
      verdict: 'unknown',
    });
    await expect.poll(() => late).toHaveLength(1);
    expect(late[0]).toMatchObject({ ok: false, failure: { venueCode: '-2019' } });
    expect(late[0]).toMatchObject({ failure: { verdict: 'rejected' } });
    expect(unhandled.stop()).toHaveLength(0);
  });
});

function aGate() {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

function watchRejections() {
  const seen: unknown[] = [];
  const note = (reason: unknown): void => void seen.push(reason);
  process.on('unhandledRejection', note);
  return {
    stop: () => {
      process.off('unhandledRejection', note);
      return seen;
    },
  };
}

describe('a call of which nothing has left', () => {
  test('is a definite refusal: what the client library found wrong by itself', async () => {
    const tiny = under.client.call('createOrder', (one) =>
      one.createOrder(SYMBOL, 'market', 'buy', 0.0000001),
    );
    expect(await failed(tiny)).toMatchObject({ verdict: 'rejected', neverLeft: true });
    const nan = under.client.call('createOrder', (one) =>
      one.createOrder(SYMBOL, 'market', 'buy', Number.NaN),
    );
    expect(await failed(nan)).toMatchObject({ verdict: 'rejected', neverLeft: true });
    expect(executed()).toBe(0);
  });

  test('given up in its queue never leaves afterwards', async () => {
    const pause = aGate();
    const waiting = async (exchange: Exchange): Promise<Ordered> => {
      await pause.passed;
      return market('given-up')(exchange);
    };
    const result = under.client.call('createOrder', waiting, { deadlineMs: 30 });
    expect(await failed(result)).toMatchObject({ verdict: 'retry', neverLeft: true });
    pause.open();
    await buy({}, 'after-it');
    expect(venue.state.trades.map(({ clientOrderId }) => clientOrderId)).toEqual(['after-it']);
  });
});

describe('limits of the venue', () => {
  test('hold back what is not urgent until their time, and nothing of it leaves', async () => {
    await admin(venue, 'POST', 'ban', { http: 429, ms: 60_000 });
    expect(await failed(buy())).toMatchObject({ verdict: 'rate_limited', httpStatus: 429 });
    await admin(venue, 'POST', 'ban', { http: 429, ms: 0 });
    expect(await failed(buy())).toMatchObject({ verdict: 'rate_limited', neverLeft: true });
    expect(await buy({ urgency: 'urgent' })).toMatchObject({ ok: true });
    expect(under.of('api_error')).toHaveLength(1);
  });

  test('in a ban hold back everything', async () => {
    await admin(venue, 'POST', 'ban', { http: 418, ms: 60_000 });
    const { untilMs, verdict } = await failed(buy());
    expect(verdict).toBe('banned');
    expect(untilMs! - Date.now()).toBeGreaterThan(50_000);
    expect(await failed(buy({ urgency: 'urgent' }))).toMatchObject({ neverLeft: true });
  });

  test('are counted against the budget: asked before, reported after', async () => {
    const taken: unknown[] = [];
    const reported: unknown[] = [];
    const other = await aCcxtClient(venue, {
      parts: {
        budget: {
          take: (weight, urgency) => {
            taken.push([weight, urgency]);
            return Promise.resolve();
          },
          report: (used, limit) => void reported.push([used > 0, limit]),
          refuseUntil: () => undefined,
          refusedUntilMs: 0,
        },
      },
    });
    await other.client.connect();
    taken.length = 0;
    await other.client.call('fetchOpenOrders', (one) => one.fetchOpenOrders());
    await other.client.call('fetchOpenOrders', (one) => one.fetchOpenOrders(SYMBOL), { weight: 1 });
    await other.client.call('cancelOrder', (one) => one.cancelOrder('7', SYMBOL));
    expect(taken).toEqual([
      [40, 'normal'],
      [1, 'normal'],
      [1, 'urgent'],
    ]);
    expect(reported.at(-1)).toEqual([true, 2400]);
    await other.client.close();
  });

  test('let a lone close pass a queue of reads', async () => {
    const modes = Array.from({ length: 4 }, () =>
      under.client.call('fetchPositionMode', (one) => one.fetchPositionMode(SYMBOL), {
        deadlineMs: 20_000,
      }),
    );
    let isQueueOver = false;
    void Promise.all(modes).then(() => (isQueueOver = true));
    expect(await buy({ urgency: 'urgent' })).toMatchObject({ ok: true });
    expect(isQueueOver).toBe(false);
    await Promise.all(modes);
  });
});

describe('a clock that is wrong', () => {
  test('is told and mended at the first refusal, not by trying again', async () => {
    await admin(venue, 'POST', 'clock', { skew_ms: 60_000 });
    await new Promise((resolve) => void setTimeout(resolve, 1000));
    const requests = () => venue.truth.text().split(ORDER).length;
    const before = requests();
    expect(await failed(buy())).toMatchObject({ verdict: 'clock', venueCode: '-1021' });
    expect(requests() - before).toBe(1);
    expect(under.of('api_error').map(({ call }) => call)).toEqual(['createOrder', 'clock']);
    expect(under.warnings).toMatchObject([{ offsetMs: expect.any(Number) as number }]);
    expect(under.client.clock.offsetMs).toBeGreaterThan(59_000);
    expect(await buy()).toMatchObject({ ok: true });
    expect(await buy({ urgency: 'urgent' }, 'ours-2')).toMatchObject({ ok: true });
  });
});

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

  test('is refused at once where the account claims the local exchange and names another host', async () => {
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
      told.push(await buy({ deadlineMs: 150 }, `ours-${kind}`));
    }
    const mirrored = `key ${venue.credentials.apiKey} secret ${venue.credentials.secret}`;
    await setFault({ endpoint: 'POST *', kind: 'reject', code: -1022, msg: mirrored });
    told.push(await buy());
    await setFault({ endpoint: 'POST *', kind: 'html', http: 502 });
    told.push(await buy());
    await setFault({ endpoint: 'GET *', kind: 'html', http: 502 });
    told.push(await under.client.call('fetchBalance', (one) => one.fetchBalance()));
    await admin(venue, 'POST', 'stream', { action: 'expire_listen_key', which: 'user' });
    await expect.poll(() => JSON.stringify(under.events)).toContain('listenKeyExpired');
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

/** Owns the socket of the user's stream, as its keeper does. */
async function keepUserStream({ client }: ClientUnderTest): Promise<() => Promise<void>> {
  let isOver = false;
  const opened = aGate();
  client.onStream(({ stream, state }) => {
    if (stream === 'user' && state === 'open') opened.open();
  });
  const loop = (async () => {
    while (!isOver) {
      try {
        await client.exchange.watchOrders();
      } catch {
        return;
      }
    }
  })();
  const outcome = await Promise.race([opened.passed.then(() => 'open'), loop.then(() => 'failed')]);
  expect(outcome).toBe('open');
  return async () => {
    isOver = true;
    await client.close();
    await loop;
  };
}

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
    const opened = naive.watchOrders().then((orders) => {
      for (const { status } of orders) unified.push(String(status));
    });
    await setFault({ endpoint: 'stream ORDER_TRADE_UPDATE', kind: 'duplicate', times: 0 });
    await expect.poll(() => venue.truth.text().split('listenKey').length).toBeGreaterThan(2);
    await buy();
    await expect.poll(() => names.filter((name) => name.startsWith('FILLED')).length).toBe(2);
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
    await expect.poll(() => kept.length).toBeGreaterThan(1);
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
    await expect.poll(() => seen).toContain('ORDER_TRADE_UPDATE');
    expect(under.of('api_error')[0]).toMatchObject({ detail: 'bad listener', verdict: 'retry' });
    await stop();
  });

  test('say when they expire, which the client library ignores, and when they close', async () => {
    const changes: string[] = [];
    under.client.onStream(({ stream, state }) => void changes.push(`${stream} ${state}`));
    const stop = await keepUserStream(under);
    await admin(venue, 'POST', 'stream', { action: 'expire_listen_key', which: 'user' });
    await expect.poll(() => changes).toEqual(['user open', 'user expired']);
    await admin(venue, 'POST', 'stream', { action: 'close', code: 1008, which: 'user' });
    await expect.poll(() => changes.at(-1)).toBe('user closed');
    await stop();
  });

  test('show the fills of a liquidation, which never reach the trades of the client library', async () => {
    const kinds: unknown[] = [];
    under.client.onRaw(({ body }) => {
      kinds.push((body['o'] as Record<string, unknown> | undefined)?.['x']);
    });
    const stop = await keepUserStream(under);
    await buy();
    await admin(venue, 'POST', 'force-close', { symbol: 'BTCUSDT', kind: 'liquidation' });
    await expect.poll(() => kinds).toContain('CALCULATED');
    await stop();
  });

  test('find a dead socket after half a minute instead of six', () => {
    const { streaming } = under.client.exchange as unknown as {
      readonly streaming: { readonly keepAlive: number };
    };
    expect(streaming.keepAlive).toBe(15_000);
  });

  test('end with the client, and leave no rejection behind', async () => {
    const unhandled = watchRejections();
    const { exchange } = under.client;
    const waits = [exchange.watchOrders(), exchange.watchPositions(), exchange.watchBalance()];
    const outcomes = Promise.allSettled(waits);
    await expect.poll(() => Object.keys(exchange.clients as object).length).toBeGreaterThan(0);
    await under.client.close();
    await outcomes;
    await new Promise((resolve) => void setTimeout(resolve, 50));
    expect(unhandled.stop()).toEqual([]);
  });
});
