import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { IDENTITY_PATH, isProof } from '../../../../adapters/src/venue-server/identity.js';
import {
  type RunningVenue,
  startVenue,
} from '../../../../adapters/src/venue-server/start-venue.js';
import { seededWalk } from '../../../../adapters/src/venue-server/seeded-walk.js';

const WALK = { seed: 1, startMs: 0, timeframeMs: 60_000, price: '50000', tick: '0.1' };

let folder: string;
let venue: RunningVenue;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'venue-'));
  venue = await startVenue({
    symbols: [{ symbol: 'BTC/USDT:USDT', timeframeMs: 60_000, bars: seededWalk(WALK) }],
    cash: '1000',
    seed: 1,
    clock: { now: () => 1_700_000_000_000 },
    logPath: join(folder, 'log.jsonl'),
  });
});

afterEach(async () => {
  await venue.stop();
  rmSync(folder, { recursive: true });
});

const get = (path: string, init: RequestInit = {}) => fetch(`${venue.url}${path}`, init);

describe('the local exchange', () => {
  test('listens on loopback only', () => {
    expect(venue.url).toBe(`http://127.0.0.1:${venue.port}`);
  });

  test('proves to whoever has its key that it is no real exchange', async () => {
    const answer = (await (await get(`${IDENTITY_PATH}?nonce=n1`)).json()) as { proof: string };
    expect(isProof(venue.identityKey, 'n1', answer.proof)).toBe(true);
    expect(isProof(venue.identityKey, 'n2', answer.proof)).toBe(false);
    expect(isProof('another key', 'n1', answer.proof)).toBe(false);
  });

  test('tells the time of its clock, moved by the skew that it was given', async () => {
    const body = JSON.stringify({ skew_ms: 5000 });
    await get('/admin/clock', { method: 'POST', body });
    const time: unknown = await (await get('/fapi/v1/time')).json();
    expect(time).toEqual({ serverTime: 1_700_000_005_000 });
  });

  test('refuses pages in a browser', async () => {
    const answer = await get('/admin/step', { method: 'POST', headers: { origin: 'http://evil' } });
    expect(answer.status).toBe(403);
  });

  test('plays as many bars as it is told to', async () => {
    const body = JSON.stringify({ bars: 3 });
    const answer: unknown = await (await get('/admin/step', { method: 'POST', body })).json();
    expect(answer).toEqual({ bars: 3, ticks: 0, time_ms: 240_000, is_done: false });
  });

  test.each([
    ['/admin/nothing', '{}', /no POST \/admin\/nothing/],
    ['/admin/step', 'not json', /not a JSON object/],
    ['/admin/step', '{"bars":"3"}', /bars is missing or not what it must be/],
    ['/admin/price', '{"symbol":"BTCUSDT","price":"-1"}', /price is missing/],
    ['/admin/price', '{"symbol":"NOPE","price":"1"}', /Invalid symbol/],
  ])('says what is wrong with %s %s', async (path, body, message) => {
    const answer = await get(path, { method: 'POST', body });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringMatching(message)]);
  });

  test('answers 404 to a path that it does not know', async () => {
    expect((await get('/fapi/v1/nothing')).status).toBe(404);
  });

  test('keeps keys and signatures out of its log, in memory and on disk', async () => {
    const headers = { 'x-mbx-apikey': venue.credentials.apiKey };
    const created = await get('/fapi/v1/listenKey', { method: 'POST', headers });
    const { listenKey } = (await created.json()) as { listenKey: string };
    await get(`/fapi/v1/listenKey?listenKey=${listenKey}`, { method: 'PUT', headers });
    await get('/fapi/v3/account?timestamp=1&signature=abcdef', { headers });
    const text = await (await get('/admin/log')).text();
    expect(readFileSync(join(folder, 'log.jsonl'), 'utf8')).toBe(text);
    expect(text.trim().split('\n')).toHaveLength(3);
    for (const secret of [listenKey, 'abcdef', ...Object.values(venue.credentials)]) {
      expect(text).not.toContain(secret);
    }
  });
});
