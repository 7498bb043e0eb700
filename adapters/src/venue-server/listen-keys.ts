// Keys of user streams: one per account at a time, alive for an hour after the last sign of life.
import { randomBytes } from 'node:crypto';
import { VenueReject } from './venue-reject.js';

const LIFE_MS = 60 * 60_000;

export class ListenKeys {
  readonly #now: () => number;
  #key: string | undefined;
  #expiresMs = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The key in force, or a new one; either way it lives another hour. */
  create(): string {
    const key = this.current() ?? randomBytes(32).toString('hex');
    this.#key = key;
    this.#expiresMs = this.#now() + LIFE_MS;
    return key;
  }

  keepAlive(): string {
    const key = this.current();
    if (key === undefined) throw new VenueReject(-1125);
    this.#expiresMs = this.#now() + LIFE_MS;
    return key;
  }

  close(): void {
    this.#key = undefined;
  }

  /** The key that streams are served for; undefined once it has expired. */
  current(): string | undefined {
    return this.#now() < this.#expiresMs ? this.#key : undefined;
  }

  /** Ends the key before its time, and says which it was. */
  expire(): string | undefined {
    const key = this.#key;
    this.#key = undefined;
    return key;
  }
}
