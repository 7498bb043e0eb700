import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HEADER, minute } from './bars.js';
import { runSql } from './run-sql.js';
import { type Ended, aFile, aFolder, runJson, runRunner, startRunner } from './run-runner.js';

interface Refusal {
  readonly status: number;
  readonly code: string;
  /** Words that the line must hold: the culprit, the place, or the suggestion. */
  readonly says?: string;
}

/** One line with code, one with the next step, no stack trace, nothing on stdout. */
function expectRefused(ended: Ended, { status, code, says = '' }: Refusal): void {
  const { stderr } = ended;
  expect(stderr).toContain(`error ${code}: `);
  expect(stderr).toContain(says);
  expect(stderr).not.toContain('    at ');
  expect(stderr.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^error [A-Z_]+: \S.*[.!?"]$/),
    expect.stringMatching(/^ {2}next: \S/),
  ]);
  expect({ status: ended.status, stdout: ended.stdout }).toEqual({ status, stdout: '' });
}

const BACKTEST = ['backtest', '--strategy', 'buy-and-hold', '--json'];
const BTC = ['--symbol', 'BTC/USDT:USDT'];
const ON_SAMPLE = [...BACKTEST, '--data', 'sample'];

const bar = (index: number, prices = '10,12,9,11') => `${minute(index)},${prices},5`;
const csv = (...lines: readonly string[]) => [HEADER, ...lines, ''].join('\n');

describe('bars that cannot be used are refused in one line', () => {
  test.each<[string, string, Refusal]>([
    ['is empty', '', { status: 65, code: 'DATA_EMPTY' }],
    ['has a header only', `${HEADER}\n`, { status: 65, code: 'DATA_EMPTY' }],
    ['has another header', 'a,b,c\n1,2,3\n', { status: 65, code: 'DATA_HEADER', says: '"a"' }],
    [
      'is not in order of time',
      csv(bar(0), bar(2), bar(1), bar(3)),
      { status: 65, code: 'DATA_UNSORTED', says: 'line 4' },
    ],
    [
      'has a time twice',
      csv(bar(0), bar(1), bar(1), bar(2)),
      { status: 65, code: 'DATA_DUPLICATE_TIME', says: 'line 4' },
    ],
    [
      'has a gap',
      csv(bar(0), bar(1), bar(5), bar(6)),
      { status: 65, code: 'DATA_GAP', says: '--gaps allow' },
    ],
    [
      'has a negative price',
      csv(bar(0), bar(1, '-10,12,-10,11'), bar(2)),
      { status: 65, code: 'DATA_NEGATIVE_PRICE', says: 'line 3' },
    ],
    [
      'has a high below its low',
      csv(bar(0), bar(1, '10,9,12,10'), bar(2)),
      { status: 65, code: 'DATA_HIGH_BELOW_LOW', says: 'line 3' },
    ],
    [
      'has a word for a number',
      csv(bar(0), bar(1, '10,high,9,11'), bar(2)),
      { status: 65, code: 'DATA_MALFORMED', says: '"high"' },
    ],
    [
      'has a word for a time',
      csv(bar(0), 'noon,10,12,9,11,5', bar(2)),
      { status: 65, code: 'DATA_MALFORMED', says: 'noon' },
    ],
  ])('a file that %s', async (_what, text, refusal) => {
    const folder = aFolder();
    aFile(folder, 'bars.csv', text);
    expectRefused(await runRunner([...BACKTEST, ...BTC, '--data', 'bars.csv'], folder), refusal);
  });

  test('a gapped file runs once its gaps are allowed, and the report counts them', async () => {
    const folder = aFolder();
    const data = aFile(folder, 'bars.csv', csv(bar(0), bar(1), bar(5), bar(6)));
    const args = ['backtest', '--strategy', 'buy-and-hold', ...BTC, '--data', data];
    const report = await runJson<{ warnings: unknown[] }>([...args, '--gaps', 'allow'], folder);
    expect(report.warnings).toContainEqual(
      expect.objectContaining({ code: 'DATA_GAPS_ALLOWED', count: 1 }),
    );
  });
});

const FILES: Readonly<Record<string, string>> = {
  'bars.csv': csv(bar(0), bar(1), bar(2)),
  'syntax.mjs': 'export default {{{',
  'throws.mjs': "throw new Error('boom');\nexport default { create: () => ({ onBar() {} }) };",
  'empty.mjs': 'export const nothing = 1;',
  'future.mjs':
    "export default { manifest: { contract: { intent: '^9.0' } }, create: () => ({ onBar() {} }) };",
  'create.mjs': "export default { create() { throw new Error('not today'); } };",
  'broken.json': '{oops',
  'unknown.json': '{"risk":{"max_leverag":"2"}}',
  'zero.json': '{"instrument":{"tick_size":"0"}}',
  'number.json': '{"cash":10000}',
};

const usage = (says: string): Refusal => ({ status: 64, code: 'USAGE', says });
const PLUGIN_CODES = { status: 65, code: 'PLUGIN_INVALID' };
const plugin = (name: string) => ['backtest', '--data', 'sample', '--json', '--strategy', name];
const sma = (...set: readonly string[]) => [...plugin('sma-cross'), '--set', ...set];

