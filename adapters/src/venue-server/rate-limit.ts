// Request weight per minute and orders per ten seconds and per minute, told in headers; beyond the
// limits requests are refused, and while a ban is set all of them are.
import { VenueReject } from './venue-reject.js';

const WEIGHT_PER_MINUTE = 2400;
const ORDERS_PER_10_SECONDS = 300;
const ORDERS_PER_MINUTE = 1200;

export class RateLimit {
  readonly #now: () => number;
  readonly #counts = new Map<string, { window: number; count: number }>();
  #bannedUntilMs = 0;
  #banHttp = 418;

  constructor(now: () => number) {
    this.#now = now;
  }

  ban(http: number, untilMs: number): void {
    this.#banHttp = http;
    this.#bannedUntilMs = untilMs;
  }

  /** Counts a request. Errors: -1003 (429, or the ban's status), -1015. */
  take(weight: number, isOrder: boolean): void {
    if (this.#now() < this.#bannedUntilMs) throw this.#banned();
    if (this.#add('weight', 60_000, weight) > WEIGHT_PER_MINUTE) throw new VenueReject(-1003);
    if (!isOrder) return;
    const fast = this.#add('10s', 10_000, 1);
    const slow = this.#add('1m', 60_000, 1);
    if (fast > ORDERS_PER_10_SECONDS || slow > ORDERS_PER_MINUTE) throw new VenueReject(-1015);
  }

  headers(): Readonly<Record<string, string>> {
    return {
      'x-mbx-used-weight-1m': String(this.#add('weight', 60_000, 0)),
      'x-mbx-order-count-10s': String(this.#add('10s', 10_000, 0)),
      'x-mbx-order-count-1m': String(this.#add('1m', 60_000, 0)),
      ...this.#retryAfter(),
    };
  }

  #retryAfter(): Readonly<Record<string, string>> {
    const leftMs = this.#bannedUntilMs - this.#now();
    return leftMs > 0 ? { 'retry-after': String(Math.ceil(leftMs / 1000)) } : {};
  }

  #banned(): VenueReject {
    const sentence =
      this.#banHttp === 418
        ? `Way too many requests; IP banned until ${this.#bannedUntilMs}.`
        : 'Too many requests; current limit is 2400 requests per minute.';
    return new VenueReject(-1003, sentence, this.#banHttp);
  }

  #add(name: string, lengthMs: number, by: number): number {
    const window = Math.floor(this.#now() / lengthMs);
    const known = this.#counts.get(name);
    const count = (known?.window === window ? known.count : 0) + by;
    this.#counts.set(name, { window, count });
    return count;
  }
}
