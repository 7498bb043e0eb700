import { describe, expect, test } from 'vitest';
import { decimal, format } from '@strategy-runner/core';
import {
  type WorldOptions,
  aWorld,
  closeLong,
  closeShort,
  dca,
  idOf,
  limitAt,
  openLong,
  openShort,
  partialClose,
  quantity,
  stopAt,
} from '../../../support/world.js';

describe('[rule-12] exits never increase or flip exposure', () => {
  test.each([
    ['long', openLong(), closeLong(), 'sell'],
    ['short', openShort(), closeShort(), 'buy'],
  ] as const)('[rule-12] every exit of a %s is reduce-only', (_side, open, close, exitSide) => {
    const protection = {
      stop_loss: { at: { distance_bps: 1000, from: 'entry_avg' } },
      take_profit: [{ at: { distance_bps: 1000, from: 'entry_avg' }, share_bps: 5000 }],
    };
    const world = aWorld({
      strategy: { 0: { ...open, protection }, 2: close },
      bars: [100, 100, 100, 100],
    });
    const exits = world.created().filter(({ action }) => action === 'exit');
    expect(exits.map(({ leg }) => leg)).toEqual(['sl', 'tp1', 'exit']);
    expect(exits.every(({ reduceOnly, side }) => reduceOnly && side === exitSide)).toBe(true);
    expect(world.created().filter(({ action }) => action === 'entry')).toMatchObject([
      { reduceOnly: false },
    ]);
  });

  test('[rule-12] a close takes what is held, not what was ordered', () => {
    const world = aWorld({ strategy: { 0: openLong(), 1: closeLong() }, venue: 'manual' });
    world.bar(100);
    world.venue.fill(`${idOf(0, 'open.long')}/entry/1`, '100', { quantity: '0.3' });
    world.bar(100);
    expect(world.leg('exit').map((order) => format(order.quantity))).toEqual(['0.3']);
  });

  test('[rule-12] two closes at once end flat, never short', () => {
    const world = aWorld({
      strategy: { 0: openLong(), 2: [closeLong(), closeLong()] },
      bars: [100, 100, 100, 100, 100],
    });
    expect(world.fills().map(({ action }) => action)).toEqual(['entry', 'exit']);
    expect(world.state.positions.size).toBe(0);
    expect(world.orders()).toEqual([]);
  });

  test('[rule-12] an exit fill beyond the position is flagged and opens nothing', () => {
    const world = aWorld({
      strategy: { 0: openLong(), 1: [closeLong(), closeLong()] },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(`${idOf(0, 'open.long')}/entry/1`, '100');
    world.bar(100);
    world.venue.fill(`${idOf(1, 'close.long')}/exit/1`, '100');
    world.venue.fill(`${idOf(1, 'close.long', 2)}/exit/1`, '100');
    expect(world.state.positions.size).toBe(0);
    expect(world.recordsOf('fill_unmatched')).toHaveLength(1);
    expect(world.alerts.map(({ code }) => code)).toContain('FILL_UNMATCHED');
  });
});

describe('[rule-12] an over-ask is clipped and reported', () => {
  test.each([
    ['a quantity', { qty: '7.5' }, '7.5'],
    ['an amount of quote currency', { quote: '350' }, '3.5'],
    ['a share of the peak', { share_bps: 9999, of: 'peak' }, '2.9997'],
  ])('[rule-12] %s larger than the position closes the position', (_what, amount, asked) => {
    const world = aWorld({
      strategy: {
        0: openLong({ sizing_policy: quantity('3') }),
        2: partialClose({ qty: '1' }),
        4: partialClose(amount),
      },
      bars: [100, 100, 100, 100, 100, 100],
    });
    expect(world.fills().map(({ quantity: filled }) => format(filled))).toEqual(['3', '1', '2']);
    expect(world.state.positions.size).toBe(0);
    const record = world.recordsOf('order_created').at(-1)!;
    const [change] = record.normalizations;
    expect(change).toMatchObject({ field: 'quantity', to: decimal('2'), reason: 'owned' });
    expect(format(change!.from)).toBe(asked);
    expect(world.heard.intents).toContainEqual({
      type: 'normalized',
      intent_id: idOf(4, 'partial_close.long'),
      time_ms: record.ts,
      leg: 'exit',
      diff: [{ field: 'quantity', from: asked, to: '2', why: 'owned' }],
    });
  });

  test('[rule-12] what is asked in full is not reported', () => {
    const world = aWorld({
      strategy: { 0: openLong(), 2: partialClose({ qty: '0.5' }) },
      bars: [100, 100, 100, 100],
    });
    expect(world.recordsOf('order_created').at(-1)!.normalizations).toEqual([]);
    expect(world.heard.intents.filter(({ type }) => type === 'normalized')).toEqual([]);
  });
});

describe('[rule-12] what holds entries back never holds an exit', () => {
  const held: readonly (readonly [string, WorldOptions, string])[] = [
    ['a loss limit', { risk: { maxDailyLoss: decimal('1') } }, 'DAILY_LOSS_EXCEEDED'],
    ['the rate of entries', { risk: { maxEntriesPerMinute: 1 } }, 'ORDER_RATE_EXCEEDED'],
    ['the number of orders', { risk: { maxOpenOrders: 1 } }, 'OPEN_ORDERS_EXCEED_MAXIMUM'],
    [
      'the position limit',
      { risk: { maxPositionNotional: decimal('150') } },
      'POSITION_EXCEEDS_MAXIMUM',
    ],
    ['the order limit', { risk: { maxOrderNotional: decimal('150') } }, 'NOTIONAL_EXCEEDS_MAXIMUM'],
  ];

  test.each(held)('[rule-12] [R12] %s', (_what, options, code) => {
    const world = aWorld({
      strategy: {
        0: openLong({ protection: stopAt('50') }),
        2: [dca(1, { sizing_policy: quantity('2') }), openShort({ sizing_policy: quantity('2') })],
        3: partialClose({ qty: '0.5' }),
        4: closeLong(),
      },
      instance: { timeframeMs: 10_000 },
      bars: [100, 100, 98, 98, 98, 98],
      ...options,
    });
    expect(world.codes()).toContain(code);
    expect(world.fills().map(({ action }) => action)).toEqual(['entry', 'exit', 'exit']);
    expect(world.state.positions.size).toBe(0);
  });

  test.each([
    ['pause', 'ENTRIES_PAUSED'],
    ['stop', 'ENTRIES_STOPPED'],
    ['kill', 'KILLED'],
  ] as const)('[rule-12] [R12] the command %s', (command, code) => {
    const protection = {
      ...stopAt('90'),
      take_profit: [{ at: { abs: '110' }, share_bps: 5000 }],
    };
    const world = aWorld({
      strategy: { 0: openLong({ protection }), 2: [dca(1), openShort()], 3: closeLong() },
      bars: [100, 100],
    });
    world.command(command);
    expect(world.leg('sl').concat(world.leg('tp1'))).toHaveLength(2);
    world.bar(100);
    expect(world.codes()).toEqual([code, code]);
    world.bar(100).bar(100);
    expect(world.fills().map(({ leg }) => leg)).toEqual(['entry', 'exit']);
  });

  test.each([
    ['the stop', [100, 100, 85, 86] as const, 'sl'],
    ['a target', [100, 115, 100, 114] as const, 'tp1'],
  ])('[rule-12] [R12] a kill leaves %s working', (_what, bar, leg) => {
    const protection = {
      ...stopAt('90'),
      take_profit: [{ at: { abs: '110' }, share_bps: 10_000 }],
    };
    const world = aWorld({ strategy: { 0: openLong({ protection }) }, bars: [100, 100] });
    world.command('kill').bars([bar]);
    expect(world.fills().map((fill) => fill.leg)).toEqual(['entry', leg]);
    expect(world.state.positions.size).toBe(0);
  });

  test('[rule-12] [R12] entry and dca backoff after rejects', () => {
    const rejected = { rejected: { code: 'VENUE_REJECTED', reason: 'other' } } as const;
    const world = aWorld({
      policy: { backoffAfterRejects: 1, backoffInitialMs: 3_600_000 },
      sim: { shocks: { [`${idOf(2, 'dca.long')}/entry`]: rejected } },
      strategy: {
        0: openLong({ protection: stopAt('50') }),
        2: dca(1),
        3: [dca(1), openShort()],
        4: partialClose({ qty: '0.5' }),
        5: closeLong(),
      },
      bars: [100, 100, 100, 100, 100, 100, 100],
    });
    expect(world.codes()).toEqual(['BACKOFF_ACTIVE', 'BACKOFF_ACTIVE']);
    expect(world.fills().map(({ leg }) => leg)).toEqual(['entry', 'exit', 'exit']);
    expect(world.state.positions.size).toBe(0);
  });

  test('[rule-12] [R12] an order of unknown outcome', () => {
    const world = aWorld({
      strategy: {
        0: openLong({ protection: stopAt('50') }),
        1: dca(1, { order: limitAt('95') }),
        2: [openShort(), closeLong()],
      },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(`${idOf(0, 'open.long')}/entry/1`, '100');
    world.bar(100);
    world.venue.unknown(`${idOf(1, 'dca.long')}/entry/1`);
    world.bar(100);
    expect(world.codes()).toEqual(['UNKNOWN_ORDER_PENDING']);
    expect(world.leg('exit')).toHaveLength(1);
  });

  test('[rule-12] [R12] a plugin that was halted: its protection goes on', () => {
    const world = aWorld({
      policy: { maxPluginFaults: 1 },
      strategy: (_bar: unknown, _ctx: unknown, index: number) => {
        if (index === 2) throw new Error('broken');
        return index === 0 ? openLong({ protection: stopAt('90') }) : undefined;
      },
      bars: [100, 100, 100, [100, 100, 85, 86]],
    });
    expect(world.alerts.map(({ code }) => code)).toEqual(['INSTANCE_HALTED']);
    expect(world.fills().map(({ leg }) => leg)).toEqual(['entry', 'sl']);
  });

  test('[rule-12] no free balance is needed to leave', () => {
    const world = aWorld({
      strategy: { 0: openLong({ sizing_policy: quantity('100') }), 2: closeLong() },
      bars: [100, 100, 100, 99],
    });
    expect(world.fills()).toHaveLength(2);
  });
});

describe('[rule-12] a spot account', () => {
  const spot = {
    instrument: { symbol: 'BTC/USDT' },
    instance: { symbol: 'BTC/USDT' },
  } as const satisfies WorldOptions;

  test('[rule-12] sells at most what is owned', () => {
    const world = aWorld({ ...spot, strategy: { 0: openLong(), 2: partialClose({ qty: '5' }) } });
    for (let i = 0; i < 4; i += 1) world.bar(100, 100, 100, 100, { symbol: 'BTC/USDT' });
    expect(world.fills().map(({ side, quantity: q }) => [side, format(q)])).toEqual([
      ['buy', '1'],
      ['sell', '1'],
    ]);
    expect(world.state.positions.size).toBe(0);
  });

  test('[rule-12] cannot be short', () => {
    const world = aWorld({ ...spot, strategy: { 0: openShort() } });
    world.bar(100, 100, 100, 100, { symbol: 'BTC/USDT' });
    expect(world.denied()).toMatchObject([{ code: 'INSTRUMENT_UNSUPPORTED', path: '/side' }]);
  });
});
