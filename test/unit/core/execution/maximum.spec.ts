// More than the venue takes in one order: entries are denied, exits leave one behind the other.
import { type EngineEvent, decimal, format } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type World,
  type WorldOptions,
  closeLong,
  dca,
  idOf,
  limitAt,
  openLong,
  openShort,
  partialClose,
  quantity,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');
const LIMITS = { max_quantity: '3', max_market_quantity: '1' };
/** 2.5, entered by a limit: more than the venue takes at market. */
const BIG = { sizing_policy: quantity('2.5'), order: limitAt('100') };

/** What was sent: leg, type and quantity, in order. */
const sent = (world: World, leg: string) =>
  world
    .created()
    .filter((order) => order.leg === leg || order.leg.startsWith(`${leg}.`))
    .map((order) => `${order.leg}/${order.attempt} ${order.type} ${format(order.quantity)}`);

type FiltersChanged = Extract<EngineEvent, { kind: 'filters_changed' }>;

/** Other rules from now on. */
function changed(world: World, rules: Partial<FiltersChanged>): World {
  return world.take({
    kind: 'filters_changed',
    ts: world.now,
    symbol: 'BTC/USDT:USDT',
    tickSize: decimal('0.1'),
    lotSize: decimal('0.001'),
    minQuantity: decimal('0.001'),
    minNotional: 0n,
    ...rules,
  });
}

function holding(options: WorldOptions, more: object = {}): World {
  const world = aWatchedWorld({
    cash: '100000',
    instrument: LIMITS,
    venue: 'manual',
    bars: [100],
    ...options,
    strategy: { 0: openLong({ ...BIG, ...more }), ...(options.strategy as object) },
  });
  world.venue.fill(`${OPEN}/entry/1`, '100');
  return world;
}

describe('an entry above the maximum', () => {
  test.each([
    ['market', { sizing_policy: quantity('1.1') }, '1'],
    ['limit', { sizing_policy: quantity('3.1'), order: limitAt('100') }, '3'],
  ])('is denied with the numbers: %s', (_type, more, most) => {
    const world = aWatchedWorld({
      cash: '100000',
      instrument: LIMITS,
      strategy: { 0: openLong(more) },
      bars: [100],
    });
    expect(world.denied()).toMatchObject([
      { code: 'ABOVE_MAX_QTY', numbers: { max_quantity: most } },
    ]);
    expect(world.created()).toEqual([]);
  });

  test('is taken at the maximum, and whole where the venue has none', () => {
    for (const instrument of [LIMITS, {}]) {
      const most = openLong({ sizing_policy: quantity('1') });
      const world = aWatchedWorld({ instrument, strategy: { 0: most }, bars: [100] });
      expect(world.created()).toHaveLength(1);
      expect(world.created()[0]).not.toHaveProperty('rest');
    }
  });

  test('is held against the rules that the venue has changed since', () => {
    const world = aWatchedWorld({ strategy: { 1: openLong() }, bars: [100] });
    changed(world, { maxQuantity: null, maxMarketQuantity: decimal('0.5') }).bar(100);
    expect(world.codes()).toEqual(['ABOVE_MAX_QTY']);
  });

  test('is refused by the simulated venue as well', () => {
    const world = aWatchedWorld({
      instrument: { max_market_quantity: '0.5' },
      strategy: { 1: openLong() },
      bars: [100],
    });
    changed(world, { maxMarketQuantity: null }).bar(100);
    expect(world.outcome(idOf(1, 'open.long'))).toBe('rejected');
  });
});

