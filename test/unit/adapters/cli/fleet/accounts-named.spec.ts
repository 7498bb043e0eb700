import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { accountsNamed } from '../../../../../adapters/src/cli/fleet/accounts-named.js';

function named(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'accounts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'runs.json');
  writeFileSync(path, text);
  return accountsNamed(path);
}

test('[B12] every account of a file is found, also where it is not valid otherwise', () => {
  const content = {
    oops: true,
    accounts: {
      one: { exchange: 'binanceusdm', misspelt: 1 },
      two: { exchange: 'binanceusdm' },
      spot: { exchange: 'binance' },
      nameless: {},
      none: null,
    },
    runs: {
      a: { exchange: 'binanceusdm', mode: 'live', account: 'one' },
      b: { exchange: 'binance', mode: 'live' },
      c: { exchange: 'bybit', mode: 'live' },
      d: { exchange: 'binanceusdm' },
      e: {},
    },
  };
  const { accounts, unreadable } = named(JSON.stringify(content));
  expect(accounts.map(({ exchange, account }) => `${exchange} ${account}`)).toEqual([
    'binanceusdm one',
    'binanceusdm two',
    'binance spot',
    'bybit main',
    'binanceusdm paper',
    'sim paper',
  ]);
  expect(unreadable).toEqual(['/accounts/nameless', '/accounts/none']);
});

test.each(['{oops', '[]x', '"text"', 'null'])('a file that says %s names none', (text) => {
  expect(() => named(text)).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      next: expect.stringContaining('--exchange'),
    }),
  );
});
