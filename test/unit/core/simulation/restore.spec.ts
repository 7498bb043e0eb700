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
function told(venue: SimVenue, book: Book): readonly string[] {
  const lines: string[] = [];
  for (let event = venue.next(); event !== undefined; event = venue.next()) {
    book.take(event);
    lines.push(encode(event).replace(/(sim\.\d+\.\d\.\d)\.\d+/, '$1'));
  }
  return lines;
}

const price = fc.integer({ min: 90, max: 110 });
const bar = fc.record({
  open: price,
  up: fc.integer({ min: 0, max: 8 }),
  down: fc.integer({ min: 0, max: 8 }),
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
      fc.array(fc.tuple(fc.nat(9), order), { maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      (bars, orders, stopAt) => {
        const run = (restartAt: number): readonly string[] => {
          const book = new Book();
          let venue = new SimVenue(PARTS);
          const lines: string[] = [];
          for (const [index, { open, up, down, volume }] of bars.entries()) {
            const openMs = START_MS + index * MINUTE_MS;
            if (index === restartAt) venue = book.restored(openMs);
            for (const [place, [at, given]] of orders.entries()) {
              if (at !== index) continue;
              const placed = anOrder({ name: `o${place}`, ...optionsOf(given) });
              book.orders.set(placed.key, placed);
              venue.submit(placed);
            }
            lines.push(...told(venue, book));
            const row = { openMs, closeMs: openMs + MINUTE_MS, open, volume };
            const range = { high: open + up, low: open - down, close: open };
            venue.beginBar(SYMBOL, { ...row, ...range }, []);
            lines.push(...told(venue, book));
          }
          return lines;
        };
        expect(run(stopAt)).toEqual(run(-1));
      },
    ),
    { numRuns: 500 },
  );
});
