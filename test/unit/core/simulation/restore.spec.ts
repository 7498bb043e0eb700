import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Order, SimVenue, type VenueEvent, decimal, encode } from '@strategy-runner/core';
import { MINUTE_MS, START_MS, SYMBOL, anInstrument } from '../../../support/world.js';
import { type OrderOptions, anOrder } from './a-venue.js';

const PARTS = {
  instruments: new Map([[SYMBOL, anInstrument()]]),
  costs: { takerFeeBps: decimal('4'), makerFeeBps: decimal('2'), slippageBps: decimal('3') },
  volumeShareBps: 1000,
};

/** The orders as a host would know them from what the venue tells. */
class Book {
  readonly orders = new Map<string, Order>();
  readonly held = new Map<'long' | 'short', bigint>();

  take(event: VenueEvent): void {
    if (!('order' in event)) return;
    const order = this.orders.get(event.order);
    if (order === undefined) return;
    if (event.kind === 'order_accepted') {
      this.orders.set(order.key, { ...order, venueOrderId: event.venueOrderId });
    } else if (event.kind === 'order_triggered') {
      this.orders.set(order.key, { ...order, isTriggered: true });
    } else if (event.kind === 'fill_reported') {
      const tradeIds = [...order.tradeIds, event.tradeId];
      this.orders.set(order.key, { ...order, filled: order.filled + event.quantity, tradeIds });
      const change = order.action === 'entry' ? event.quantity : -event.quantity;
      this.held.set(order.positionSide, (this.held.get(order.positionSide) ?? 0n) + change);
    } else this.orders.delete(order.key);
  }

  restored(nowMs: number): SimVenue {
    const venue = new SimVenue(PARTS);
    const positions = [...this.held]
      .filter(([, quantity]) => quantity > 0n)
      .map(([side, quantity]) => ({ symbol: SYMBOL, side, quantity }));
    const open = [...this.orders.values()].filter(({ filled, quantity }) => filled < quantity);
    venue.restore(open, positions, nowMs);
    return venue;
  }
}

/**
 * What was told, without the running number of the venue order ids: it counts the venue's own life.
 */
function told(venue: SimVenue, book: Book, react: (event: VenueEvent) => void): readonly string[] {
  const lines: string[] = [];
  for (let event = venue.next(); event !== undefined; event = venue.next()) {
    book.take(event);
    react(event);
    lines.push(encode(event).replace(/(sim\.\d+\.\d\.\d)\.\d+/, '$1'));
  }
  return lines;
}

const price = fc.integer({ min: 90, max: 110 });
const bar = fc.record({
  open: price,
  up: fc.integer({ min: 0, max: 8 }),
  down: fc.integer({ min: 0, max: 8 }),
  /** Where between low and high the bar closes. */
  share: fc.constantFrom(0, 0.5, 1),
  volume: fc.constantFrom(0, 5, 1000),
});
const order = fc.record({
  type: fc.constantFrom('market', 'limit', 'stop_market', 'stop_limit'),
  action: fc.constantFrom('entry', 'exit'),
  level: price,
  quantity: fc.constantFrom('1', '0.4'),
});

function optionsOf(given: { type: string; action: string; level: number; quantity: string }) {
  const { type, action, level, quantity } = given as typeof given & OrderOptions;
  const isStop = type.startsWith('stop');
  return {
    type,
    action,
    quantity,
    ...(type === 'limit' || type === 'stop_limit' ? { price: `${level}` } : {}),
    ...(isStop ? { stop: `${level}` } : {}),
  } as OrderOptions;
}

test('[R9] a venue restored at any bar boundary goes on as if it had never stopped', () => {
  fc.assert(
    fc.property(
      fc.array(bar, { minLength: 2, maxLength: 10 }),
      fc.array(fc.tuple(fc.nat(9), order, order), { maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      (bars, orders, stopAt) => {
        const run = (restartAt: number): readonly string[] => {
          const book = new Book();
          let venue = new SimVenue(PARTS);
          const lines: string[] = [];
          const place = (name: string, given: Parameters<typeof optionsOf>[0]): void => {
            const placed = anOrder({ name, ...optionsOf(given) });
            if (book.orders.has(name)) return;
            book.orders.set(name, placed);
            venue.submit(placed);
          };
          // The first fill of an order is answered with another, as protection is, and so on.
          const react = (event: VenueEvent): void => {
            if (event.kind !== 'fill_reported' || !event.tradeId.endsWith('#1')) return;
            if (event.order.length > 3) return;
            place(`t${event.order}`, orders[Number(event.order.at(-1))]![2]);
          };
          for (const [index, { open, up, down, share, volume }] of bars.entries()) {
            const openMs = START_MS + index * MINUTE_MS;
            if (index === restartAt) venue = book.restored(openMs);
            for (const [nth, [at, given]] of orders.entries()) {
              if (at === index) place(`o${nth}`, given);
            }
            lines.push(...told(venue, book, react));
            const row = { openMs, closeMs: openMs + MINUTE_MS, open, volume };
            const close = open - down + share * (up + down);
            const range = { high: open + up, low: open - down, close };
            venue.beginBar(SYMBOL, { ...row, ...range }, []);
            lines.push(...told(venue, book, react));
          }
          return lines;
        };
        expect(run(stopAt)).toEqual(run(-1));
      },
    ),
    { numRuns: 500 },
  );
});

test('[R9] an order that was placed as the close settled a bar is known again', () => {
  const book = new Book();
  const venue = new SimVenue(PARTS);
  const place = (options: OrderOptions): void => {
    const order = anOrder(options);
    book.orders.set(order.key, order);
    venue.submit(order);
  };
  const bar = { openMs: START_MS, closeMs: START_MS + MINUTE_MS, open: 100, volume: 1000 };
  place({ name: 'entry', type: 'limit', price: '98' });
  venue.beginBar(SYMBOL, { ...bar, high: 103, low: 97, close: 102 }, []);
  told(venue, book, (event) => {
    if (event.kind !== 'fill_reported') return;
    const target = { name: 'tp', action: 'exit', type: 'limit', price: '101' } as const;
    if (event.order === 'entry') place(target);
    else place({ name: 'again', type: 'limit', price: '95' });
  });
  const restored = book.restored(bar.closeMs);
  restored.query('again');
  const next = { openMs: bar.closeMs, closeMs: bar.closeMs + MINUTE_MS };
  restored.beginBar(SYMBOL, { ...bar, ...next, high: 100, low: 94, close: 96 }, []);
  const events = told(restored, book, () => undefined).map((line) => JSON.parse(line) as object);
  expect(events).toMatchObject([
    { kind: 'order_accepted', order: 'again' },
    { kind: 'fill_reported', order: 'again', price: '#95', liquidity: 'maker' },
  ]);
});
