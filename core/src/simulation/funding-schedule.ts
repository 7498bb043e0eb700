// Hands out funding rows bar by bar, in order, each once. A row that falls into a gap of the data
// is due with the next bar: the position was carried through the gap.
import type { FundingRow } from './funding.js';

const NO_FUNDING: readonly FundingRow[] = [];

export class FundingSchedule {
  readonly #rows: readonly FundingRow[];
  #next = 0;

  /** Rows before `fromMs` are no longer due: an earlier run has paid them. */
  constructor(rows: readonly FundingRow[], fromMs = 0) {
    this.#rows = rows;
    while (this.#next < rows.length && rows[this.#next]!.timeMs < fromMs) this.#next += 1;
  }

  dueUntil(closeMs: number): readonly FundingRow[] {
    const rows = this.#rows;
    const start = this.#next;
    while (this.#next < rows.length && rows[this.#next]!.timeMs < closeMs) this.#next += 1;
    return this.#next === start ? NO_FUNDING : rows.slice(start, this.#next);
  }
}
