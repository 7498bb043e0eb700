import { describe, expect, test } from 'vitest';
import { type FillBooked, decimal, format } from '@strategy-runner/core';
import { joinLegs } from '../../../../../core/src/comparison/attribution/legs.js';

function aFill(intentId: string, leg: string, ts: number, change: object = {}): FillBooked {
  const amounts = { price: decimal('100'), quantity: decimal('1'), fee: decimal('0.1') };
  return { intentId, leg, ts, side: 'buy', ...amounts, ...change } as FillBooked;
}

describe('two runs joined leg by leg', () => {
  test('tell matched, missed and extra legs in the order of time', () => {
    const live = [aFill('a', 'entry', 20), aFill('c', 'entry', 50)];
    const backtest = [aFill('a', 'entry', 10), aFill('b', 'sl', 30)];
    const rows = joinLegs(live, backtest).map(({ intentId, leg, status }) => [
      intentId,
      leg,
      status,
    ]);
    expect(rows).toEqual([
      ['a', 'entry', 'matched'],
      ['b', 'sl', 'missed'],
      ['c', 'entry', 'extra'],
    ]);
  });

  test('take all fills of a leg together', () => {
    const later = { price: decimal('103'), quantity: decimal('2'), fee: decimal('0.3') };
    const live = [aFill('a', 'entry', 20), aFill('a', 'entry', 25, later)];
    const [row] = joinLegs(live, [aFill('a', 'entry', 10)]);
    expect(row?.live).toMatchObject({ timeMs: 20, fills: 2 });
    const { price, quantity, fee, timeMs } = row!.difference!;
    expect([timeMs, ...[price, quantity, fee].map(format)]).toEqual([10, '2', '2', '0.3']);
  });
});
