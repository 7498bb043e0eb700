import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Exchange } from 'ccxt';
import type { FaultRule } from '../../../adapters/src/venue-server/faults.js';
import type { RunningVenue } from '../../../adapters/src/venue-server/start-venue.js';
import type { CallOptions, CallResult } from '../../../adapters/src/venue/ccxt/exchange-client.js';
import { SYMBOL, aClient, aVenue, admin, failure } from '../ccxt-client.js';
import {
  type ClientUnderTest,
  type Ordered,
  aCcxtClient,
  aGate,
  failed,
  market,
  watchRejections,
} from './a-ccxt-client.js';

const ORDER = 'POST /fapi/v1/order';

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

function buy(options: CallOptions<Ordered> = {}, id = 'ours-1'): Promise<CallResult<Ordered>> {
  return under.client.call('createOrder', market(id), { about: 'intent/entry/1', ...options });
}

const setFault = (rule: FaultRule) => admin(venue, 'POST', 'faults', rule);
const executed = () => venue.state.trades.length;

describe('a call that succeeds', () => {
  test('tells when it left and was answered, and what was said, without secrets', async () => {
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
    const { exact, linear } = under.client.exchange.exceptions as Record<
      string,
      Record<string, unknown>
    >;
    expect(exact!['-2019']).toBe((linear!['exact'] as Record<string, unknown>)['-2019']);
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
    expect(await failed(buy({ deadlineMs: 800 }))).toMatchObject({ verdict: 'unknown' });
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
    expect(await failed(buy({ deadlineMs: 800 }))).toMatchObject({ verdict: 'unknown' });
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
    expect(await failed(buy({ deadlineMs: 800 }))).toMatchObject({ verdict: 'unknown' });
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
    await expect.poll(() => late, WAIT).toHaveLength(1);
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
    await expect.poll(() => late, WAIT).toHaveLength(1);
    expect(late[0]).toMatchObject({ ok: false, failure: { venueCode: '-2019' } });
    expect(late[0]).toMatchObject({ failure: { verdict: 'rejected' } });
    expect(unhandled.stop()).toHaveLength(0);
  });
});

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
          bannedUntilMs: 0,
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
    const modes = Array.from({ length: 10 }, () =>
      under.client.call('fetchPositionMode', (one) => one.fetchPositionMode(SYMBOL), {
        deadlineMs: 20_000,
      }),
    );
    let isQueueOver = false;
    void Promise.all(modes).then(() => (isQueueOver = true));
    expect(await buy({ urgency: 'urgent' })).toMatchObject({ ok: true });
    expect([isQueueOver, under.of('api_error')]).toEqual([false, []]);
    expect((await Promise.all(modes)).filter(({ ok }) => !ok)).toEqual([]);
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
