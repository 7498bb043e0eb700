import { expect, test } from 'vitest';
import type { Intent } from '@strategy-runner/contracts';
import { fallbackPaths } from '../../../../core/src/policy/fallbacks.js';
import { amendProtection, hold, limitAt, openLong } from '../../../support/world.js';

const fallback = { mode: 'limit_to_market', on: ['reject'], max_slippage_bps: 10 };
const none = { mode: 'none' };

function pathsOf(body: unknown) {
  return fallbackPaths(body as Intent);
}

test('finds the fallback of the order and of each protection leg', () => {
  const protection = {
    stop_loss: { at: { abs: '90' }, fallback },
    take_profit: [
      { at: { abs: '110' }, share_bps: 5000, fallback: none },
      { at: { abs: '120' }, share_bps: 5000, fallback },
    ],
    trailing_stop: { distance_bps: 100, fallback },
    time_exit: { after_bars: 3, fallback },
  };
  expect(pathsOf(openLong({ order: limitAt('99'), fallback, protection }))).toEqual([
    '/fallback',
    '/protection/stop_loss/fallback',
    '/protection/take_profit/1/fallback',
    '/protection/trailing_stop/fallback',
    '/protection/time_exit/fallback',
  ]);
});

test('finds those of an amendment too', () => {
  const stop_loss = { at: { abs: '90' }, fallback };
  expect(pathsOf(amendProtection({ stop_loss }))).toEqual(['/protection/stop_loss/fallback']);
});

test('finds none where none is permitted', () => {
  const protection = { stop_loss: { at: { abs: '90' }, fallback: none } };
  expect(pathsOf(openLong({ fallback: none, protection }))).toEqual([]);
  expect(pathsOf(openLong())).toEqual([]);
  expect(pathsOf(hold())).toEqual([]);
});
