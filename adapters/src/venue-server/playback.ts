// Plays the bars of all symbols in step: the earliest bar that is due is played a tick at a time,
// with what falls due at its opening. Pace is somebody else's matter.
import { TICKS_PER_BAR, closeBar, playTick, tickMs } from './market-play.js';
import type { MarketBar, MarketState } from './venue-state.js';

export interface Track {
  readonly market: MarketState;
  readonly symbol: string;
  readonly timeframeMs: number;
  readonly bars: Iterator<MarketBar>;
  /** Before the first tick of a bar. */
  readonly open?: (bar: MarketBar) => void;
}

interface Head {
  readonly track: Track;
  bar: MarketBar | undefined;
}

export class Playback {
  readonly #heads: readonly Head[];
  #tick = 0;

  constructor(tracks: readonly Track[]) {
    this.#heads = tracks.map((track) => ({ track, bar: nextBar(track) }));
  }

  get isDone(): boolean {
    return this.#heads.every(({ bar }) => bar === undefined);
  }

  /** Market time of the next tick; undefined when there are no more bars. */
  get nextMs(): number | undefined {
    const [head] = this.#due();
    return head?.bar === undefined
      ? undefined
      : tickMs(head.bar, head.track.timeframeMs, this.#tick);
  }

  /** The next tick of the bars under way; the last one closes them. False after the last bar. */
  playTick(): boolean {
    const due = this.#due();
    if (due.length === 0) return false;
    for (const { track, bar } of due) {
      if (this.#tick === 0) {
        track.market.nowMs = bar!.openMs;
        track.open?.(bar!);
      }
      playTick(track.market, track.symbol, bar!, this.#tick);
    }
    this.#tick += 1;
    if (this.#tick < TICKS_PER_BAR) return true;
    this.#tick = 0;
    for (const head of due) {
      closeBar(head.track.market, head.track.symbol, head.bar!);
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
}

function nextBar({ bars }: Track): MarketBar | undefined {
  const next = bars.next();
  return next.done === true ? undefined : next.value;
}
