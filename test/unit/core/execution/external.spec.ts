import { describe, expect, test } from 'vitest';
import { type Position, equity, format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type World,
  type WorldOptions,
  closeLong,
  idOf,
  limitAt,
  openLong,
  openShort,
  quantity,
  stopAt,
} from '../../../support/world.js';
import { type Given, anExternalFill } from './an-external-fill.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');

/** Long 2 at 100 with a stop at 90 that rests. */
function holding(options: WorldOptions = {}): World {
  const body = openLong({ sizing_policy: quantity('2'), protection: stopAt('90') });
  const world = aWatchedWorld({ strategy: { 0: body }, venue: 'manual', bars: [100], ...options });
  world.venue.fill(`${OPEN}/entry/1`, '100');
  world.venue.accept(`${OPEN}/sl/1`);
  return world;
}

function reported(world: World, given: Given = {}): World {
  return world.take(anExternalFill(world, given));
}

function quantityOf(world: World, id: string): string | undefined {
  const position = world.state.positions.get(id) as Position | undefined;
  return position && format(position.quantity);
}

const holds = (world: World) => [...world.state.holds];

describe('a fill of no order of this session', () => {
  test('P13: takes from what the strategy holds, with its result and its fee', () => {
    const world = reported(holding(), { price: '110', quantity: '0.5', fee: '0.02' });
    expect(quantityOf(world, `pos:${OPEN}`)).toBe('1.5');
    expect(format(world.state.cash)).toBe('10004.98');
    expect(format(world.state.realized)).toBe('5');
    expect(world.recordsOf('external_fill')).toMatchObject([
      { tradeId: 'x1', venueOrderId: '77', action: 'exit', cause: 'manual' },
    ]);
  });

  test('shrinks the protection with the position', () => {
    const world = reported(holding(), { quantity: '0.5' });
    const stops = world.leg('sl').map(({ quantity, status }) => `${format(quantity)} ${status}`);
    expect(stops).toContain('1.5 created');
  });

  test('is told to the plugin as a fill of its position', () => {
    const world = reported(holding(), { quantity: '0.5', tradeId: 'x9' });
    expect(world.heard.fills.at(-1)).toMatchObject({
      leg: 'external',
      intent_id: OPEN,
      position_id: `pos:${OPEN}`,
      action: 'exit',
      quantity: '0.5',
    });
  });

  test('[B13] holds entries on its symbol, names itself and says how to go on', () => {
    const world = reported(holding(), { quantity: '0.5' });
    expect(holds(world)).toEqual([['BTC/USDT:USDT|x1', 'FILL_UNMATCHED']]);
    expect(world.alerts).toMatchObject([{ code: 'FILL_UNMATCHED' }]);
    expect(world.alerts[0]!.text).toContain('runner resume --ack x1');
  });

  test('sends nothing: no trade is ever traded back', () => {
    const world = holding();
    const before = world.venue.submitted.length;
    reported(world, { quantity: '2' });
    expect(world.venue.submitted).toHaveLength(before);
  });

  test('is booked once, whoever tells it again', () => {
    const world = reported(reported(holding(), { quantity: '0.5' }), { quantity: '0.5' });
    expect(quantityOf(world, `pos:${OPEN}`)).toBe('1.5');
    expect(world.recordsOf('external_fill')).toHaveLength(1);
    expect(world.recordsOf('fill_duplicate')).toMatchObject([{ tradeId: 'x1' }]);
  });

  test('with the trade id of an order of ours changes nothing', () => {
    const world = holding();
    const [fill] = world.fills();
    reported(world, { tradeId: fill!.tradeId, quantity: '0.5' });
    expect(quantityOf(world, `pos:${OPEN}`)).toBe('2');
    expect(world.recordsOf('external_fill')).toEqual([]);
    expect(holds(world)).toEqual([]);
  });

  test('and then reported for an order of ours is not booked again', () => {
    const world = reported(holding(), { quantity: '0.5', tradeId: 'both' });
    world.venue.fill(`${OPEN}/sl/1`, '100', { quantity: '0.5', tradeId: 'both' });
    expect(quantityOf(world, `pos:${OPEN}`)).toBe('1.5');
  });

  test('the same trade id of another symbol is another trade', () => {
    const world = reported(holding(), { quantity: '0.5' });
    reported(world, { symbol: 'ETH/USDT:USDT', positionSide: 'short' });
    expect(world.recordsOf('external_fill')).toHaveLength(2);
  });
});

