import { describe, expect, test } from 'vitest';
import { HEADER, minute } from './bars.js';
import { type Refusal, expectRefused, usage } from './refusal.js';
import { aFile, aFolder, runJson, runRunner } from './run-runner.js';

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
    "const manifest = { contract: { intent: '^9.0' } };" +
    'export default { manifest, create: () => ({ onBar() {} }) };',
  'create.mjs': "export default { create() { throw new Error('not today'); } };",
  'broken.json': '{oops',
  'unknown.json': '{"risk":{"max_leverag":"2"}}',
  'zero.json': '{"instrument":{"tick_size":"0"}}',
  'number.json': '{"cash":10000}',
};

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
    [
      'the bare name of a stock',
      [...ON_SAMPLE, '--symbol', 'AAPL'],
      {
        status: 64,
        code: 'INSTRUMENT_UNSUPPORTED',
        says: 'next: --symbol AAPL/USD (spot) or AAPL/USD:USD (long and short)',
      },
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
    ['a number that is none', ['compare', 's', '--max-drift', 'abc'], usage('--max-drift')],
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
