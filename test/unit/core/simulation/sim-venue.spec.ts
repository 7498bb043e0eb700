import { describe, expect, test } from 'vitest';
import { START_MS } from '../../../support/world.js';
import { Desk, type OrderOptions, anOrder } from './a-venue.js';

describe('orders from before meet the open', () => {
  test('a market order fills at the next open, as taker, and not at the close that it saw', () => {
    const desk = new Desk().place({});
    expect(desk.bar(101, 110, 90, 95)).toEqual(['a 1 @ 101 taker']);
    expect(desk.events[0]!.ts).toBe(START_MS);
  });

  test('a new limit that is marketable is a taker at the open, not at its limit', () => {
    const desk = new Desk().place({ type: 'limit', price: '105' });
    expect(desk.bar(101)).toEqual(['a 1 @ 101 taker']);
  });

  test('a post-only order that would cross is refused', () => {
    const desk = new Desk().place({ type: 'limit', price: '101', postOnly: true });
    expect(desk.bar(101)).toEqual(['a rejected POST_ONLY_WOULD_CROSS']);
    expect(desk.events[0]).toMatchObject({ reason: 'post_only' });
    expect(desk.bar(90)).toEqual([]);
  });

  test('a gapped stop fills at the open, worse than its trigger', () => {
    const desk = new Desk().holding('long', '1', 100);
    desk.place({ name: 'sl', action: 'exit', leg: 'sl', type: 'stop_market', stop: '98' });
    expect(desk.bar(99)).toEqual([]);
    expect(desk.bar(90, 91, 89, 90)).toEqual(['sl 1 @ 90 taker']);
  });

  test('a resting limit that the open gaps through fills at its limit, not at the open', () => {
    const desk = new Desk().place({ type: 'limit', price: '98' });
    expect(desk.bar(100)).toEqual([]);
    expect(desk.bar(95)).toEqual(['a 1 @ 98 maker']);
  });

  test('IOC and FOK limits that are not marketable at the open expire', () => {
    const desk = new Desk().place(
      { name: 'ioc', type: 'limit', price: '99', timeInForce: 'IOC' },
      { name: 'fok', type: 'limit', price: '99', timeInForce: 'FOK' },
    );
    expect(desk.bar(100, 101, 90)).toEqual(['ioc expired EXPIRED', 'fok expired EXPIRED']);
  });
});

