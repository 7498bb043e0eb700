import { describe, expect, test } from 'vitest';
import { decimal, format } from '@strategy-runner/core';
import { checkRisk } from '../../../../core/src/risk/risk.js';
import {
  aWorld,
  closeLong,
  dca,
  limitAt,
  openLong,
  openShort,
  quantity,
  stopAt,
} from '../../../support/world.js';
import { anOrder } from './an-exposure.js';

describe('exposure is held from the approval on', () => {
  test('two entries of one answer cannot pass on the same balance', () => {
    const world = aWorld({
      strategy: {
        0: [
          openLong({ sizing_policy: quantity('60') }),
          openShort({ sizing_policy: quantity('60') }),
        ],
      },
      bars: [100],
    });
    expect(world.denied()).toMatchObject([
      { code: 'BALANCE_INSUFFICIENT', numbers: { needed: '6000', free: '4000' } },
    ]);
  });

  test('a working entry counts as position, and no longer when it is cancelled', () => {
    const world = aWorld({
      risk: { maxPositionNotional: decimal('250') },
      strategy: {
        0: openLong({
          order: limitAt('90'),
          sizing_policy: quantity('2'),
          expires: { after_bars: 1 },
        }),
        2: openLong({ sizing_policy: quantity('2.5') }),
      },
      bars: [100, 100, 100, 100],
    });
    expect(world.denied()).toEqual([]);
    expect(world.fills()).toHaveLength(1);
  });

  test('an order of unknown outcome counts in full', () => {
    const world = aWorld({
      strategy: { 0: openLong({ sizing_policy: quantity('60') }) },
      venue: 'manual',
      bars: [100],
    });
    world.venue.unknown(world.orders()[0]!.key);
    const order = anOrder({ positionSide: 'short', quantity: decimal('60') });
    expect(checkRisk(world.engine, order)).toMatchObject({ code: 'BALANCE_INSUFFICIENT' });
  });

  test('only the unfilled part of a working entry is held beside its position', () => {
    const world = aWorld({
      risk: { maxPositionNotional: decimal('300') },
      strategy: { 0: openLong({ sizing_policy: quantity('2') }) },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(world.orders()[0]!.key, '100', { quantity: '1.5' });
    expect(checkRisk(world.engine, anOrder({ quantity: decimal('1') }))).toBeUndefined();
    expect(checkRisk(world.engine, anOrder({ quantity: decimal('1.001') }))).toMatchObject({
      code: 'POSITION_EXCEEDS_MAXIMUM',
      numbers: { notional: '300.1' },
    });
  });

  test('a dca is checked with the whole position, at the last price', () => {
    const world = aWorld({
      risk: { maxPositionNotional: decimal('250') },
      strategy: { 0: openLong(), 2: dca(1), 3: dca(1) },
      bars: [100, 100, 130, 120, 120],
    });
    expect(world.denied()).toMatchObject([
      { code: 'POSITION_EXCEEDS_MAXIMUM', numbers: { notional: '260', max: '250' } },
    ]);
    expect(world.fills()).toHaveLength(2);
  });
});

describe('the rate of entries', () => {
  test('is over a sliding minute', () => {
    const entry = openLong({ order: limitAt('90'), expires: { after_ms: 1 } });
    const world = aWorld({
      risk: { maxEntriesPerMinute: 2 },
      instance: { timeframeMs: 20_000 },
      strategy: { 0: entry, 1: openShort({ order: limitAt('110') }), 2: entry, 3: entry },
      bars: [100, 100, 100, 100],
    });
    expect(world.codes()).toEqual(['ORDER_RATE_EXCEEDED']);
    expect(world.created()).toHaveLength(3);
  });
});

describe('the loss of the day', () => {
  const DAY_MS = 86_400_000;

  test('counts open positions, holds entries, and starts anew at midnight UTC', () => {
    const world = aWorld({
      risk: { maxDailyLoss: decimal('10') },
      instance: { timeframeMs: DAY_MS / 2 },
      strategy: { 0: openLong(), 2: openShort(), 3: openShort(), 4: openShort() },
      bars: [100, 100, 89, 90, 90, 90],
    });
    // The loss of 11 comes inside the first bar of the second day and is a loss of that day.
    expect(world.denied().map(({ code, numbers }) => [code, numbers['loss']])).toEqual([
      ['DAILY_LOSS_EXCEEDED', '11'],
      ['DAILY_LOSS_EXCEEDED', '10'],
    ]);
    expect(world.recordsOf('day_started').map(({ equity }) => format(equity))).toEqual([
      '10000',
      '10000',
      '9990',
    ]);
    expect(world.position('short')).toBeDefined();
  });

  test('counts a stop that is hit inside the first bar of the day', () => {
    const world = aWorld({
      risk: { maxDailyLoss: decimal('10') },
      instance: { timeframeMs: DAY_MS },
      strategy: { 0: openLong({ protection: stopAt('90') }), 2: openShort() },
      bars: [100, 100, [100, 100, 85, 100]],
    });
    expect(world.denied()).toMatchObject([
      { code: 'DAILY_LOSS_EXCEEDED', numbers: { loss: '10' } },
    ]);
  });

  test('holds entries, not exits', () => {
    const world = aWorld({
      risk: { maxDailyLoss: decimal('10') },
      strategy: { 0: openLong({ protection: stopAt('50') }), 2: [openShort(), closeLong()] },
      bars: [100, 100, 90, 90],
    });
    expect(world.denied()).toMatchObject([
      { code: 'DAILY_LOSS_EXCEEDED', numbers: { loss: '10', max: '10' } },
    ]);
    expect(world.state.positions.size).toBe(0);
  });
});

test('an exit meets the price collar only', () => {
  const world = aWorld({
    cash: '1',
    risk: {
      maxDailyLoss: decimal('0'),
      maxEntriesPerMinute: 0,
      maxOpenOrders: 0,
      maxOrderNotional: decimal('1'),
      maxPositionNotional: decimal('1'),
      maxLeverage: decimal('0.1'),
      exitCollarBps: 100,
    },
    bars: [100],
  });
  const exit = anOrder({ action: 'exit', price: decimal('99') });
  expect(checkRisk(world.engine, exit)).toBeUndefined();
  expect(checkRisk(world.engine, { ...exit, price: decimal('98.9') })).toMatchObject({
    code: 'PRICE_OUTSIDE_COLLAR',
  });
  expect(checkRisk(world.engine, { ...exit, action: 'entry' })).toMatchObject({
    code: 'DAILY_LOSS_EXCEEDED',
  });
});

test('more leverage than the limit is denied before anything else', () => {
  const world = aWorld({
    risk: { maxLeverage: decimal('3') },
    strategy: { 0: openLong({ leverage: '3.5' }), 1: openLong({ leverage: '3' }) },
    bars: [100, 100],
  });
  expect(world.denied()).toMatchObject([
    { code: 'LEVERAGE_EXCEEDS_MAXIMUM', path: '/leverage', numbers: { leverage: '3.5', max: '3' } },
  ]);
  expect(world.created()).toHaveLength(1);
});
