import { expect, test } from 'vitest';
import { equity, format } from '@strategy-runner/core';
import { independentLedger } from './independent-ledger.js';
import {
  START_MS,
  SYMBOL,
  aWorld,
  closeLong,
  closeSide,
  dca,
  idOf,
  openLong,
  partialClose,
  quantity,
} from './world.js';
import type { OnBar } from './world-strategy.js';

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

// A long and a short ladder that open, add, take parts off and close by the roll of a seeded die.
function aGambler(seed: number): OnBar {
  let state = seed;
  const roll = (sides: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
  return (_bar, ctx) =>
    (['long', 'short'] as const).flatMap((side) => {
      const held = ctx.position(side);
      const size = quantity(`0.${1 + roll(9)}${roll(10)}${1 + roll(9)}`);
      const target = { side };
      if (held === undefined) return roll(3) === 0 ? openLong({ side, sizing_policy: size }) : [];
      const level = held.dca_level + 1;
      const share = { share_bps: 1000 + roll(8000), of: 'current' };
      const moves = [
        dca(level, { target, sizing_policy: size }),
        partialClose(share, { target }),
        closeSide(side),
      ];
      return moves[roll(8)] ?? [];
    });
}

test.each([
  ['swap', SYMBOL],
  ['spot', 'BTC/USDT'],
] as const)('random %s trading ends with the cash of the independent ledger', (market, symbol) => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const world = aWorld({
      strategy: aGambler(seed),
      instance: { symbol },
      costs: { takerFeeBps: '4.5', slippageBps: '3' },
      cash: '100000',
    });
    let price = 100;
    for (let i = 0; i < 150; i += 1) {
      const open = price;
      price = Math.round(price * (0.98 + ((seed * 31 + i * 17) % 41) / 1000) * 10) / 10;
      const [low, high] = [Math.min(open, price), Math.max(open, price)];
      world.bar(open, high, low, price, { symbol });
    }
    const fills = world.fills();
    const mark = String(price);
    const expected = independentLedger({ cash: '100000', market, fills, mark });
    expect(fills.length, `seed ${seed}`).toBeGreaterThan(20);
    expect(format(world.state.cash), `seed ${seed}`).toBe(expected.cash);
    expect(format(equity(world.engine)), `seed ${seed}`).toBe(expected.equity);
    const closed = world.recordsOf('position_closed').map(({ position: { id, grossPnl } }) => {
      return [id, format(grossPnl)];
    });
    const trades = expected.trades.map(({ positionId, gross }) => [positionId, gross]);
    expect(closed.sort(), `seed ${seed}`).toEqual(trades.sort());
  }
});
