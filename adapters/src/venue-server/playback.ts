// Plays the bars of all symbols in step: the earliest bar that is due is played a quarter at a
// time, with the funding that falls into it. Pace is somebody else's matter.
import { amount } from './amount.js';
import { settleFunding } from './forced.js';
import { TICKS_PER_BAR, closeBar, playTick } from './market-play.js';
import { type MarketBar, type VenueState, marketOf } from './venue-state.js';

const FUNDING_PERIOD_MS = 8 * 3_600_000;

export interface FundingDue {
  readonly timeMs: number;
  readonly rate: string;
}

export interface Track {
  readonly symbol: string;
  readonly timeframeMs: number;
  readonly bars: Iterator<MarketBar>;
  /** Absent = the market's own rate every eight hours. */
  readonly funding?: readonly FundingDue[];
}

interface Head {
  readonly track: Track;
  bar: MarketBar | undefined;
}

export class Playback {
  readonly #state: VenueState;
  readonly #heads: readonly Head[];
  #tick = 0;

  constructor(state: VenueState, tracks: readonly Track[]) {
    this.#state = state;
    this.#heads = tracks.map((track) => ({ track, bar: nextBar(track) }));
  }

  get isDone(): boolean {
    return this.#heads.every(({ bar }) => bar === undefined);
  }

  /** The next quarter of the bars under way. False when there are no more bars. */
  playTick(): boolean {
    const due = this.#due();
    if (due.length === 0) return false;
    for (const { track, bar } of due) {
      if (this.#tick === 0) this.#fund(track, bar!);
      playTick(this.#state, track.symbol, bar!, this.#tick);
    }
    this.#tick += 1;
    if (this.#tick < TICKS_PER_BAR) return true;
    this.#tick = 0;
    for (const head of due) {
      closeBar(this.#state, head.track.symbol, head.bar!);
      head.bar = nextBar(head.track);
    }
    return true;
  }

  /** To the end of the bars under way. False when there are no more bars. */
  playBar(): boolean {
    if (!this.playTick()) return false;
    while (this.#tick !== 0) this.playTick();
    return true;
  }

  #due(): readonly Head[] {
    const opens = this.#heads.flatMap(({ bar }) => (bar === undefined ? [] : [bar.openMs]));
    const first = Math.min(...opens);
    return this.#heads.filter(({ bar }) => bar?.openMs === first);
  }

  #fund({ symbol, timeframeMs, funding }: Track, { openMs }: MarketBar): void {
    this.#state.nowMs = openMs;
    const market = marketOf(this.#state, symbol);
    const due =
      funding === undefined
        ? openMs % FUNDING_PERIOD_MS === 0
          ? [market.fundingRate]
          : []
        : funding
            .filter(({ timeMs }) => timeMs >= openMs && timeMs < openMs + timeframeMs)
            .map(({ rate }) => amount(rate));
    for (const rate of due) {
      market.fundingRate = rate;
      settleFunding(this.#state, symbol, rate);
    }
  }
}

/** When the next funding falls due after `nowMs`. */
export function nextFundingMs(nowMs: number): number {
  return (Math.floor(nowMs / FUNDING_PERIOD_MS) + 1) * FUNDING_PERIOD_MS;
}

function nextBar({ bars }: Track): MarketBar | undefined {
  const next = bars.next();
  return next.done === true ? undefined : next.value;
}
