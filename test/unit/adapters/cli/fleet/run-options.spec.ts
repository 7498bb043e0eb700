import { describe, expect, test } from 'vitest';
import yargs from 'yargs';
import { liveOptions, statusOptions } from '../../../../../adapters/src/cli/options.js';
import { killOptions } from '../../../../../adapters/src/cli/control-options.js';

type Options = typeof liveOptions;

function said(options: Options, words: string): Promise<string> {
  const parser = options(yargs(words.split(' ')))
    .exitProcess(false)
    .strict();
  return new Promise((resolve) => {
    parser.fail((message) => resolve(message));
    Promise.resolve(parser.parseAsync()).then(
      () => resolve('fine'),
      () => undefined,
    );
  });
}

describe('runner live', () => {
  test.each([
    '--config f --all',
    '--config f --all --force --json --log-level warn --sessions s',
    '--config f --run a,b',
    '--config f --run a --start cold --reset-kill --reason why',
    '--config f --run a --session s',
    '--strategy x --config f --symbol BTC/USDT --shadow --max-drift 5',
  ])('takes %s', async (words) => {
    expect(await said(liveOptions, words)).toBe('fine');
  });

  test.each([
    ['--config f', 'strategy'],
    ['--all', '--config'],
    ['--run a', '--config'],
    ['--config f --all --run a', '--all'],
    ['--config f --run ,', 'names no run'],
    ['--config f --run a --symbol BTC/USDT', '--symbol is said by the run itself'],
    ['--config f --run a --mode paper', '--mode is said by the run itself'],
    ['--config f --all --exchange sim', '--exchange is said by the run itself'],
    ['--config f --all --shadow', '--shadow is said by the run itself'],
    ['--config f --all --start cold', '--start goes with one --run only'],
    ['--config f --run a,b --session s', '--session goes with one --run only'],
    ['--config f --all --reset-kill --reason why', '--reset-kill goes with one --run only'],
  ])('refuses %s', async (words, says) => {
    expect(await said(liveOptions, words)).toContain(says);
  });
});

describe('runner kill', () => {
  test.each(['--exchange sim --reason x', '--config f --all --reason x'])(
    'takes %s',
    async (words) => {
      expect(await said(killOptions, words)).toBe('fine');
    },
  );

  test.each([
    ['--reason x', 'exchange'],
    ['--all --reason x', '--config'],
    ['--config f --reason x', '--all'],
    ['--config f --all --exchange sim --reason x', '--exchange'],
    ['--config f --all --reset --reason x', '--reset takes back one kill at a time'],
  ])('refuses %s', async (words, says) => {
    expect(await said(killOptions, words)).toContain(says);
  });
});

test('runner status shows the runs of a file or one session, not both', async () => {
  expect(await said(statusOptions, '--config f --run a --check --json')).toBe('fine');
  expect(await said(statusOptions, '--config f --pending')).toContain('pending');
  expect(await said(statusOptions, '--run a')).toContain('--config');
});
