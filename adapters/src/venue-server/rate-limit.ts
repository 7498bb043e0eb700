// Request weight per minute and orders per ten seconds and per minute, told in headers; beyond the
// limits requests are refused, and while a ban is set all of them are.
import { VenueReject } from './venue-reject.js';

export interface Limits {
  readonly weightPerMinute: number;
  readonly ordersPer10Seconds: number;
  /** The slower of the two windows of orders. */
  readonly orders: { readonly name: '1m' | '1d'; readonly lengthMs: number; readonly max: number };
}

export const FUTURES_LIMITS: Limits = {
  weightPerMinute: 2400,
  ordersPer10Seconds: 300,
  orders: { name: '1m', lengthMs: 60_000, max: 1200 },
};

export const SPOT_LIMITS: Limits = {
  weightPerMinute: 6000,
  ordersPer10Seconds: 100,
  orders: { name: '1d', lengthMs: 86_400_000, max: 200_000 },
};

export class RateLimit {
  readonly #now: () => number;
  readonly #limits: Limits;
  readonly #counts = new Map<string, { window: number; count: number }>();
  #bannedUntilMs = 0;
  #banHttp = 418;

  constructor(now: () => number, limits: Limits = FUTURES_LIMITS) {
    this.#now = now;
    this.#limits = limits;
  }

  ban(http: number, untilMs: number): void {
    this.#banHttp = http;
    this.#bannedUntilMs = untilMs;
  }

  /** Counts a request. Errors: -1003 (429, or the ban's status), -1015. */
  take(weight: number, isOrder: boolean): void {
    if (this.#now() < this.#bannedUntilMs) throw this.#banned();
    const { weightPerMinute, ordersPer10Seconds, orders } = this.#limits;
    if (this.#add('weight', 60_000, weight) > weightPerMinute) throw this.#tooMany();
    if (!isOrder) return;
    const fast = this.#add('10s', 10_000, 1);
    const slow = this.#add(orders.name, orders.lengthMs, 1);
    if (fast <= ordersPer10Seconds && slow <= orders.max) return;
    const limit = `current limit is ${ordersPer10Seconds} orders per TEN_SECONDS.`;
    throw new VenueReject(-1015, `Too many new orders; ${limit}`);
  }

  headers(): Readonly<Record<string, string>> {
    const { name, lengthMs } = this.#limits.orders;
    return {
      'x-mbx-used-weight-1m': String(this.#add('weight', 60_000, 0)),
      'x-mbx-order-count-10s': String(this.#add('10s', 10_000, 0)),
      [`x-mbx-order-count-${name}`]: String(this.#add(name, lengthMs, 0)),
      ...this.#retryAfter(),
    };
  }

  #retryAfter(): Readonly<Record<string, string>> {
    const leftMs = this.#bannedUntilMs - this.#now();
    return leftMs > 0 ? { 'retry-after': String(Math.ceil(leftMs / 1000)) } : {};
  }

  #banned(): VenueReject {
    if (this.#banHttp !== 418) return this.#tooMany();
    const sentence = `Way too many requests; IP banned until ${this.#bannedUntilMs}.`;
    return new VenueReject(-1003, sentence, this.#banHttp);
  }

  #tooMany(): VenueReject {
    const limit = `current limit is ${this.#limits.weightPerMinute} requests per minute.`;
    return new VenueReject(-1003, `Too many requests; ${limit}`);
  }

  #add(name: string, lengthMs: number, by: number): number {
    const window = Math.floor(this.#now() / lengthMs);
    const known = this.#counts.get(name);
    const count = (known?.window === window ? known.count : 0) + by;
    this.#counts.set(name, { window, count });
    return count;
  }
}
