import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { backtest } from '../../../../adapters/src/api/backtest.js';
import { inputsOf } from '../../../../adapters/src/api/backtest-inputs.js';
import { withJournal } from '../../../../adapters/src/api/backtest-journal.js';
import { explain } from '../../../../adapters/src/api/explain.js';
import { replaySession } from '../../../../adapters/src/api/replay-session.js';
import { verifySession } from '../../../../adapters/src/api/verify-session.js';
import { SystemClock } from '../../../../adapters/src/clock/system-clock.js';
import { writeBacktestSession } from '../../../../adapters/src/report/backtest-session.js';
import { resultHash } from '../../../../adapters/src/report/build-report.js';
import {
  readSessionFolder,
  type SessionFolder,
} from '../../../../adapters/src/store/session-folder.js';
import { lockSession } from '../../../../adapters/src/store/session-lock.js';
import { aFolder } from '../store/a-folder.js';

const SYMBOL = 'BTC/USDT:USDT';
const START_MS = Date.UTC(2024, 0, 1);
const MINUTE_MS = 60_000;
const closeMs = (bar: number) => START_MS + bar * MINUTE_MS;
const OPEN = `${SYMBOL}:plugin@bar:1m:${closeMs(2)}#open.long.1`;

const pluginText = (size = "'0.5'") => `
const reason = { code: 't' };
const order = { type: 'market' };
const target = { side: 'long' };
export default { create: () => {
  let n = 0;
  return { onBar: () => {
    console.log('printed');
    n += 1;
    const sizing_policy = { mode: 'qty', qty: ${size}, unit: 'base' };
    if (n % 8 === 2) return { kind: 'open', side: 'long', sizing_policy, order, reason };
    if (n % 8 === 4) return { kind: 'dca', target, level: 1, sizing_policy, order, reason };
    if (n % 8 === 6) return { kind: 'close', target, order, reason };
  } };
} };`;

function barsText(change = 0): string {
  const rows = Array.from({ length: 60 }, (_, i) => {
    const price = 100 + (i % 7) + (i === 40 ? change : 0);
    return `${new Date(closeMs(i)).toISOString()},${price},${price + 2},${price - 2},${price},9`;
  });
  return ['timestamp,open,high,low,close,volume', ...rows, ''].join('\n');
}

const FUNDING = `timestamp,funding_rate\n${new Date(closeMs(3)).toISOString()},0.0003\n`;

let cwd: string;
let path: (name: string) => string;

/** What plugins print past the host. */
let printed: readonly unknown[];

beforeEach(async () => {
  const console = vi.spyOn(globalThis.console, 'log').mockImplementation(() => undefined);
  onTestFinished(() => console.mockRestore());
  printed = console.mock.calls;
  cwd = await aFolder();
  path = (name) => join(cwd, name);
  writeFileSync(path('plugin.mjs'), pluginText());
  writeFileSync(path('bars.csv'), barsText());
  writeFileSync(path('funding.csv'), FUNDING);
});

/** As `runner backtest` does it, in a folder `sessions`. */
async function aBacktest(sessionId = 'one', strategy = './plugin.mjs'): Promise<SessionFolder> {
  const options = {
    cwd,
    strategy,
    data: path('bars.csv'),
    funding: path('funding.csv'),
    symbol: SYMBOL,
    fromMs: closeMs(1),
    toMs: closeMs(55),
    seed: 7,
    feeBps: '10',
  };
  const result = await backtest({ ...options, clock: new SystemClock(), sessionId: 'backtest' });
  const inputs = inputsOf(result.setup, options);
  const target = { sessionId, sessionsDir: path('sessions'), inputs };
  return readSessionFolder(
    await writeBacktestSession(result, { ...target, resultHash: resultHash(result) }),
  );
}

function expectNoJournal({ path: folder }: SessionFolder): void {
  const names = readdirSync(folder).filter((name) => name.startsWith('session.sqlite'));
  expect(names).toEqual([]);
}