describe('a close above the maximum', () => {
  test('leaves in parts, one behind the other, together what is held', () => {
    const world = holding({ strategy: { 1: closeLong() } });
    world.bar(100);
    const close = idOf(1, 'close.long');
    expect(sent(world, 'exit')).toEqual(['exit/1 market 1']);
    world.venue.fill(`${close}/exit/1`, '100');
    world.venue.fill(`${close}/exit/2`, '100', { quantity: '0.6' });
    expect(sent(world, 'exit')).toHaveLength(2);
    world.venue.fill(`${close}/exit/2`, '100');
    expect(world.outcome(close)).toBeUndefined();
    world.venue.fill(`${close}/exit/3`, '100');
    expect(sent(world, 'exit')).toEqual([
      'exit/1 market 1',
      'exit/2 market 1',
      'exit/3 market 0.5',
    ]);
    expect(world.outcome(close)).toBe('filled');
    expect(world.position()).toBeUndefined();
  });

  test('tells the plugin what leaves of what it asked for, and why', () => {
    const world = holding({ strategy: { 1: closeLong() } });
    world.bar(100);
    expect(world.heard.intents.filter(({ type }) => type === 'normalized')).toMatchObject([
      { diff: [{ field: 'quantity', from: '2.5', to: '1', why: 'max_quantity' }] },
    ]);
  });

  test('is over, in part, when one of them is refused', () => {
    const world = holding({ strategy: { 1: closeLong() } });
    world.bar(100);
    const close = idOf(1, 'close.long');
    world.venue.fill(`${close}/exit/1`, '100');
    world.venue.reject(`${close}/exit/2`);
    expect(world.outcome(close)).toBe('partially_filled');
    expect(format(world.position()!.quantity)).toBe('1.5');
  });

  test('sends nothing more once it has expired', () => {
    const world = holding({ strategy: { 1: closeLong({ expires: { after_ms: 30_000 } }) } });
    world.bar(100);
    const close = idOf(1, 'close.long');
    world.venue.tick(30_000);
    world.venue.fill(`${close}/exit/1`, '100');
    expect(sent(world, 'exit')).toHaveLength(1);
    expect(world.codes()).toEqual(['EXPIRED']);
  });

  test('takes the targets out of the way, and keeps them out between its parts', () => {
    const take_profit = [{ at: { abs: '110' }, share_bps: 10_000, order: 'limit' }];
    const world = holding({ strategy: { 1: closeLong() } }, { protection: { take_profit } });
    world.bar(100);
    world.venue.end(`${OPEN}/tp1/1`);
    world.venue.fill(`${idOf(1, 'close.long')}/exit/1`, '100');
    expect(world.leg('tp1')).toEqual([]);
  });

  test('meets the same open in the simulated venue, which refuses more than the maximum', () => {
    const world = aWatchedWorld({
      cash: '100000',
      instrument: LIMITS,
      strategy: { 0: openLong(BIG), 2: closeLong() },
      bars: [100, 99, 99, 98, 98],
    });
    const closed = world.fills().filter(({ action }) => action === 'exit');
    expect(closed.map(({ quantity: q, price }) => [format(q), format(price)])).toEqual([
      ['1', '98'],
      ['1', '98'],
      ['0.5', '98'],
    ]);
    expect(new Set(closed.map(({ ts }) => ts)).size).toBe(1);
  });
});

test('a partial close above the maximum leaves in parts, and takes no more than its part', () => {
  const world = holding({ strategy: { 1: partialClose({ qty: '1.7' }) } });
  world.bar(100);
  const part = idOf(1, 'partial_close.long');
  world.venue.fill(`${part}/exit/1`, '100');
  world.venue.fill(`${part}/exit/2`, '100');
  expect(sent(world, 'exit')).toEqual(['exit/1 market 1', 'exit/2 market 0.7']);
  expect(format(world.position()!.quantity)).toBe('0.8');
  expect(world.outcome(part)).toBe('filled');
});

test('a fallback takes over all that an exit in parts had still to do', () => {
  const fallback = {
    mode: 'limit_to_market',
    on: ['timeout'],
    after_ms: 60_000,
    max_slippage_bps: 100,
  };
  const part = partialClose({ qty: '1.7' }, { order: limitAt('101'), fallback });
  const world = holding({ strategy: { 1: part } });
  changed(world, { maxQuantity: decimal('1') }).bars([100, 100]);
  const id = idOf(1, 'partial_close.long');
  world.venue.end(`${id}/exit/1`);
  world.venue.fill(`${id}/fallback/1`, '100');
  world.venue.fill(`${id}/fallback/2`, '100');
  expect(format(world.position()!.quantity)).toBe('0.8');
});

test('a time exit is not sent beside a close in parts that takes all of it', () => {
  const time_exit = { after_bars: 2, only_if: 'always', order: 'market' };
  const world = holding({ strategy: { 1: closeLong() } }, { protection: { time_exit } });
  world.bars([100, 100, 100]);
  expect(world.created().map(({ leg }) => leg)).toEqual(['entry', 'exit']);
});