describe('resting orders along the path', () => {
  test('a limit fills at its limit, as maker, when the price trades through it', () => {
    const desk = new Desk().place({ type: 'limit', price: '98' });
    desk.bar(100);
    expect(desk.bar(100, 101, 97.9)).toEqual(['a 1 @ 98 maker']);
  });

  test('a limit that is only touched does not fill', () => {
    const desk = new Desk().place({ type: 'limit', price: '98' });
    desk.bar(100);
    expect(desk.bar(100, 101, 98)).toEqual([]);
  });

  test('a limit that is only touched fills where that option is on', () => {
    const desk = new Desk({ fillOnTouch: true }).place({ type: 'limit', price: '98' });
    desk.bar(100);
    expect(desk.bar(100, 101, 98)).toEqual(['a 1 @ 98 maker']);
  });

  test('a new passive limit may fill within the bar whose open it met', () => {
    const desk = new Desk().place({ type: 'limit', price: '98' });
    expect(desk.bar(100, 101, 97)).toEqual(['a 1 @ 98 maker']);
  });

  test('a bar that reaches stop and target counts as stopped', () => {
    const desk = new Desk().holding('long', '1', 100);
    desk.place(
      { name: 'tp', action: 'exit', leg: 'tp1', type: 'limit', price: '105' },
      { name: 'sl', action: 'exit', leg: 'sl', type: 'stop_market', stop: '95' },
    );
    expect(desk.bar(104, 120, 80, 119)).toEqual(['sl 1 @ 95 taker', 'tp expired REDUCE_ONLY_FLAT']);
  });

  test('the same for a short, whose target lies on the side that comes first', () => {
    const desk = new Desk().holding('short', '1', 100);
    const exit = { action: 'exit', positionSide: 'short' } as const;
    desk.place(
      { ...exit, name: 'tp', leg: 'tp1', type: 'limit', price: '95' },
      { ...exit, name: 'sl', leg: 'sl', type: 'stop_market', stop: '105' },
    );
    const told = desk.bar(100, 120, 80, 81);
    expect(told).toEqual(['sl 1 @ 105 taker', 'tp expired REDUCE_ONLY_FLAT']);
  });

  test('below the open comes before above it, and the nearest level first', () => {
    const desk = new Desk().place(
      { name: 'far-below', type: 'limit', price: '95' },
      { name: 'above', type: 'stop_market', stop: '101' },
      { name: 'near-below', type: 'limit', price: '99' },
    );
    desk.bar(100);
    expect(desk.bar(100, 102, 90)).toEqual([
      'near-below 1 @ 99 maker',
      'far-below 1 @ 95 maker',
      'above 1 @ 101 taker',
    ]);
  });

  test('of two orders at one level the older one comes first', () => {
    const desk = new Desk().place(
      { name: 'older', type: 'limit', price: '99' },
      { name: 'newer', type: 'limit', price: '99' },
    );
    desk.bar(100);
    expect(desk.bar(100, 100, 98)).toEqual(['older 1 @ 99 maker', 'newer 1 @ 99 maker']);
  });

  test('what happens inside a bar carries the last millisecond of it', () => {
    const desk = new Desk().place({ type: 'limit', price: '98' });
    desk.bar(100, 100, 97);
    expect(desk.events[0]!.ts).toBe(START_MS + 59_999);
  });
});

describe('protection that an in-bar fill places', () => {
  const stop = { name: 'sl', action: 'exit', leg: 'sl', type: 'stop_market' } as const;

  function entering(entry: OrderOptions, exit: OrderOptions) {
    const desk = new Desk().place({ ...entry, name: 'entry' });
    const bar = (open: number, high: number, low: number) =>
      desk.bar(open, high, low, open, {
        react: (event, venue) => {
          if (event.kind === 'fill_reported' && event.order === 'entry') {
            venue.submit(anOrder(exit));
          }
        },
      });
    return { desk, bar };
  }

  test('is hit in the same bar where its level lies further along', () => {
    const { bar } = entering({ type: 'limit', price: '98' }, { ...stop, stop: '96' });
    expect(bar(100, 101, 95)).toEqual(['entry 1 @ 98 maker', 'sl accepted', 'sl 1 @ 96 taker']);
  });

  test('is not hit by a level that the price had passed before', () => {
    const { bar, desk } = entering({ type: 'stop_market', stop: '104' }, { ...stop, stop: '97' });
    expect(bar(100, 105, 95)).toEqual(['entry 1 @ 104 taker', 'sl accepted']);
    expect(desk.bar(100, 100, 99)).toEqual([]);
    expect(desk.bar(99, 99, 96)).toEqual(['sl 1 @ 97 taker']);
  });

  test('leaves its target to the next bar, where it rests, unless the close has passed it', () => {
    const target = { name: 'tp', action: 'exit', leg: 'tp1', type: 'limit', price: '103' } as const;
    const { bar, desk } = entering({ type: 'limit', price: '98' }, target);
    expect(bar(100, 110, 95)).toEqual(['entry 1 @ 98 maker', 'tp accepted']);
    expect(desk.bar(104)).toEqual(['tp 1 @ 103 maker']);
  });

  test('a fill at the open leaves its protection the whole bar', () => {
    const { bar } = entering({ type: 'market' }, { ...stop, stop: '96' });
    expect(bar(100, 101, 95)).toEqual(['entry 1 @ 100 taker', 'sl accepted', 'sl 1 @ 96 taker']);
  });

  test('what is marketable where it is placed waits for the next open', () => {
    const { bar, desk } = entering(
      { type: 'limit', price: '98' },
      { name: 'more', type: 'limit', price: '99' },
    );
    expect(bar(100, 101, 95)).toEqual(['entry 1 @ 98 maker', 'more accepted']);
    expect(desk.bar(97)).toEqual(['more 1 @ 97 taker']);
  });

  test('an order that may not rest waits for the next open', () => {
    const ioc = { name: 'ioc', type: 'limit', price: '97', timeInForce: 'IOC' } as const;
    const { bar, desk } = entering({ type: 'limit', price: '98' }, ioc);
    expect(bar(100, 101, 90)).toEqual(['entry 1 @ 98 maker', 'ioc accepted']);
    expect(desk.bar(99)).toEqual(['ioc expired EXPIRED']);
  });

  test("the host's own follow-up to a fill at the open meets that open too", () => {
    const { bar } = entering({ type: 'market' }, { ...stop, type: 'market', isFollowUp: true });
    expect(bar(100, 101, 95)).toEqual(['entry 1 @ 100 taker', 'sl accepted', 'sl 1 @ 100 taker']);
  });

  test('what a plugin decides while the bar opens waits for the next open', () => {
    const { bar, desk } = entering({ type: 'market' }, { name: 'second', type: 'market' });
    expect(bar(100, 101, 95)).toEqual(['entry 1 @ 100 taker', 'second accepted']);
    expect(desk.bar(103)).toEqual(['second 1 @ 103 taker']);
  });
});

