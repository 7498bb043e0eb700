import { expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { independentLedger } from './independent-ledger.js';
import { START_MS, aWorld, closeLong, idOf, openLong } from './world.js';

test('the world trades a script and the independent ledger agrees with it', () => {
  const world = aWorld({
    strategy: { 0: openLong(), 2: closeLong() },
    costs: { takerFeeBps: '4' },
    bars: [100, 101, 110, 112],
  });
  const fills = world.fills();
  expect(fills.map(({ price, ts }) => [format(price), ts - START_MS])).toEqual([
    ['101', 60_000],
    ['112', 180_000],
  ]);
  const result = independentLedger({ cash: '10000', market: 'swap', fills, mark: '112' });
  expect(result.trades).toEqual([
    {
      positionId: `pos:${idOf(0, 'open.long')}`,
      side: 'long',
      gross: '11',
      fees: '0.0852',
      funding: '0',
      pnl: '10.9148',
    },
  ]);
  expect(format(world.state.cash)).toBe('10010.9148');
  expect(result.cash).toBe('10010.9148');
  expect(world.position()).toBeUndefined();
});

test('a manual venue answers only what the test says', () => {
  const world = aWorld({ strategy: { 0: openLong() }, venue: 'manual', bars: [100, 101] });
  const key = `${idOf(0, 'open.long')}/entry/1`;
  expect(world.venue.submitted).toEqual([key]);
  expect(world.fills()).toEqual([]);
  world.venue.accept(key);
  world.venue.fill(key, '100.5', { quantity: '0.4' });
  expect(format(world.position()!.quantity)).toBe('0.4');
  world.venue.fill(key, '100.6');
  expect(format(world.position()!.quantity)).toBe('1');
  expect(world.heard.fills.map(({ is_complete }) => is_complete)).toEqual([false, true]);
});

test('further instances hear their own answers', () => {
  const world = aWorld({
    strategy: {},
    also: [{ strategy: { 0: openLong() } }],
    bars: [100, 101],
  });
  expect(world.heard.fills).toEqual([]);
  expect(world.heardByOthers[0]!.fills).toHaveLength(1);
});