test('an exit behind a trigger goes on at market once that was reached', () => {
  const order = { type: 'market', trigger: { price: '95', direction: 'fall_to' } };
  const world = holding({ strategy: { 1: closeLong({ order }) } });
  world.bar(100);
  world.venue.fill(`${idOf(1, 'close.long')}/exit/1`, '95');
  expect(sent(world, 'exit')).toEqual(['exit/1 stop_market 1', 'exit/2 market 1']);
});

test('an open that closes the other side first waits for all parts', () => {
  const world = holding({
    strategy: {
      1: openShort({ sizing_policy: quantity('0.5'), on_opposite: 'close_first' }),
    },
  });
  world.bar(100);
  const short = idOf(1, 'open.short');
  for (const attempt of [1, 2]) world.venue.fill(`${short}/exit/${attempt}`, '100');
  expect(world.leg('entry')).toEqual([]);
  world.venue.fill(`${short}/exit/3`, '100');
  expect(world.leg('entry')).toHaveLength(1);
});

test('a bought part that is flattened above the maximum leaves in parts', () => {
  const partial_fill = { policy: 'flatten', max_slippage_bps: 50 };
  const world = aWatchedWorld({
    cash: '100000',
    instrument: { max_quantity: '3' },
    venue: 'manual',
    bars: [100],
    strategy: { 0: openLong({ ...BIG, partial_fill }) },
  });
  world.venue.fill(`${OPEN}/entry/1`, '100', { quantity: '2.2' });
  changed(world, { maxQuantity: decimal('1') });
  world.venue.end(`${OPEN}/entry/1`);
  world.venue.fill(`${OPEN}/flatten/1`, '99.9');
  world.venue.fill(`${OPEN}/flatten/2`, '99.9');
  world.venue.fill(`${OPEN}/flatten/3`, '99.9');
  expect(sent(world, 'flatten').map((order) => order.split(' ')[2])).toEqual(['1', '1', '0.2']);
  expect(world.position()).toBeUndefined();
});

describe('exits of the host above the maximum', () => {
  test('a stop that the host holds closes all of it, part behind part', () => {
    const world = holding({}, { protection: { ...stopAt('90'), place: 'host' } });
    world.bar(89);
    for (const attempt of [1, 2, 3]) world.venue.fill(`${OPEN}/sl/${attempt}`, '89');
    expect(sent(world, 'sl')).toEqual(['sl/1 market 1', 'sl/2 market 1', 'sl/3 market 0.5']);
    expect(world.position()).toBeUndefined();
  });

  test('a time exit too', () => {
    const time_exit = { after_bars: 1, only_if: 'always', order: 'market' };
    const world = holding({}, { protection: { time_exit } });
    world.bars([100, 100]);
    for (const attempt of [1, 2, 3]) world.venue.fill(`${OPEN}/time/${attempt}`, '100');
    expect(world.position()).toBeUndefined();
  });

  test('a resting target is placed again for what the venue did not take at once', () => {
    const take_profit = [
      { at: { abs: '110' }, share_bps: 8_000, order: 'limit' },
      { at: { abs: '120' }, share_bps: 2_000, order: 'limit' },
    ];
    const world = holding(
      { instrument: { max_quantity: '2.5' }, strategy: { 1: dca(1, BIG) } },
      { protection: { take_profit } },
    );
    world.bar(100);
    world.venue.fill(`${idOf(1, 'dca.long')}/entry/1`, '100');
    const before = world.leg('tp1').at(-1)!;
    world.venue.accept(before.key);
    expect([format(before.quantity), format(before.rest!)]).toEqual(['2.5', '1.5']);
    world.venue.fill(before.key, '110', { quantity: '0.5' });
    expect(world.created().at(-1)!.key).toBe(world.leg('tp2').at(-1)!.key);
    world.venue.fill(before.key, '110');
    const after = world.leg('tp1').at(-1)!;
    expect([format(after.quantity), after.rest]).toEqual(['1.5', undefined]);
    world.venue.fill(after.key, '110');
    expect(world.position()!.protection!.targets[0]).toMatchObject({ isDone: true });
    expect(format(world.position()!.quantity)).toBe('1');
  });
});