describe('a fill that closes all of a position', () => {
  test.each(['manual', 'liquidation', 'adl', 'settlement'] as const)(
    'P7: closes it for the reason %s, and takes its protection back',
    (cause) => {
      const world = reported(holding(), { quantity: '2', cause });
      expect(world.recordsOf('position_closed')).toMatchObject([{ reason: cause }]);
      expect(world.venue.cancelled).toEqual([`${OPEN}/sl/1`]);
      expect(world.state.positions.size).toBe(0);
      const told = world.heard.intents.filter(({ type }) => type === 'position_closed');
      expect(told).toMatchObject([{ code: cause }]);
    },
  );

  test('resumes nothing that waited for the flat', () => {
    const reversal = openShort({ on_opposite: 'close_first', protection: stopAt('120') });
    const body = openLong({ protection: stopAt('90') });
    const world = aWatchedWorld({
      strategy: { 0: body, 1: reversal },
      venue: 'manual',
      positionMode: 'one_way',
      bars: [100],
    });
    world.venue.fill(`${OPEN}/entry/1`, '100');
    world.bar(100);
    const before = world.venue.submitted.length;
    reported(world, { cause: 'adjustment', positionSide: null });
    expect(world.recordsOf('position_closed')).toHaveLength(1);
    expect(world.venue.submitted).toHaveLength(before);
    const exit = world.orders().find(({ leg }) => leg === 'exit');
    world.venue.end(exit!.key);
    expect(world.state.intents.size).toBe(0);
    expect(world.venue.submitted).toHaveLength(before);
  });
});

describe('a forced close', () => {
  test.each(['liquidation', 'adl'] as const)('P7: (P8) %s holds entries everywhere', (cause) => {
    const world = reported(holding(), { quantity: '2', cause });
    expect(holds(world)).toEqual([
      ['BTC/USDT:USDT|x1', 'FILL_UNMATCHED'],
      [`*|${cause}:x1`, 'FORCED_CLOSE'],
    ]);
    expect(world.alerts.map(({ code }) => code)).toContain('FORCED_CLOSE');
  });

  test.each(['manual', 'settlement'] as const)('P9: %s holds its symbol only', (cause) => {
    const world = reported(holding(), { quantity: '2', cause });
    expect(holds(world)).toHaveLength(1);
  });

  test('an adjustment that the operator gave holds nothing', () => {
    expect(holds(reported(holding(), { cause: 'adjustment', quantity: '0.5' }))).toEqual([]);
  });
});