describe('the journal of a backtest', () => {
  test('is made when it is needed: it verifies, replays and explains a fill [X16]', async () => {
    const folder = await aBacktest();
    expect(readdirSync(folder.path).sort()).toEqual(['session.json', 'trace.json']);
    const options = { sessionsDir: path('sessions'), session: 'one', id: `${OPEN}/entry/1#1` };
    const told = await explain(options);
    expect(told).toMatchObject({ session_id: 'one', kind: 'fill' });
    expect(told.intents[0]).toMatchObject({
      intent_id: OPEN,
      outcome: 'filled',
      input: { trigger: `bar:1m:${closeMs(2)}`, bar: { close: 101 } },
      orders: [{ quantity: '0.5', status: 'filled' }],
    });
    expect(told.position).toMatchObject({ result: { funding: '-0.01545' } });
    const made = await readSessionFolder(folder.path);
    const verdict = await verifySession(made);
    expect(verdict).toMatchObject({ isSound: true, head: made.metadata.journal_head });
    const replayed = await replaySession({ folder: made, levels: ['engine', 'strategy'] });
    expect(replayed).toMatchObject({ isSame: true, comparison: 'bytes' });
  });

  test('is made once', async () => {
    const folder = await aBacktest();
    await withJournal(folder);
    const before = readFileSync(folder.databasePath);
    rmSync(path('bars.csv'));
    await withJournal(folder);
    expect(readFileSync(folder.databasePath).equals(before)).toBe(true);
  });

  test('tells how many bars have been played', async () => {
    const told: (readonly [number, number])[] = [];
    await withJournal(await aBacktest(), (done, total) => told.push([done, total]));
    expect([told[0], told.at(-1)]).toEqual([
      [1, 55],
      [55, 55],
    ]);
  });

  test('lets its plugin print nothing that it had printed before', async () => {
    const folder = await aBacktest();
    const before = printed.length;
    expect(before).toBeGreaterThan(0);
    await withJournal(folder);
    expect(printed).toHaveLength(before);
  });

  test('begins anew where making it was cut off', async () => {
    const folder = await aBacktest();
    for (const end of ['', '-wal', '-shm']) {
      writeFileSync(`${folder.databasePath}.tmp${end}`, 'half of it');
    }
    expect(await verifySession(await withJournal(folder))).toMatchObject({ isSound: true });
    expect(readdirSync(folder.path).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  test('is not made by two at once', async () => {
    const folder = await aBacktest();
    const release = await lockSession(folder, '2024-01-01T00:00:00Z');
    await expect(withJournal(folder)).rejects.toMatchObject({ code: 'SESSION_BUSY' });
    await release();
    expect(await verifySession(await withJournal(folder))).toMatchObject({ isSound: true });
  });
});

describe('explain without a session', () => {
  test('finds an id of a backtest by its trace and leaves the other ones alone', async () => {
    const earlier = await aBacktest('one');
    writeFileSync(path('another.mjs'), pluginText());
    const later = await aBacktest('two', './another.mjs');
    const sessionsDir = path('sessions');
    expect(await explain({ sessionsDir, id: OPEN })).toMatchObject({ session_id: earlier.id });
    const position = `pos:${OPEN}`;
    expect(await explain({ sessionsDir, id: position })).toMatchObject({ session_id: earlier.id });
    await expect(explain({ sessionsDir, id: 'pos:none' })).rejects.toMatchObject({
      code: 'ID_UNKNOWN',
    });
    expectNoJournal(later);
  });
});

describe('the journal of a backtest is refused, by the name of what has changed', () => {
  async function expectRefused(folder: SessionFolder, what: string): Promise<void> {
    await expect(withJournal(folder)).rejects.toMatchObject({
      code: 'SESSION_PREMISES_CHANGED',
      message: expect.stringContaining(what),
    });
    expectNoJournal(folder);
  }

  const edit = (folder: SessionFolder, name: string, from: RegExp, to: string): void => {
    const file = join(folder.path, name);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(from);
    writeFileSync(file, text.replace(from, to));
  };

  test('for other bars, and for bars that are gone', async () => {
    const folder = await aBacktest();
    writeFileSync(path('bars.csv'), barsText(1));
    await expectRefused(folder, `its bars in ${path('bars.csv')}`);
    rmSync(path('bars.csv'));
    await expectRefused(folder, `its bars in ${path('bars.csv')}`);
  });

  test('for another plugin, and for one that is gone', async () => {
    const folder = await aBacktest();
    writeFileSync(path('plugin.mjs'), pluginText("'0.6'"));
    await expectRefused(folder, 'its plugin ./plugin.mjs');
    rmSync(path('plugin.mjs'));
    await expectRefused(folder, 'its plugin ./plugin.mjs');
  });

  test('for other funding', async () => {
    const folder = await aBacktest();
    writeFileSync(path('funding.csv'), FUNDING.replace('0.0003', '0.0004'));
    await expectRefused(folder, `its funding in ${path('funding.csv')}`);
  });

  test('for another host under which it comes out otherwise', async () => {
    const folder = await aBacktest();
    edit(folder, 'trace.json', /"result_hash":"./, '"result_hash":"-');
    edit(folder, 'session.json', /"host_version": "[^"]*"/, '"host_version": "0.0.9"');
    await expectRefused(await readSessionFolder(folder.path), 'the version of the host');
  });

  test('for a plugin that is left to chance', async () => {
    writeFileSync(path('plugin.mjs'), pluginText('String(1 + Math.random()).slice(0, 6)'));
    await expectRefused(await aBacktest(), 'its result is another');
  });

  test('for a trace of an older version', async () => {
    const folder = await aBacktest();
    edit(folder, 'trace.json', /"inputs":/, '"other":');
    await expect(withJournal(folder)).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
  });
});
