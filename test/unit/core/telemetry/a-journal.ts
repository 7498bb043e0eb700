// A journal by hand, as far as slippage telemetry reads it.
import {
  type FillBooked,
  type FillReported,
  LegTelemetry,
  type Measured,
  type Order,
  decimal,
} from '@strategy-runner/core';
import { MINUTE_MS, START_MS, SYMBOL } from '../../../support/world.js';
import { type OrderOptions, anOrder } from '../simulation/a-venue.js';

type Told = Measured & {
  readonly quantity?: string;
  readonly liquidity?: 'maker' | 'taker';
  /** Before slippage, as a simulated venue tells it. */
  readonly base?: string;
};

export class HandJournal {
  readonly telemetry = new LegTelemetry();
  ms = START_MS;
  readonly #orders = new Map<string, Order>();
  #trades = 0;

  /** A bar that closes a minute later. */
  bar(close: number, volume = 100): this {
    const openMs = this.ms;
    this.ms += MINUTE_MS;
    const prices = { open: close, high: close, low: close, close, volume };
    const times = { ts: this.ms, openMs, closeMs: this.ms };
    this.telemetry.event({ kind: 'bar', symbol: SYMBOL, timeframe: '1m', ...times, ...prices });
    return this;
  }

  order(options: OrderOptions & { readonly reference?: string } = {}): this {
    const reference = decimal(options.reference ?? '100');
    const order = { ...anOrder(options), referencePrice: reference, createdMs: this.ms };
    this.#orders.set(order.key, order);
    this.telemetry.record({ type: 'order_created', ts: this.ms, order, normalizations: [] });
    return this;
  }

  accepted(times: Measured = {}, order = 'a'): this {
    const event = { kind: 'order_accepted', ts: this.ms, order, venueOrderId: '1' } as const;
    this.telemetry.event({ ...event, ...times });
    return this;
  }

  fill(price: string, told: Told = {}, name = 'a'): this {
    this.#trades += 1;
    const { quantity = '1', liquidity = 'taker', base, ...times } = told;
    const order = this.#orders.get(name)!;
    const terms = { price: decimal(price), quantity: decimal(quantity), fee: 0n, liquidity };
    const about = { ts: this.ms, order: name, tradeId: String(this.#trades), feeCurrency: 'USDT' };
    const basePrice = base === undefined ? null : decimal(base);
    const event: FillReported = {
      kind: 'fill_reported',
      ...about,
      ...terms,
      ...times,
      basePrice,
    };
    this.telemetry.event(event);
    const { intentId, leg, symbol, side } = order;
    const booked = { type: 'fill', ...about, ...terms, intentId, leg, symbol, side };
    // The rest of a booked fill is the ledger's.
    this.telemetry.record({ ...booked, marketPrice: null } as unknown as FillBooked);
    return this;
  }

  ended(order = 'a'): this {
    const moved = { type: 'order_moved', ts: this.ms, order, status: 'filled' } as const;
    const rest = { venueOrderId: null, cancelReason: null, code: '' };
    this.telemetry.record({ ...moved, ...rest });
    return this;
  }
}