describe('what somebody else holds', () => {
  test('is a position of its own that no plugin sees, and counts in the equity', () => {
    const world = aWatchedWorld({ venue: 'manual', bars: [100] });
    reported(world, { side: 'buy', quantity: '3' });
    expect(quantityOf(world, 'ext:BTC/USDT:USDT:long')).toBe('3');
    expect(world.heard.fills).toEqual([]);
    world.bar(110);
    expect(format(equity(world.engine))).toBe('10030');
  });

  test('gives way before what the strategy holds', () => {
    const world = reported(holding(), { side: 'buy', quantity: '1', tradeId: 'a' });
    reported(world, { quantity: '2.5', tradeId: 'b', price: '104', fee: '0.3' });
    expect(quantityOf(world, 'ext:BTC/USDT:USDT:long')).toBeUndefined();
    expect(quantityOf(world, `pos:${OPEN}`)).toBe('0.5');
    const parts = world.recordsOf('external_fill').slice(1);
    expect(parts.map((part) => [part.positionId, format(part.quantity), format(part.fee)])).toEqual(
      [
        ['ext:BTC/USDT:USDT:long', '1', '0.12'],
        [`pos:${OPEN}`, '1.5', '0.18'],
      ],
    );
  });

  test('is opened by what exceeds all that is held', () => {
    const world = reported(holding({ positionMode: 'one_way' }), {
      quantity: '5',
      positionSide: null,
    });
    expect(quantityOf(world, `pos:${OPEN}`)).toBeUndefined();
    expect(quantityOf(world, 'ext:BTC/USDT:USDT:short')).toBe('3');
  });

  test('a hedged entry leaves the other side alone', () => {
    const world = reported(holding(), { side: 'sell', positionSide: 'short', quantity: '1' });
    expect(quantityOf(world, `pos:${OPEN}`)).toBe('2');
    expect(quantityOf(world, 'ext:BTC/USDT:USDT:short')).toBe('1');
  });

  test('of a symbol without bars is worth what it cost', () => {
    const world = aWatchedWorld({ venue: 'manual', bars: [100] });
    reported(world, { symbol: 'ETH/USDT:USDT', side: 'buy', price: '2000' });
    expect(format(equity(world.engine))).toBe('10000');
  });

  test('keeps strategies off that side until it is gone', () => {
    const world = aWatchedWorld({
      strategy: { 1: openLong(), 2: openLong() },
      venue: 'manual',
      bars: [100],
    });
    reported(world, { side: 'buy', cause: 'adjustment' });
    world.bar(100);
    expect(world.codes()).toEqual(['SYMBOL_OWNED']);
    reported(world, { side: 'sell', cause: 'adjustment', tradeId: 'x2' });
    world.bar(100);
    expect(world.venue.submitted).toHaveLength(1);
  });
});

describe('on a spot account', () => {
  const spot = { instrument: { market: 'spot' }, venue: 'manual', bars: [100] } as const;

  test('a manual purchase costs cash and is worth its price', () => {
    const world = aWatchedWorld(spot);
    reported(world, { side: 'buy', positionSide: null, quantity: '2' });
    expect(format(world.state.cash)).toBe('9800');
    expect(format(equity(world.engine))).toBe('10000');
  });

  test('a sale of coins that the ledger never held is a flow of cash, told once', () => {
    const world = aWatchedWorld(spot);
    const sale = { positionSide: null, quantity: '2', fee: '0.1' } as const;
    reported(reported(world, sale), sale);
    expect(world.state.positions.size).toBe(0);
    expect(format(world.state.cash)).toBe('10199.9');
    expect(format(world.state.moved)).toBe('199.9');
    expect(holds(world)).toHaveLength(1);
  });
});

describe('a reported fill that fits nothing', () => {
  test('[B13] holds the symbol of the instance that its order names', () => {
    const world = holding();
    world.venue.fill(`${OPEN}/exit/9`, '100', { quantity: '1', tradeId: 'lost' });
    expect(world.recordsOf('fill_unmatched')).toMatchObject([{ tradeId: 'lost' }]);
    expect(holds(world)).toEqual([['BTC/USDT:USDT|lost', 'FILL_UNMATCHED']]);
  });

  test('[B13] holds all symbols where nobody knows whose it is', () => {
    const world = holding();
    world.venue.fill('who/entry/1', '100', { quantity: '1', tradeId: 'lost' });
    expect(holds(world)).toEqual([['*|lost', 'FILL_UNMATCHED']]);
  });

  test('[B13] an exit beyond what is held holds its symbol', () => {
    const body = openLong({ protection: stopAt('90') });
    const close = closeLong({ order: limitAt('105') });
    const world = aWatchedWorld({ strategy: { 0: body, 1: close }, venue: 'manual', bars: [100] });
    world.venue.fill(`${OPEN}/entry/1`, '100');
    world.bar(100);
    const exit = `${idOf(1, 'close.long')}/exit/1`;
    world.venue.accept(exit);
    reported(world, { quantity: '0.4' });
    world.venue.fill(exit, '105', { quantity: '1', tradeId: 'over' });
    expect(world.recordsOf('fill_unmatched')).toMatchObject([{ tradeId: 'over' }]);
    expect([...world.state.holds.keys()]).toContain('BTC/USDT:USDT|over');
  });
});
