import { describe, expect, test } from 'vitest';
import { START_MS } from '../../../support/world.js';
import { Desk, type OrderOptions, type VenueOptions, anOrder } from './a-venue.js';

const stop = { name: 'sl', action: 'exit', leg: 'sl', type: 'stop_market' } as const;
const target = { name: 'tp', action: 'exit', leg: 'tp1', type: 'limit' } as const;

/** An entry that a fill answers with `exits`; `bar` forgets the acknowledgements. */
function entering(entry: OrderOptions, exits: readonly OrderOptions[], options?: VenueOptions) {
  const desk = new Desk(options).place({ ...entry, name: 'entry' });
  const bar = (open: number, high: number, low: number, close: number) =>
    desk
      .bar(open, high, low, close, {
        react: (event, venue) => {
          if (event.kind !== 'fill_reported' || event.order !== 'entry') return;
          for (const exit of exits) venue.submit(anOrder(exit));
        },
      })
      .filter((line) => !line.endsWith('accepted'));
  return { desk, bar };
}

describe('the close beyond an order that was placed along the path', () => {
  const limit = { type: 'limit', price: '98' } as const;
  const brackets = [
    { ...stop, stop: '97' },
    { ...target, price: '101' },
  ];

  test('proves a target: it fills at its limit, as maker, in this bar', () => {
    const { bar, desk } = entering(limit, brackets);
    expect(bar(100, 100.5, 99.5, 100)).toEqual([]);
    expect(bar(100, 103, 97.5, 102)).toEqual(['entry 1 @ 98 maker', 'tp 1 @ 101 maker']);
    expect(desk.events.at(-1)!.ts).toBe(START_MS + 2 * 60_000 - 1);
    expect(desk.bar(102, 103, 101, 102)).toEqual([]);
  });

  test('proves a stop that the path had left behind: it fills at its trigger, as taker', () => {
    const entry = { type: 'stop_market', stop: '105' } as const;
    const { bar, desk } = entering(entry, [{ ...stop, stop: '102' }], { slippageBps: '10' });
    bar(100, 101, 99.5, 100);
    // 105 × 1.001 = 105.105, up to the tick; 102 × 0.999 = 101.898, down to it.
    expect(bar(100, 106, 99, 99.5)).toEqual(['entry 1 @ 105.2 taker', 'sl 1 @ 101.8 taker']);
    expect(desk.bar(99)).toEqual([]);
  });

  test.each([
    ['a short target', '103', { ...target, price: '99.5' }, 99, 'tp 1 @ 99.5 maker'],
    ['a short stop', '103', { ...stop, stop: '104' }, 104, 'sl 1 @ 104 taker'],
  ] as const)('works for %s too', (_what, price, exit, close, line) => {
    const side = { positionSide: 'short' } as const;
    const { bar } = entering({ ...side, type: 'limit', price }, [{ ...exit, ...side }]);
    bar(100, 101, 99, 100);
    expect(bar(100, 103.5, 99, close)).toEqual(['entry 1 @ 103 maker', line]);
  });

  test('at the limit is only a touch, which fills where that option is on', () => {
    const bars = (options: VenueOptions) => {
      const { bar } = entering(limit, [{ ...target, price: '101' }], options);
      bar(100, 100.5, 99.5, 100);
      return bar(100, 103, 97.5, 101);
    };
    expect(bars({})).toEqual(['entry 1 @ 98 maker']);
    expect(bars({ fillOnTouch: true })).toEqual(['entry 1 @ 98 maker', 'tp 1 @ 101 maker']);
  });

  test('takes the steps of a ladder in the order in which the price went through them', () => {
    const steps = ['102', '101'].map((price) => ({ ...target, name: price, price }));
    const { bar } = entering(
      { ...limit, quantity: '2' },
      steps.map((step) => ({ ...step, quantity: '1' })),
    );
    bar(100, 100.5, 99.5, 100);
    const fills = ['entry 2 @ 98 maker', '101 1 @ 101 maker', '102 1 @ 102 maker'];
    expect(bar(100, 104, 97.5, 103)).toEqual(fills);
  });

  test('takes the nearest to where the path had come to first, wherever the bar opened', () => {
    const stops = ['102', '104'].map((level) => ({ ...stop, name: level, stop: level }));
    const { bar } = entering({ type: 'stop_market', stop: '105', quantity: '2' }, stops);
    bar(100, 101, 99.5, 100);
    const fills = ['entry 2 @ 105 taker', '104 1 @ 104 taker', '102 1 @ 102 taker'];
    expect(bar(101, 106, 99, 99.5)).toEqual(fills);
  });

  test('takes a stop before a nearer target, where both sides are held', () => {
    const short = { ...target, positionSide: 'short', price: '103' } as const;
    const entry = { type: 'stop_market', stop: '105' } as const;
    const { bar, desk } = entering(entry, [short, { ...stop, stop: '102' }]);
    desk.place({ name: 'short', positionSide: 'short' });
    bar(100, 101, 99.5, 100);
    const fills = ['entry 1 @ 105 taker', 'sl 1 @ 102 taker', 'tp 1 @ 103 maker'];
    expect(bar(100, 106, 99, 99.5)).toEqual(fills);
  });

  test('says nothing about a taker, which waits for the next open', () => {
    const { bar, desk } = entering(limit, [{ name: 'more', type: 'limit', price: '99' }]);
    bar(100, 100.5, 99.5, 100);
    expect(bar(100, 100, 97, 97.5)).toEqual(['entry 1 @ 98 maker']);
    expect(desk.bar(97.2)).toEqual(['more 1 @ 97.2 taker']);
  });

  test('says nothing about a market order', () => {
    const { bar, desk } = entering(limit, [{ ...target, type: 'market' }]);
    bar(100, 100.5, 99.5, 100);
    expect(bar(100, 103, 97, 102)).toEqual(['entry 1 @ 98 maker']);
    expect(desk.bar(103)).toEqual(['tp 1 @ 103 taker']);
  });

  test('fills no more than the volume of the bar has left', () => {
    const { bar } = entering(limit, [{ ...target, price: '101' }], { volumeShareBps: 10 });
    bar(100, 100.5, 99.5, 100);
    // 10 bps of 1000 is the one unit that the entry takes.
    expect(bar(100, 103, 97.5, 102)).toEqual(['entry 1 @ 98 maker']);
  });
});

