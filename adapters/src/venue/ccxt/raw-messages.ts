// Every message of every stream, in the tick in which it arrived and before ccxt reads it: ccxt
// joins updates, drops some and ignores others. A listener's fault never reaches ccxt.
import type { CallEvents } from './call-events.js';
import type { RawMessage, StreamChange } from './exchange-client.js';
import { binanceBody } from './profiles.js';
import type { VenueProfile } from './profile.js';
import type { VenueClock } from './venue-clock.js';

export interface RawMessagesParts {
  readonly profile: VenueProfile;
  readonly clock: VenueClock;
  readonly events: CallEvents;
  onFault(name: string, error: unknown): void;
}

/** The user's stream is dead from here on, though its socket stays open. */
const EXPIRED: ReadonlySet<string> = new Set(['listenKeyExpired', 'eventStreamTerminated']);

export class RawMessages {
  readonly #parts: RawMessagesParts;
  readonly #listeners = new Set<(message: RawMessage) => void>();
  readonly #streams = new Set<(change: StreamChange) => void>();

  constructor(parts: RawMessagesParts) {
    this.#parts = parts;
  }

  onRaw(listener: (message: RawMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onStream(listener: (change: StreamChange) => void): () => void {
    this.#streams.add(listener);
    return () => this.#streams.delete(listener);
  }

  take(url: string, message: unknown): void {
    const { profile, clock, events } = this.#parts;
    try {
      const event = profile.eventOf(message);
      if (event === undefined) return;
      if (event.stampMs !== undefined) clock.observe(event.stampMs);
      // Kept before anything acts on it.
      if (event.isUser) events.stream(event.name, message);
      const body = binanceBody(message) ?? {};
      const raw: RawMessage = { name: event.name, body, atMs: clock.now() };
      for (const listener of this.#listeners) this.#guarded(event.name, () => listener(raw));
      if (EXPIRED.has(event.name)) {
        this.#changed({ stream: profile.streamOf(url), state: 'expired', detail: event.name });
      }
    } catch (error) {
      this.#parts.onFault('message', error);
    }
  }

  socket(url: string, state: 'open' | 'closed', detail: string): void {
    this.#changed({ stream: this.#parts.profile.streamOf(url), state, detail });
  }

  #changed(change: StreamChange): void {
    for (const listener of this.#streams) this.#guarded(change.stream, () => listener(change));
  }

  #guarded(name: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#parts.onFault(name, error);
    }
  }
}
