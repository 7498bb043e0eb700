// Events of a venue that talks before the engine listens: kept in order until the driver is there,
// then handed straight on. Whoever else must see each of them is told first.
import type { AccountEvent, VenueEvent } from '@strategy-runner/core';

export type VenueSays = VenueEvent | AccountEvent;

export interface Listener {
  deliver(event: VenueSays): void;
}

export class EventRelay {
  readonly #waiting: VenueSays[] = [];
  readonly #watchers: ((event: VenueSays) => void)[] = [];
  #listener: Listener | undefined;

  /** For parts that are made before the driver is. */
  readonly emit = (event: VenueSays): void => {
    for (const watch of this.#watchers) watch(event);
    if (this.#listener === undefined) this.#waiting.push(event);
    else this.#listener.deliver(event);
  };

  watch(watcher: (event: VenueSays) => void): void {
    this.#watchers.push(watcher);
  }

  attach(listener: Listener): void {
    this.#listener = listener;
    for (const event of this.#waiting.splice(0)) listener.deliver(event);
  }
}
