// Between exchange and host. Stream events are lost, doubled and overtaken, by chance from the
// seed; what answers a request arrives, but late. Time passes in steps, several of them to a bar.
import type { VenueEvent } from '@strategy-runner/core';
import type { Random } from './random.js';

interface Parcel {
  readonly dueStep: number;
  readonly events: readonly VenueEvent[];
}

export interface WireFaults {
  readonly drop: number;
  readonly duplicate: number;
  readonly delay: number;
}

export const CALM: WireFaults = { drop: 0, duplicate: 0, delay: 0 };
export const STORMY: WireFaults = { drop: 0.08, duplicate: 0.1, delay: 0.35 };

const LONGEST_DELAY = 9;

export class Wire {
  faults: WireFaults;
  readonly #random: Random;
  #step = 0;
  #parcels: Parcel[] = [];

  constructor(random: Random, faults: WireFaults) {
    this.#random = random;
    this.faults = faults;
  }

  /** An event of the stream. */
  push(event: VenueEvent): void {
    if (this.#random.chance(this.faults.drop)) return;
    const copies = this.#random.chance(this.faults.duplicate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) this.reply([event]);
  }

  /** The answer to a request: whole, in order, some time. */
  reply(events: readonly VenueEvent[]): void {
    const isLate = this.#random.chance(this.faults.delay);
    const delay = isLate ? this.#random.below(LONGEST_DELAY) : 0;
    this.#parcels.push({ dueStep: this.#step + 1 + delay, events });
  }

  /** What arrives with the next step. */
  step(): readonly VenueEvent[] {
    this.#step += 1;
    const due = this.#parcels.filter(({ dueStep }) => dueStep <= this.#step);
    this.#parcels = this.#parcels.filter(({ dueStep }) => dueStep > this.#step);
    return due.flatMap(({ events }) => events);
  }

  /** The connection is gone, and what was under way with it. */
  cut(): void {
    this.#parcels = [];
  }
}
