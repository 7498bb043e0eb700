import { afterEach, describe, expect, test } from 'vitest';
import { decimal } from '@strategy-runner/core';
import { startVenue } from '../../../adapters/src/venue-server/start-venue.js';
import { SYMBOL, aClient, aSymbol, aVenue } from '../ccxt-client.js';
import {
  type AccountBench,
  type AccountBenchOptions,
  QUICK,
  aWhile,
  anAccount,
  until,
} from './account-bench.js';

const open: AccountBench[] = [];

async function bench(options: AccountBenchOptions = {}): Promise<AccountBench> {
  const made = await anAccount(options);
  open.push(made);
  return made;
}

async function readyBench(options: AccountBenchOptions = {}): Promise<AccountBench> {
  const made = await bench(options);
  await made.account.start();
  made.account.ready();
  return made;
}

afterEach(async () => {
  for (const made of open.splice(0)) await made.close();
});

describe('connecting', () => {
  test('reads the account first, and is ready only once the plan is accepted', async () => {
    const made = await bench();
    const snapshot = await made.account.start();
    expect(made.states()).toEqual(['connecting', 'syncing']);
    expect(snapshot).toMatchObject({ scope: 'account', symbols: [SYMBOL], positions: [] });
    expect(snapshot?.balances).toEqual([
      { currency: 'USDT', total: decimal('100000'), free: decimal('100000') },
    ]);
    made.account.ready();
    expect(made.states()).toEqual(['connecting', 'syncing', 'ready']);
    const kinds = made.events.map(({ kind }) => kind);
    expect(kinds.indexOf('venue_snapshot')).toBeLessThan(kinds.lastIndexOf('connection'));
  });

  test('tries again with a doubled pause while the venue is down, and says so', async () => {
    const first = await aVenue();
    const { port, credentials } = first;
    await first.stop();
    const made = await bench({ venue: first });
    const started = made.account.start();
    await until('three attempts', () => made.of('connection').length >= 6);
    const second = await startVenue({
      symbols: [aSymbol(['50000'])],
      cash: '100000',
      seed: 1,
      clock: { now: () => Date.now() },
      port,
      credentials,
    });
    expect(await started).toBeDefined();
    const downs = made.of('connection').filter(({ state }) => state === 'down');
    expect(downs.map(({ attempt }) => attempt)).toEqual(downs.map((_, index) => index + 1));
    const pauses = downs.map(({ ts, untilMs }) => (untilMs ?? 0) - ts);
    expect(pauses.slice(0, 3)).toEqual([40, 80, 160]);
    expect(made.logged.filter((line) => line.includes('"state":"down"'))).toHaveLength(
      downs.length,
    );
    expect(made.states().at(-1)).toBe('syncing');
    await second.stop();
  });

  test('refuses a start with a key that the venue does not accept', async () => {
    const made = await bench({ credentials: { apiKey: 'nobody', secret: 'nothing' } });
    await expect(made.account.start()).rejects.toMatchObject({
      code: 'CREDENTIALS_REJECTED',
      exitCode: 78,
    });
  });

  test('refuses a start on a symbol that the venue does not list, naming near ones', async () => {
    const made = await bench({ symbols: ['BTC/USDT'] });
    await expect(made.account.start()).rejects.toMatchObject({
      code: 'SYMBOL_UNKNOWN',
      next: `use one of ${SYMBOL}`,
    });
  });

  test('never takes a reading that failed for a snapshot', async () => {
    const made = await bench();
    await made.admin('faults', {
      endpoint: 'GET /fapi/v3/positionRisk',
      kind: 'empty_object',
      times: 2,
    });
    await made.account.start();
    expect(made.of('venue_snapshot')).toHaveLength(1);
    expect(made.states().filter((state) => state === 'down')).toHaveLength(2);
    expect(made.of('connection').find(({ state }) => state === 'down')?.detail).toBe(
      'fetchPositions: the answer is not a list',
    );
  });
});