describe('an order placed along the path that the close has not passed', () => {
  test('rests from then on: the next open that gaps through it fills it at its limit', () => {
    const { bar, desk } = entering({ type: 'limit', price: '98' }, [{ ...target, price: '101' }]);
    bar(100, 100.5, 99.5, 100);
    expect(bar(100, 103, 97.5, 100)).toEqual(['entry 1 @ 98 maker']);
    expect(desk.bar(104, 105, 103, 104)).toEqual(['tp 1 @ 101 maker']);
  });

  test('a post-only one is not refused at the next open, since it rests', () => {
    const more = { name: 'more', type: 'limit', price: '97', postOnly: true } as const;
    const { bar, desk } = entering({ type: 'limit', price: '98' }, [more]);
    bar(100, 100.5, 99.5, 100);
    expect(bar(100, 101, 97.5, 100)).toEqual(['entry 1 @ 98 maker']);
    expect(desk.bar(96)).toEqual(['more 1 @ 97 maker']);
  });

  test('a stop that the next open gaps through leaves at that open', () => {
    const entry = { type: 'stop_market', stop: '105' } as const;
    const { bar, desk } = entering(entry, [{ ...stop, stop: '102' }]);
    bar(100, 101, 99.5, 100);
    expect(bar(100, 106, 99, 104)).toEqual(['entry 1 @ 105 taker']);
    expect(desk.bar(99)).toEqual(['sl 1 @ 99 taker']);
  });
});