describe('stop-limit orders', () => {
  const stopLimit = { type: 'stop_limit', stop: '95', price: '94', action: 'exit' } as const;

  test('trigger and fill at the trigger where the limit allows it', () => {
    const desk = new Desk().holding('long', '1', 100).place({ ...stopLimit, name: 'sl' });
    expect(desk.bar(97, 97, 93)).toEqual(['sl triggered', 'sl 1 @ 95 taker']);
  });

  test('a gap beyond the limit triggers them, and they rest at their limit', () => {
    const desk = new Desk().holding('long', '1', 100).place({ ...stopLimit, name: 'sl' });
    expect(desk.bar(90, 93, 88, 91)).toEqual(['sl triggered']);
    expect(desk.bar(92, 93.9, 91)).toEqual([]);
    expect(desk.bar(92, 94.1, 91)).toEqual(['sl 1 @ 94 maker']);
  });

  test('a gap between trigger and limit fills at the open, and says that it was triggered', () => {
    const desk = new Desk().holding('long', '1', 100).place({ ...stopLimit, name: 'sl' });
    expect(desk.bar(94.5)).toEqual(['sl triggered', 'sl 1 @ 94.5 taker']);
  });
});

describe('reduce-only orders', () => {
  const exit = { action: 'exit', type: 'market' } as const;

  test('never flip: they fill at most what is held', () => {
    const desk = new Desk()
      .holding('long', '1', 100)
      .place({ ...exit, name: 'out', quantity: '3' });
    expect(desk.bar(101)).toEqual(['out 1 @ 101 taker', 'out expired REDUCE_ONLY_FLAT']);
  });

  test('end when there is nothing left to reduce', () => {
    const desk = new Desk().place({ ...exit, name: 'out' });
    expect(desk.bar(101)).toEqual(['out expired REDUCE_ONLY_FLAT']);
  });

  test('of two, the second closes only what the first has left', () => {
    const desk = new Desk().holding('long', '1', 100);
    desk.place(
      { ...exit, name: 'first', quantity: '0.7' },
      { ...exit, name: 'second', quantity: '0.7' },
    );
    expect(desk.bar(101)).toEqual([
      'first 0.7 @ 101 taker',
      'second 0.3 @ 101 taker',
      'second expired REDUCE_ONLY_FLAT',
    ]);
  });
});