describe('account modes', () => {
  test('P1: refuses an account in hedge mode, and a running session waits in it', async () => {
    const venue = await aVenue();
    venue.state.account.isHedged = true;
    const made = await bench({ venue });
    await expect(made.account.start()).rejects.toMatchObject({ code: 'ACCOUNT_MODE_MISMATCH' });
    venue.state.account.isHedged = false;
    const running = await readyBench({ venue });
    venue.state.account.isHedged = true;
    venue.hub.each('user', (connection) => connection.close(1006));
    await until('it is down', () => running.states().includes('down'));
    await aWhile();
    expect(running.account.state).not.toBe('ready');
    venue.state.account.isHedged = false;
    await until('it is ready again', () => running.account.state === 'ready');
    await running.close();
    await venue.stop();
  });

  test('P2: counts a margin mode that is set already as set', async () => {
    const made = await bench({
      parts: { modes: { symbols: [SYMBOL], positionMode: 'one_way', marginMode: 'cross' } },
    });
    // The reading is behind: it says isolated, the venue answers "no need to change".
    const before = made.venue.state.account.marginTypeOf.bind(made.venue.state.account);
    let isFirst = true;
    made.venue.state.account.marginTypeOf = (symbol) => {
      if (!isFirst) return before(symbol);
      isFirst = false;
      return 'ISOLATED';
    };
    await made.account.start();
    expect(made.states()).toEqual(['connecting', 'syncing']);
    expect(made.of('api_error')).toEqual([]);
  });

  test('P3: sets the leverage and believes only what it reads back', async () => {
    const modes = { symbols: [SYMBOL], positionMode: 'one_way', leverage: 3 } as const;
    const made = await bench({ parts: { modes } });
    await made.account.start();
    expect(made.venue.state.account.leverageOf('BTCUSDT')).toBe(3);

    const deaf = await bench({ parts: { modes: { ...modes, leverage: 4 } } });
    await deaf.admin('faults', { endpoint: 'GET /fapi/v1/symbolConfig', kind: 'freeze', times: 0 });
    await expect(deaf.account.start()).rejects.toMatchObject({ code: 'ACCOUNT_MODE_MISMATCH' });
  });
});

