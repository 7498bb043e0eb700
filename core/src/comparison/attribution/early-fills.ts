// Fills that the model has not given when live heard of them. If it gives them within some bars,
// had the order been left, they were early, which is timing; otherwise they are extra. The order is
// left to a model of its own, so that nothing else meets it.
import type { BarEvent } from '../../events.js';
import type { Order } from '../../order/order.js';
import { SimVenue } from '../../simulation/sim-venue.js';
import type { Injected, ShockBook } from './shock-book.js';
import type { WorldParts } from './steered-world.js';

/** Bars in which the model may still give a fill that then counts as the same one. */
export const EARLY_WITHIN_BARS = 10;

interface Waiting {
  readonly fills: Omit<Injected, 'channel'>[];
  readonly probe: SimVenue;
  readonly untilSlot: number;
}

export class EarlyFills {
  readonly #parts: WorldParts;
  readonly #book: ShockBook;
  readonly #waiting = new Map<string, Waiting>();

  constructor(parts: WorldParts, book: ShockBook) {
    this.#parts = parts;
    this.#book = book;
  }

  note(order: Order, slot: number, slotMs: number, fill: Omit<Injected, 'channel'>): void {
    const known = this.#waiting.get(order.key);
    if (known !== undefined) {
      known.fills.push(fill);
      return;
    }
    const { instruments } = this.#parts.config;
    const probe = new SimVenue({ ...this.#parts.sim, instruments });
    // As it rests in the model: accepted in an earlier bar, and nothing of it filled.
    const venueOrderId = `sim.${slotMs}.0.1.1`;
    const rests = { ...order, venueOrderId, filled: 0n, tradeIds: [], reduceOnly: false };
    probe.restore([rests], [], slotMs);
    const untilSlot = slot + EARLY_WITHIN_BARS;
    this.#waiting.set(order.key, { fills: [fill], probe, untilSlot });
  }

  /** The orders that wait meet the bar of the slot. */
  meet(bar: BarEvent, slot: number): void {
    for (const [key, { probe, untilSlot }] of this.#waiting) {
      probe.beginBar(bar.symbol, bar, []);
      let isFilled = false;
      for (let said = probe.next(); said !== undefined; said = probe.next()) {
        isFilled ||= said.kind === 'fill_reported';
      }
      if (isFilled) this.#settle(key, 'timing');
      else if (slot >= untilSlot) this.#settle(key, 'extra');
    }
  }

  finish(): void {
    for (const key of this.#waiting.keys()) this.#settle(key, 'extra');
  }

  #settle(key: string, channel: 'timing' | 'extra'): void {
    const { fills } = this.#waiting.get(key)!;
    this.#waiting.delete(key);
    this.#book.channels.add(channel);
    for (const fill of fills) this.#book.of(key).injected.push({ ...fill, channel });
  }
}
