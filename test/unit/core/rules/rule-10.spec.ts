import { describe, expect, test } from 'vitest';
import { decimal, format } from '@strategy-runner/core';
import {
  SYMBOL,
  type WorldOptions,
  aWorld,
  idOf,
  limitAt,
  openLong,
  openShort,
  quantity,
} from '../../../support/world.js';

const key = (bar: number, what: string, leg: string) => `${idOf(bar, what)}/${leg}/1`;

describe('[rule-10] on_existing', () => {
  test('[rule-10] a second open on the same side is denied by default', () => {
    const world = aWorld({ strategy: { 0: openLong(), 2: openLong() }, bars: [100, 100, 100] });
    expect(world.denied()).toMatchObject([{ code: 'POSITION_EXISTS', path: '/side' }]);
    expect(world.created()).toHaveLength(1);
  });

  test('[rule-10] an entry that still works counts as existing', () => {
    const world = aWorld({
      strategy: { 0: openLong({ order: limitAt('90') }), 1: openLong() },
      bars: [100, 100],
    });
    expect(world.codes()).toEqual(['POSITION_EXISTS']);
  });

  test('[rule-10] so does the first of two opens in one answer', () => {
    const world = aWorld({ strategy: { 0: [openLong(), openLong()] }, bars: [100, 100] });
    expect(world.codes()).toEqual(['POSITION_EXISTS']);
    expect(world.fills()).toHaveLength(1);
  });

  test('[rule-10] ignore drops the intent without a denial, and records it', () => {
    const world = aWorld({
      strategy: { 0: openLong(), 2: openLong({ on_existing: 'ignore' }) },
      bars: [100, 100, 100],
    });
    expect(world.denied()).toEqual([]);
    expect(world.outcome(idOf(2, 'open.long'))).toBe('ignored');
    expect(world.created()).toHaveLength(1);
  });
});

describe('[rule-10] on_opposite', () => {
  const opposite = (more: object, options: WorldOptions = {}) =>
    aWorld({ strategy: { 0: openShort(), 2: openLong(more) }, bars: [100, 100, 100], ...options });

  test('[rule-10] [R17] a one-way account denies the other side', () => {
    const world = opposite({}, { positionMode: 'one_way' });
    expect(world.denied()).toMatchObject([
      { code: 'OPPOSITE_POSITION', detail: 'a short is open; close it first' },
    ]);
  });

  test('[rule-10] [R17] a one-way account denies the other side while its entry works', () => {
    const world = aWorld({
      positionMode: 'one_way',
      strategy: { 0: openShort({ order: limitAt('110') }), 1: openLong() },
      bars: [100, 100],
    });
    expect(world.denied()).toMatchObject([
      { code: 'OPPOSITE_POSITION', detail: 'a short is being opened; cancel it first' },
    ]);
    expect(world.orders()).toHaveLength(1);
  });

  test('[rule-10] [R17] a hedge account holds both sides at once', () => {
    const world = opposite({}, { bars: [100, 100, 100, 100] });
    expect(world.denied()).toEqual([]);
    expect(format(world.position('long')!.quantity)).toBe('1');
    expect(format(world.position('short')!.quantity)).toBe('1');
  });

  test('[rule-10] reject is obeyed on a hedge account too', () => {
    expect(opposite({ on_opposite: 'reject' }).codes()).toEqual(['OPPOSITE_POSITION']);
  });

  test.each(['one_way', 'hedge'] as const)(
    '[rule-10] close_first on a %s account closes, waits for the flat and enters at the same open',
    (positionMode) => {
      const world = opposite({ on_opposite: 'close_first' }, { positionMode });
      expect(world.orders().map((order) => order.key)).toEqual([key(2, 'open.long', 'exit')]);
      world.bar(101);
      expect(world.position('short')).toBeUndefined();
      // Decided before the open, so both meet it: first the exit, then the entry that waited for
      // it.
      expect(world.fills().map(({ leg, side, price }) => [leg, side, format(price)])).toEqual([
        ['entry', 'sell', '100'],
        ['exit', 'buy', '101'],
        ['entry', 'buy', '101'],
      ]);
      expect(world.outcome(idOf(2, 'open.long'))).toBe('filled');
    },
  );

  test('[rule-10] close_first with nothing opposite simply enters', () => {
    const open = openLong({ on_opposite: 'close_first' });
    const world = aWorld({ strategy: { 0: open }, bars: [100, 100] });
    expect(world.fills()).toHaveLength(1);
  });
});