describe('in mid-session', () => {
  test('W7: (W9) reads what a closed stream missed, before it is ready again', async () => {
    const made = await readyBench();
    const { venue } = made;
    const other = await aClient(venue);
    await other.loadMarkets();
    venue.hub.each('user', (connection) => connection.close(1008));
    await other.createOrder(SYMBOL, 'market', 'buy', 0.1);
    await until('it is ready again', () => made.states().filter((s) => s === 'ready').length === 2);
    expect(made.states().join(' ')).toBe('connecting syncing ready down connecting syncing ready');
    const kinds = made.events.map(({ kind }) => kind);
    expect(kinds.indexOf('external_fill')).toBeGreaterThan(0);
    expect(kinds.indexOf('external_fill')).toBeLessThan(kinds.lastIndexOf('venue_snapshot'));
    expect(made.of('venue_snapshot').at(-1)?.positions).toEqual([
      {
        symbol: SYMBOL,
        side: 'long',
        quantity: decimal('0.1'),
        entryPrice: expect.anything() as unknown,
      },
    ]);
    await other.close();
  });

  test('W6: gets a new key and a new socket when the listen key has expired', async () => {
    const made = await readyBench();
    await made.admin('stream', { action: 'expire_listen_key' });
    await until('it is ready again', () => made.states().filter((s) => s === 'ready').length === 2);
    const other = await aClient(made.venue);
    await other.createOrder(SYMBOL, 'market', 'buy', 0.1);
    await until('the new stream tells', () => made.of('external_fill').length === 1);
    await other.close();
  });

  test('W6: finds a key that expired without a word by asking', async () => {
    const userStream = { ...QUICK.userStream, pingMs: 30, probeMs: 60 };
    const made = await readyBench({ timing: { userStream } });
    await made.admin('faults', {
      endpoint: 'stream listenKeyExpired',
      kind: 'drop_frame',
      times: 0,
    });
    await made.admin('stream', { action: 'expire_listen_key' });
    await until('it is ready again', () => made.states().filter((s) => s === 'ready').length === 2);
    expect(made.of('connection').find(({ state }) => state === 'down')?.detail).toBe(
      'the listen key has expired',
    );
  });

  test('W5: gives up a stream that is open and silent: ccxt would take six minutes', async () => {
    const userStream = { ...QUICK.userStream, pingMs: 30, deadAfterMs: 200 };
    const made = await readyBench({ timing: { userStream } });
    await made.admin('stream', { action: 'stall', which: 'user' });
    await until('it is down', () => made.states().includes('down'));
    expect(made.of('connection').find(({ state }) => state === 'down')?.detail).toMatch(
      /^no sign of life for \d+ ms$/,
    );
    await until('it is ready again', () => made.account.state === 'ready');
  });

  test('keeps a healthy stream that has nothing to say', async () => {
    const userStream = { ...QUICK.userStream, pingMs: 20, probeMs: 40, deadAfterMs: 200 };
    const made = await readyBench({ timing: { userStream } });
    await aWhile(700);
    expect(made.states()).toEqual(['connecting', 'syncing', 'ready']);
    const lines = made.venue.truth.text().split('\n');
    const renewals = lines.filter((line) => line.includes('PUT /fapi/v1/listenKey'));
    expect(renewals.length).toBeGreaterThan(1);
  });

  test('W8: finds a fill whose frames were lost, although the stream looks well', async () => {
    const made = await readyBench({ timing: { reconcile: { intervalMs: 200, quietMs: 20 } } });
    const other = await aClient(made.venue);
    await other.loadMarkets();
    for (const endpoint of ['stream ORDER_TRADE_UPDATE', 'stream ACCOUNT_UPDATE']) {
      await made.admin('faults', { endpoint, kind: 'drop_frame', times: 0 });
    }
    await other.createOrder(SYMBOL, 'market', 'buy', 0.1);
    await until('the fill is told', () => made.of('external_fill').length === 1);
    await until('a snapshot shows it', () =>
      made.of('venue_snapshot').some(({ positions }) => positions.length === 1),
    );
    // A stream that has kept something back may be keeping back everything.
    await until('the stream is opened anew', () => made.states().includes('down'));
    await until('it is ready again', () => made.account.state === 'ready');
    await other.close();
  });

  test('counts the connection as lost when readings keep failing', async () => {
    const made = await readyBench({
      timing: { reconcile: { intervalMs: 30, quietMs: 20, failuresMax: 2 } },
    });
    await made.admin('faults', {
      endpoint: 'GET /fapi/v3/balance',
      kind: 'reject',
      http: 503,
      code: -1001,
      msg: 'Internal error',
      times: 3,
    });
    await until('it is down', () => made.states().includes('down'));
    await until('it is ready again', () => made.account.state === 'ready');
  });

  test('raises the kill switch once when the outage is too long', async () => {
    const made = await readyBench({ parts: { outageKillAfterMs: 200 } });
    await made.venue.stop();
    await until('the kill comes', () => made.of('command').length > 0);
    await aWhile(300);
    expect(made.of('command')).toMatchObject([{ command: 'kill', by: 'host' }]);
  });

  test('stops without a word more', async () => {
    const made = await readyBench();
    const before = made.events.length;
    await made.account.stop();
    await made.venue.stop();
    await aWhile();
    expect(made.events.slice(before).filter(({ kind }) => kind === 'connection')).toEqual([]);
  });
});

test('no listen key appears in an event or a log line', async () => {
  const made = await readyBench();
  made.venue.hub.each('user', (connection) => connection.close(1006));
  await until('it is ready again', () => made.states().filter((s) => s === 'ready').length === 2);
  const { options } = made.client.exchange as unknown as {
    readonly options: { readonly future: { readonly listenKey: string } };
  };
  const told = JSON.stringify(made.events, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  expect(options.future.listenKey.length).toBeGreaterThan(20);
  expect(told + made.logged.join('\n')).not.toContain(options.future.listenKey);
});