describe('a command that cannot be run is refused in one line', () => {
  test.each<[string, readonly string[], Refusal]>([
    ['no file', [...BACKTEST, '--data', 'none.csv'], { status: 66, code: 'FILE_NOT_FOUND' }],
    ['a folder', [...BACKTEST, '--data', '.'], { status: 66, code: 'FILE_NOT_FOUND' }],
    ['no symbol', [...BACKTEST, '--data', 'bars.csv'], usage('--symbol')],
    [
      'an inverse contract',
      [...ON_SAMPLE, '--symbol', 'BTC/USD:BTC'],
      { status: 64, code: 'INSTRUMENT_UNSUPPORTED', says: 'inverse' },
    ],
    ['an unknown --set', sma('nope=1'), usage('"nope"')],
    ['a --set of another type', sma('fast=abc'), usage('integer')],
    ['a --set out of range', sma('fast=-5'), usage('at least 1')],
    ['a --set without a value', sma('fast'), usage('fast')],
    [
      'parameters that contradict each other',
      sma('fast=50'),
      { status: 78, code: 'PLUGIN_INVALID', says: 'fast' },
    ],
    [
      'an unknown plugin',
      plugin('sma-cros'),
      { status: 66, code: 'PLUGIN_NOT_FOUND', says: 'Did you mean "sma-cross"?' },
    ],
    ['a plugin with a syntax error', plugin('./syntax.mjs'), { ...PLUGIN_CODES, says: 'mjs:1:' }],
    ['a plugin that throws at import', plugin('./throws.mjs'), { ...PLUGIN_CODES, says: 'boom' }],
    ['a plugin that exports nothing', plugin('./empty.mjs'), { ...PLUGIN_CODES, says: 'empty' }],
    [
      'a plugin of another contract',
      plugin('./future.mjs'),
      { status: 78, code: 'PLUGIN_INCOMPATIBLE', says: '^9.0, this host has 1.0' },
    ],
    [
      'a plugin that cannot start',
      plugin('./create.mjs'),
      { status: 78, code: 'PLUGIN_INVALID', says: 'not today' },
    ],
    [
      'no config file',
      [...ON_SAMPLE, '--config', 'none.json'],
      { status: 66, code: 'FILE_NOT_FOUND', says: 'none.json' },
    ],
    [
      'a config that is not JSON',
      [...ON_SAMPLE, '--config', 'broken.json'],
      { status: 78, code: 'CONFIG_INVALID', says: 'is not JSON' },
    ],
    [
      'an unknown setting',
      [...ON_SAMPLE, '--config', 'unknown.json'],
      { status: 78, code: 'CONFIG_INVALID', says: '/risk/max_leverag' },
    ],
    [
      'a tick of zero',
      [...ON_SAMPLE, '--config', 'zero.json'],
      {
        status: 78,
        code: 'CONFIG_INVALID',
        says: '/instrument/tick_size must be a decimal above 0',
      },
    ],
    [
      'cash that is a JSON number',
      [...ON_SAMPLE, '--config', 'number.json'],
      { status: 78, code: 'CONFIG_INVALID', says: '/cash must be a decimal in quotes' },
    ],
    ['cash that is no number', [...ON_SAMPLE, '--cash', 'abc'], usage('--cash abc')],
    ['negative cash', [...ON_SAMPLE, '--cash', '-5'], usage('--cash -5')],
    ['a seed that is no number', [...ON_SAMPLE, '--seed', 'abc'], usage('--seed')],
    ['a seed with a fraction', [...ON_SAMPLE, '--seed', '1.5'], usage('--seed')],
    ['a --from that is no time', [...ON_SAMPLE, '--from', 'yesterday'], usage('yesterday')],
    [
      'a --from after the last bar',
      [...ON_SAMPLE, '--from', '2030-01-01'],
      { status: 65, code: 'DATA_EMPTY', says: '2030-01-01' },
    ],
    [
      'a --to before the first bar',
      [...ON_SAMPLE, '--to', '2001-01-01'],
      { status: 65, code: 'DATA_EMPTY', says: '2001-01-01' },
    ],
    ['no timeframe', [...ON_SAMPLE, '--timeframe', '7x'], usage('"7x"')],
    ['a misspelt option', [...ON_SAMPLE, '--slipage-bps', '3'], usage('"--slippage-bps"')],
    ['a misspelt command', ['backtst'], usage('Did you mean backtest?')],
    ['an unknown command', ['frobnicate'], usage('frobnicate')],
    ['no command', [], usage('name a command')],
    ['no strategy', ['backtest', '--data', 'sample'], usage('strategy')],
  ])('%s', async (_what, args, refusal) => {
    const folder = aFolder();
    for (const [name, text] of Object.entries(FILES)) aFile(folder, name, text);
    expectRefused(await runRunner(args, folder), refusal);
  });
});

const LIVE = ['live', '--strategy', 'sma-cross', '--data', 'sample', '--log-level', 'silent'];

