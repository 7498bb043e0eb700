// What waits to be told between two bars of a counterfactual: by the bar, by the place inside it,
// and among what comes at one place in the order in which live heard it.
import type { Arrival, Place } from './shock-book.js';

export interface Due extends Arrival {
  readonly tell: () => void;
}

export class Agenda {
  readonly #bySlot = new Map<number, Due[]>();
  /** At their own time, earliest first. */
  readonly #timed: Due[];
  #next = 0;
  #current: Due[] = [];

  constructor(timed: readonly Due[]) {
    this.#timed = [...timed].sort((a, b) => a.slotMs - b.slotMs || a.ordinal - b.ordinal);
  }

  /** Opens the slot that ends at the close `untilMs`. */
  open(slot: number, untilMs: number): void {
    this.#current = this.#bySlot.get(slot) ?? [];
    this.#bySlot.delete(slot);
    while (this.#next < this.#timed.length && this.#timed[this.#next]!.slotMs < untilMs) {
      this.#current.push(this.#timed[this.#next]!);
      this.#next += 1;
    }
  }

  /** `slot` = the open one when it is `now`. What is due before now is dropped. */
  add(due: Due, slot: number, now: number): void {
    if (slot < now) return;
    if (slot === now) {
      this.#current.push(due);
      return;
    }
    const known = this.#bySlot.get(slot);
    if (known === undefined) this.#bySlot.set(slot, [due]);
    else known.push(due);
  }

  /** Takes out what is due at the place, earliest first. */
  at(place: Place): readonly Due[] {
    if (this.#current.length === 0) return NOTHING;
    const isThere = (due: Due): boolean => isSamePlace(due.place, place);
    const found = this.#current.filter(isThere).sort(byOrdinal);
    if (found.length > 0) this.#current = this.#current.filter((due) => !isThere(due));
    return found;
  }

  /** The earliest of all that is left: its place has not come up in this world. */
  leftOver(): Due | undefined {
    const [first] = [...this.#current].sort(byOrdinal);
    if (first !== undefined) this.#current = this.#current.filter((due) => due !== first);
    return first;
  }
}

const NOTHING: readonly Due[] = [];

function byOrdinal(a: Arrival, b: Arrival): number {
  return a.ordinal - b.ordinal;
}

function isSamePlace(a: Place, b: Place): boolean {
  return a.at === b.at && (a.at !== 'after' || b.at !== 'after' || a.id === b.id);
}
