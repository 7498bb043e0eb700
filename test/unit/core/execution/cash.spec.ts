import { describe, expect, test } from 'vitest';
import { type CashMoved, decimal, equity, format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import { MINUTE_MS, type World, openLong } from '../../../support/world.js';

recoverEachWorld();

function moved(world: World, amount: string, more: Partial<CashMoved> = {}): World {
  const base = { kind: 'cash_moved', ts: world.now, id: 'i1', currency: 'USDT' } as const;
  return world.take({ ...base, amount: decimal(amount), cause: 'transfer', ...more });
}

const money = ({ state }: World) => ({
  cash: format(state.cash),
  moved: format(state.moved),
  realized: format(state.realized),
});

describe('[U2] cash that moves for no trade', () => {
  test('changes cash and equity, and is no result', () => {
    const world = moved(aWatchedWorld({ bars: [100] }), '-250.5');
    expect(money(world)).toEqual({ cash: '9749.5', moved: '-250.5', realized: '0' });
    expect(format(equity(world.engine))).toBe('9749.5');
  });

  test('counts once, however often it is told', () => {
    const world = moved(moved(aWatchedWorld({ bars: [100] }), '100'), '100');
    expect(money(world)).toMatchObject({ cash: '10100' });
    expect(world.recordsOf('cash_moved')).toHaveLength(1);
  });

  test('in another currency is noted and leaves the cash alone', () => {
    const world = moved(aWatchedWorld({ bars: [100] }), '3', { currency: 'BNB' });
    expect(money(world)).toEqual({ cash: '10000', moved: '0', realized: '0' });
    expect(world.recordsOf('cash_moved')).toMatchObject([{ currency: 'BNB', cash: 0n }]);
  });

  test('is not the loss of a day', () => {
    const risk = { maxDailyLoss: decimal('100') };
    const world = aWatchedWorld({ risk, strategy: { 1: openLong() }, bars: [100] });
    moved(world, '-5000').bar(100);
    expect(world.codes()).toEqual([]);
    expect(world.created()).toHaveLength(1);
  });

  test('nor does a deposit hide one', () => {
    const risk = { maxDailyLoss: decimal('100') };
    const world = aWatchedWorld({
      risk,
      strategy: { 0: openLong({ sizing_policy: { mode: 'qty', qty: '20', unit: 'base' } }) },
      also: [{ strategy: { 3: openLong({ side: 'short' }) } }],
      bars: [100, 100],
    });
    moved(world, '5000').bar(94).bar(94);
    expect(world.codes()).toEqual(['DAILY_LOSS_EXCEEDED']);
  });

  test('as the first event of a day belongs to that day', () => {
    const world = aWatchedWorld({ venue: 'manual', bars: [100] });
    const ts = world.now + 24 * 60 * MINUTE_MS;
    moved(world, '-5000', { ts });
    const [, second] = world.recordsOf('day_started');
    expect(format(second!.equity)).toBe('10000');
    expect(format(world.state.dayStartEquity)).toBe('5000');
  });
});