describe('[rule-10] close_first waits for a confirmed flat', () => {
  function waiting(more: object = {}, options: WorldOptions = {}) {
    const world = aWorld({
      strategy: { 0: openShort(), 1: openLong({ on_opposite: 'close_first', ...more }) },
      venue: 'manual',
      bars: [100],
      ...options,
    });
    world.venue.fill(key(0, 'open.short', 'entry'), '100');
    world.bar(100);
    return { world, exit: key(1, 'open.long', 'exit') };
  }

  test('[rule-10] a partial fill of the exit is not yet a flat', () => {
    const { world, exit } = waiting();
    world.venue.fill(exit, '100', { quantity: '0.6' });
    expect(world.leg('entry')).toEqual([]);
    world.venue.fill(exit, '100');
    expect(world.leg('entry')).toHaveLength(1);
  });

  test('[rule-10] an accepted or cancelled exit is not a flat', () => {
    const { world, exit } = waiting();
    world.venue.accept(exit);
    expect(world.leg('entry')).toEqual([]);
    world.venue.end(exit);
    expect(world.leg('entry')).toEqual([]);
    expect(world.position('short')).toBeDefined();
  });

  test('[rule-10] gates are looked at again after the flat', () => {
    const { world, exit } = waiting();
    world.command('pause');
    world.venue.fill(exit, '100');
    expect(world.codes()).toEqual(['ENTRIES_PAUSED']);
    expect(world.leg('entry')).toEqual([]);
    expect(world.state.intents.size).toBe(0);
  });

  test('[rule-10] a share of equity is sized at the price of the flat', () => {
    const half = { mode: 'equity_fraction', fraction_bps: 5000, basis: 'equity' };
    const world = aWorld({
      strategy: {
        0: openLong({ sizing_policy: quantity('40') }),
        2: openShort({ on_opposite: 'close_first', sizing_policy: half }),
      },
      bars: [100, 100, 100, 150],
    });
    // 10000 and a profit of 40 × 50: half of 12000 at 150.
    expect(format(world.position('short')!.quantity)).toBe('40');
  });

  test('[rule-10] size and balance are looked at again after the flat', () => {
    const more = { sizing_policy: quantity('99') };
    const { world, exit } = waiting(more);
    world.venue.fill(exit, '400');
    expect(world.denied()).toMatchObject([
      { code: 'BALANCE_INSUFFICIENT', numbers: { needed: '39600', free: '9700' } },
    ]);
  });

  test('[rule-10] the price is looked at again after the flat', () => {
    const { world, exit } = waiting({ order: limitAt('99') }, { risk: { entryCollarBps: 200 } });
    world.bar(120);
    world.venue.fill(exit, '120');
    expect(world.denied()).toMatchObject([
      { code: 'PRICE_OUTSIDE_COLLAR', numbers: { price: '99', last_price: '120' } },
    ]);
  });

  test('[rule-10] a second open while the first waits is denied and closes nothing twice', () => {
    const again = openLong({ on_opposite: 'close_first' });
    const world = aWorld({
      strategy: { 0: openShort(), 1: again, 2: again },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(key(0, 'open.short', 'entry'), '100');
    world.bars([100, 100]);
    expect(world.codes()).toEqual(['POSITION_EXISTS']);
    expect(world.leg('exit')).toHaveLength(1);
  });
});

describe('[rule-10] a side belongs to one instance', () => {
  const owner = `${SYMBOL}:other-1`;

  test('[rule-10] another instance cannot open the same side', () => {
    const world = aWorld({
      strategy: { 1: openLong() },
      also: [{ strategy: { 0: openLong() } }],
      bars: [100, 100],
    });
    expect(world.denied()).toMatchObject([
      { code: 'SYMBOL_OWNED', detail: `this side of the symbol belongs to ${owner}` },
    ]);
  });

  test.each([{}, { on_existing: 'ignore' }])(
    '[rule-10] not while the entry of the other only works either, with %o',
    (more) => {
      const world = aWorld({
        strategy: { 1: openLong(more) },
        also: [{ strategy: { 0: openLong({ order: limitAt('90') }) } }],
        bars: [100, 100],
      });
      expect(world.codes()).toEqual(['SYMBOL_OWNED']);
    },
  );

  test('[rule-10] close_first never closes a position of another instance', () => {
    const world = aWorld({
      strategy: { 2: openLong({ on_opposite: 'close_first' }) },
      also: [{ strategy: { 0: openShort() } }],
      bars: [100, 100, 100, 100],
    });
    expect(world.codes()).toEqual(['SYMBOL_OWNED']);
    expect(world.position('short')!.quantity).toBe(decimal('1'));
  });

  test('[rule-10] on a hedge account two instances may hold one side each', () => {
    const world = aWorld({
      strategy: { 2: openLong() },
      also: [{ strategy: { 0: openShort() } }],
      bars: [100, 100, 100, 100],
    });
    expect(world.denied()).toEqual([]);
    expect(world.state.positions.size).toBe(2);
  });
});