describe('a share of the volume', () => {
  const tenth = { volumeShareBps: 1000 };

  test('bounds what a bar fills; the rest of a market order goes on at the next open', () => {
    const desk = new Desk(tenth).place({ quantity: '3' });
    expect(desk.bar(100, 101, 99, 100, { volume: 20 })).toEqual(['a 2 @ 100 taker']);
    expect(desk.bar(102, 103, 99, 100, { volume: 20 })).toEqual(['a 1 @ 102 taker']);
  });

  test('a market order that finds no volume at all waits, whether it enters or exits', () => {
    const desk = new Desk(tenth).holding('long', '1', 100);
    desk.place({ name: 'in' }, { name: 'out', action: 'exit' });
    expect(desk.bar(100, 100, 100, 100, { volume: 0 })).toEqual([]);
    expect(desk.bar(101)).toEqual(['in 1 @ 101 taker', 'out 1 @ 101 taker']);
  });

  test('a stop that found too little volume stays triggered though the price comes back', () => {
    const desk = new Desk(tenth).holding('long', '3', 100);
    const stop = {
      name: 'sl',
      action: 'exit',
      type: 'stop_market',
      stop: '95',
      quantity: '3',
    } as const;
    desk.place(stop);
    expect(desk.bar(100, 100, 94, 99, { volume: 10 })).toEqual(['sl 1 @ 95 taker', 'sl triggered']);
    expect(desk.bar(99, 99, 99, 99, { volume: 0 })).toEqual([]);
    expect(desk.bar(98, 98, 98, 98, { volume: 100 })).toEqual(['sl 2 @ 98 taker']);
  });

  test('a stop that is reached without any volume is a market order from then on', () => {
    const desk = new Desk(tenth).holding('long', '1', 100);
    desk.place({ name: 'sl', action: 'exit', type: 'stop_market', stop: '95' });
    expect(desk.bar(100, 100, 94, 99, { volume: 0 })).toEqual(['sl triggered']);
    expect(desk.bar(99)).toEqual(['sl 1 @ 99 taker']);
  });

  test('is shared by the orders of a bar, the older one first', () => {
    const desk = new Desk(tenth).place({ name: 'a' }, { name: 'b' });
    expect(desk.bar(100, 100, 100, 100, { volume: 15 })).toEqual([
      'a 1 @ 100 taker',
      'b 0.5 @ 100 taker',
    ]);
  });

  test('IOC takes what there is and expires; FOK takes all or nothing', () => {
    const desk = new Desk(tenth).place(
      { name: 'fok', type: 'limit', price: '101', quantity: '3', timeInForce: 'FOK' },
      { name: 'ioc', type: 'limit', price: '101', quantity: '3', timeInForce: 'IOC' },
    );
    expect(desk.bar(100, 100, 100, 100, { volume: 20 })).toEqual([
      'fok expired EXPIRED',
      'ioc 2 @ 100 taker',
      'ioc expired EXPIRED',
    ]);
  });

  test('FOK fills whole where there is enough', () => {
    const fok = { type: 'limit', price: '101', quantity: '2', timeInForce: 'FOK' } as const;
    expect(new Desk(tenth).place(fok).bar(100, 100, 100, 100, { volume: 20 })).toEqual([
      'a 2 @ 100 taker',
    ]);
  });
});

describe('what the venue is asked', () => {
  test('a cancel ends the order; it never fills afterwards', () => {
    const desk = new Desk().place({ type: 'limit', price: '98' });
    expect(desk.cancel('a')).toEqual(['a cancelled']);
    expect(desk.bar(100, 100, 90)).toEqual([]);
  });

  test('a cancel of what is not there is refused', () => {
    expect(new Desk().cancel('a')).toEqual(['a cancel_rejected']);
  });

  test('a query answers accepted or absent', () => {
    const desk = new Desk().place({ type: 'limit', price: '98' });
    expect(desk.query('a')).toEqual(['a accepted']);
    expect(desk.query('b')).toEqual(['b absent']);
  });

  test('a second submit of the same key is no second order', () => {
    const desk = new Desk().place({}, {});
    expect(desk.bar(100)).toEqual(['a 1 @ 100 taker']);
  });
});
