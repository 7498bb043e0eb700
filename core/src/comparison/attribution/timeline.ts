// Which bars and which funding rows a world runs on. Bars that a stopped host never saw belong to
// downtime; every other difference between the backtest's bars and the recorded ones is data.
import { ZERO } from '../../decimal.js';
import type { BarEvent, FundingPaid } from '../../events.js';
import { type BarColumns, barRowAt } from '../../market/bar-series.js';
import type { FundingRow } from '../../simulation/funding.js';
import type { ChannelSet } from './channels.js';
import type { LiveRecord } from './live-record.js';

export interface BacktestData {
  readonly columns: BarColumns;
  readonly funding: readonly FundingRow[];
}

interface Series {
  readonly symbol: string;
  readonly timeframe: string;
  readonly timeframeMs: number;
}

export interface Timeline {
  readonly bars: readonly BarEvent[];
  readonly funding: readonly FundingRow[];
}

export class Timelines {
  /** Schedule as recorded, and which row each payment answers to. */
  readonly recordedFunding: readonly FundingRow[];
  readonly rowOf: ReadonlyMap<FundingPaid, number>;
  readonly #recorded: readonly BarEvent[];
  readonly #tested: readonly BarEvent[];
  readonly #testedFunding: readonly FundingRow[];
  /** Closes of bars that a stopped host never saw. */
  readonly #unseen: ReadonlySet<number>;

  constructor(live: LiveRecord, data: BacktestData, series: Series) {
    this.#recorded = live.bars.map((bar) => ({ ...bar, ts: bar.closeMs }));
    this.#tested = barsOf(data.columns, series);
    this.#testedFunding = data.funding;
    const closes = new Set(this.#recorded.map(({ closeMs }) => closeMs));
    const isUnseen = ({ closeMs }: BarEvent): boolean =>
      !closes.has(closeMs) &&
      live.gaps.some(({ fromMs, toMs }) => closeMs > fromMs && closeMs <= toMs);
    this.#unseen = new Set(this.#tested.filter(isUnseen).map(({ closeMs }) => closeMs));
    const { rows, rowOf } = recordedSchedule(data.funding, live.funding);
    this.recordedFunding = rows;
    this.rowOf = rowOf;
  }

  get hasUnseen(): boolean {
    return this.#unseen.size > 0;
  }

  /** Whether recorded and backtest data differ beside what a stopped host never saw. */
  get isDataRevised(): boolean {
    const expected = this.#tested.filter(({ closeMs }) => !this.#unseen.has(closeMs));
    if (expected.length !== this.#recorded.length) return true;
    if (expected.some((bar, i) => !isSameBar(bar, this.#recorded[i]!))) return true;
    const { recordedFunding: rows } = this;
    return (
      rows.length !== this.#testedFunding.length ||
      rows.some((row, i) => row.rate !== this.#testedFunding[i]!.rate)
    );
  }

  /** As live had it. */
  get recorded(): Timeline {
    return { bars: this.#recorded, funding: this.recordedFunding };
  }

  of(channels: ChannelSet): Timeline {
    const isAway = channels.has('downtime');
    if (!channels.has('data')) {
      const seen = this.#tested.filter(({ closeMs }) => !this.#unseen.has(closeMs));
      return { bars: isAway ? seen : this.#tested, funding: this.#testedFunding };
    }
    if (isAway) return this.recorded;
    const unseen = this.#tested.filter(({ closeMs }) => this.#unseen.has(closeMs));
    const bars = [...this.#recorded, ...unseen].sort((a, b) => a.closeMs - b.closeMs);
    return { bars, funding: this.recordedFunding };
  }
}

function barsOf(columns: BarColumns, { symbol, timeframe, timeframeMs }: Series): BarEvent[] {
  return Array.from({ length: columns.length }, (_, row) => {
    const bar = barRowAt(columns, row, timeframeMs);
    return { kind: 'bar', ts: bar.closeMs, symbol, timeframe, ...bar };
  });
}

const PRICES = ['closeMs', 'open', 'high', 'low', 'close', 'volume'] as const;

function isSameBar(a: BarEvent, b: BarEvent): boolean {
  return PRICES.every((field) => a[field] === b[field]);
}

/** Venues book a payment up to a minute or two after it was due. */
const BOOKED_WITHIN_MS = 2 * 60_000;

// A payment without a rate says nothing of the schedule: the backtest's row stands.
function recordedSchedule(tested: readonly FundingRow[], paid: readonly FundingPaid[]) {
  const rows = new Map(tested.map((row) => [row.timeMs, row]));
  const rowOf = new Map<FundingPaid, number>();
  for (const payment of paid) {
    const near = [...rows.keys()].filter(
      (timeMs) => Math.abs(timeMs - payment.ts) <= BOOKED_WITHIN_MS,
    );
    near.sort((a, b) => Math.abs(a - payment.ts) - Math.abs(b - payment.ts));
    const [timeMs] = near;
    if (timeMs === undefined && payment.rate === ZERO) continue;
    const at = timeMs ?? payment.ts;
    const markPrice = timeMs === undefined ? null : rows.get(timeMs)!.markPrice;
    if (payment.rate !== ZERO) rows.set(at, { timeMs: at, rate: payment.rate, markPrice });
    rowOf.set(payment, at);
  }
  return { rows: [...rows.values()].sort((a, b) => a.timeMs - b.timeMs), rowOf };
}
