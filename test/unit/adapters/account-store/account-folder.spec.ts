import { expect, test } from 'vitest';
import {
  accountFolder,
  keyFolder,
  resolveStateDir,
} from '../../../../adapters/src/account-store/account-folder.js';

test('state lies below XDG_STATE_HOME, and below the home where that is absent or relative', () => {
  expect(resolveStateDir('/state', '/home/ann')).toBe('/state/strategy-runner');
  expect(resolveStateDir(undefined, '/home/ann')).toBe('/home/ann/.local/state/strategy-runner');
  expect(resolveStateDir('', '/home/ann')).toBe('/home/ann/.local/state/strategy-runner');
  expect(resolveStateDir('state', '/home/ann')).toBe('/home/ann/.local/state/strategy-runner');
});

test('an account has one folder however its exchange is spelt, and shares it with no other', () => {
  const place = (exchange: string, account: string) => accountFolder('/s', { exchange, account });
  expect(place('Binance', 'main')).toBe(place('binance', 'main'));
  const places = [
    place('binance', 'main'),
    place('binance', 'Main'),
    place('binanceusdm', 'main'),
    place('binance', '../../main'),
  ];
  expect(new Set(places).size).toBe(4);
  for (const path of places) expect(path).toMatch(/^\/s\/accounts\/[0-9a-f]{32}$/);
});

test('an API key names a folder without being readable from it', () => {
  const path = keyFolder('/s', 'binance', 'my-key');
  expect(path).toMatch(/^\/s\/keys\/[0-9a-f]{32}$/);
  expect(path).not.toBe(keyFolder('/s', 'binanceusdm', 'my-key'));
});
