// Whatever goes wrong, and however much is logged: keys, signatures and stream keys are nowhere in
// what the command prints or leaves behind.
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { closeLong, openLong, quantity, stopAt } from '../support/bodies.js';
import type { FaultKind } from '../../adapters/src/venue-server/faults.js';
import { type Stage, aStage, ended } from './exchange-stage.js';

const CREDENTIALS = {
  apiKey: 'KEYkeyKEY0123456789abcdefKEYkeyKEY',
  secret: 'SECsecSEC9876543210fedcbaSECsecSEC',
};
const HELD = openLong({ sizing_policy: quantity('0.1'), protection: stopAt('47000') });

/** Answers of every kind that a request can meet, and what a broken stream says. */
const FAULTS: readonly (readonly [endpoint: string, kind: FaultKind, more?: object])[] = [
  ['POST /fapi/v1/order', 'drop_after'],
  ['GET /fapi/v1/order', 'html', { http: 502 }],
  ['POST /fapi/v1/algoOrder', 'silent_after'],
  ['GET /fapi/v1/algoOrder', 'truncate'],
  ['GET /fapi/v1/userTrades', 'empty'],
  ['GET /fapi/v1/openOrders', 'empty_object'],
  ['GET /fapi/v3/balance', 'reject', { http: 500, code: -1000, msg: 'it broke' }],
  ['PUT /fapi/v1/listenKey', 'drop_before'],
  ['POST /fapi/v1/listenKey', 'reject', { http: 400, code: -1125, msg: 'no such listenKey' }],
  ['stream ORDER_TRADE_UPDATE', 'unknown_enum'],
  ['stream ACCOUNT_UPDATE', 'extra_fields'],
];

test('no key, signature or stream key is printed or stored, whatever fails [R23]', async () => {
  const stage = await aStage({
    credentials: CREDENTIALS,
    script: { 0: HELD, 2: closeLong(), 4: HELD },
  });
  const streamKeys = new Set([await streamKey(stage)]);
  const run = await stage.live('--log-level', 'debug');
  for (const [endpoint, kind, more] of FAULTS) {
    stage.venue.faults.add({ endpoint, kind, ...more });
  }
  await stage.bars(3);
  stage.venue.hub.each('user', (connection) => connection.close(1008));
  stage.venue.hub.expireListenKey();
  await run.says('"state":"down"');
  await stage.until(async () => {
    const told = await stage.entries('connection');
    const states = told.map((entry) => ('state' in entry ? entry.state : ''));
    return states.includes('down') && states.lastIndexOf('ready') > states.indexOf('down');
  });
  streamKeys.add(await streamKey(stage));
  await stage.bars(3);
  const first = await ended(run, 'SIGTERM');
  expect(first.status).toBe(0);
  // A key that the exchange does not accept is an error that quotes the exchange.
  const swapped = { RUNNER_API_SECRET: `${CREDENTIALS.secret}x` };
  const refused = await stage.run(stage.liveArgs('--log-level', 'debug'), swapped);
  expect(refused.status).not.toBe(0);

  const printed = [first.stdout, first.stderr, refused.stdout, refused.stderr].join('\n');
  expect(printed).toContain('"state":"down"');
  const left = filesIn(stage.folder).filter((name) => name !== 'config.json');
  const places = new Map([['what was printed', printed], ...left.map((name) => read(stage, name))]);
  const found = (text: string | RegExp): readonly string[] =>
    [...places].filter(([, content]) => holds(content, text)).map(([name]) => name);
  // The search does find what is there: the session's database holds the requests' own words.
  expect(found('POST /fapi/v1/order').length + found('createOrder').length).toBeGreaterThan(0);
  expect(found('newClientOrderId').some((name) => name.includes('session.sqlite'))).toBe(true);
  expect(streamKeys.size).toBe(2);
  for (const secret of [CREDENTIALS.apiKey, CREDENTIALS.secret, ...streamKeys]) {
    expect(found(secret)).toEqual([]);
  }
  expect(found(/signature["=: ]+[0-9a-f]{64}/)).toEqual([]);
});

/** The user stream's key in force: who has the API key is told it again. */
async function streamKey(stage: Stage): Promise<string> {
  const { listenKey } = await stage.byHand('POST', '/fapi/v1/listenKey', {});
  return String(listenKey);
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function read({ folder }: Stage, name: string): readonly [string, string] {
  return [name, readFileSync(join(folder, name), 'latin1')];
}

function holds(content: string, text: string | RegExp): boolean {
  return typeof text === 'string' ? content.includes(text) : text.test(content);
}