describe('a live run that may not start is refused in one line', () => {
  test.each<[string, readonly string[], Refusal]>([
    ['real orders', ['--mode', 'live'], { status: 77, code: 'LIVE_NOT_OFFERED' }],
    ['an unknown exchange', ['--exchange', 'nope'], { status: 64, code: 'EXCHANGE_UNKNOWN' }],
    ['a speed that is no pace', ['--speed', 'fast'], usage('--speed fast')],
    ['a speed of zero', ['--speed', '0'], usage('--speed 0')],
    ['nothing to resume', ['--start', 'warm'], { status: 66, code: 'SESSION_NOT_FOUND' }],
    ['no such session', ['--session', 'nope'], { status: 66, code: 'SESSION_NOT_FOUND' }],
    [
      'sessions below a file',
      ['--sessions', 'a-file/sessions'],
      { status: 77, code: 'SESSIONS_UNWRITABLE', says: 'a-file' },
    ],
  ])('%s', async (_what, args, refusal) => {
    const folder = aFolder();
    aFile(folder, 'a-file', 'no folder');
    expectRefused(await runRunner([...LIVE, ...args], folder), refusal);
  });

  test('a backtest whose session cannot be written', async () => {
    const folder = aFolder();
    aFile(folder, 'a-file', 'no folder');
    const args = [...ON_SAMPLE, '--sessions', 'a-file/sessions'];
    expectRefused(await runRunner(args, folder), { status: 77, code: 'SESSIONS_UNWRITABLE' });
  });
});

/** A finished session of 200 bars. */
async function aSession(folder: string): Promise<{ session_id: string; session_dir: string }> {
  return runJson([...LIVE, '--to', '2025-01-09'], folder);
}

describe('a session that cannot be used is refused in one line', () => {
  test('a store that a newer version wrote, and it stays as it was [P5]', async () => {
    const folder = aFolder();
    const { session_id: id, session_dir: path } = await aSession(folder);
    const database = join(path, 'session.sqlite');
    await runSql(database, 'PRAGMA user_version = 99');
    const before = readFileSync(database);
    const refusal = { status: 78, code: 'SCHEMA_NEWER', says: '99' };
    expectRefused(await runRunner(['status', id], folder), refusal);
    expectRefused(await runRunner([...LIVE, '--session', id], folder), refusal);
    expectRefused(await runRunner(['migrate'], folder), refusal);
    expect(readFileSync(database).equals(before)).toBe(true);
  });

  test('a session.json that is cut off, while the others are still listed', async () => {
    const folder = aFolder();
    const { session_id: id, session_dir: path } = await aSession(folder);
    const file = join(path, 'session.json');
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 200));
    const other = await aSession(folder);
    const refusal = { status: 65, code: 'STORE_DAMAGED', says: 'session.json' };
    expectRefused(await runRunner(['status', id], folder), refusal);
    expectRefused(await runRunner([...LIVE, '--session', id], folder), refusal);
    const { status, stdout } = await runRunner(['sessions'], folder);
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(stdout).toContain(`${id}  damaged`);
    expect(stdout).toContain(`${other.session_id}  ended`);
  });

  test('a database that is something else', async () => {
    const folder = aFolder();
    const { session_id: id, session_dir: path } = await aSession(folder);
    writeFileSync(
      join(path, 'session.sqlite'),
      'this is no database, whatever it is called'.repeat(40),
    );
    const refusal = { status: 65, code: 'STORE_DAMAGED', says: 'session.sqlite' };
    expectRefused(await runRunner(['status', id], folder), refusal);
    expectRefused(await runRunner([...LIVE, '--session', id], folder), refusal);
  });

  test('no such session, and no session at all', async () => {
    const folder = aFolder();
    mkdirSync(join(folder, 'sessions'));
    const refusal = { status: 66, code: 'SESSION_NOT_FOUND' };
    expectRefused(await runRunner(['status', 'nope'], folder), { ...refusal, says: 'nope' });
    expectRefused(await runRunner(['status', '../nope'], folder), { ...refusal, says: 'nope' });
    expectRefused(await runRunner(['status'], folder), refusal);
    expectRefused(await runRunner(['migrate', 'nope'], folder), { ...refusal, says: 'nope' });
  });

  test('a session that was started with other settings', async () => {
    const folder = aFolder();
    const { session_id: id } = await aSession(folder);
    const refusal = { status: 78, code: 'SESSION_PREMISES_CHANGED', says: 'another config' };
    const args = [...LIVE, '--session', id, '--set', 'fast=3'];
    expectRefused(await runRunner(args, folder), refusal);
  });

  test('a session that another process is running, which goes on', async () => {
    const folder = aFolder();
    const paced = LIVE.map((word) => (word === 'silent' ? 'info' : word));
    const first = startRunner([...paced, '--speed', '36000'], folder);
    await first.says('cold_start');
    expectRefused(await runRunner(LIVE, folder), {
      status: 75,
      code: 'SESSION_BUSY',
      says: `process ${first.process.pid}`,
    });
    first.process.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ status: 0 });
  });
});
