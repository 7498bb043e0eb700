// Live less backtest, taken apart: channels are added one after the other to a counterfactual
// backtest, and what equity changes with each is its share. The residual, live less the
// counterfactual with all of them, is computed and never forced (DESIGN 6).
import { type Decimal, format } from '../../decimal.js';
import type { ExternalBooked, FillBooked } from '../../records.js';
import { CHANNELS, type Channel } from './channels.js';
import { type CounterfactualParts, counterfactual } from './counterfactual.js';
import { type LegRow, joinLegs } from './legs.js';
import type { LiveRecord } from './live-record.js';
import { Observer } from './observer.js';
import { type Score, scoreOf } from './score.js';
import type { ShockBook } from './shock-book.js';
import type { WorldParts, WorldResult } from './steered-world.js';
import { type BacktestData, Timelines } from './timeline.js';

export interface AttributionParts extends WorldParts, BacktestData {
  readonly live: LiveRecord;
}

export interface AttributionOptions {
  /** `reverse` shows by how much causes act together. Default: `forward`. */
  readonly order?: 'forward' | 'reverse';
}

export interface ChannelShare {
  readonly channel: Channel;
  /** In the settle currency; positive is to live's favour. */
  readonly amount: Decimal;
}

/** The first fill that live and the counterfactual with all causes do not share. */
export interface FirstDifference {
  readonly intentId: string;
  readonly leg: string;
  readonly live: string | null;
  readonly counterfactual: string | null;
}

export interface Attribution {
  /** In the order in which they were applied. */
  readonly channels: readonly ChannelShare[];
  /** Live less backtest at the end. */
  readonly total: Decimal;
  /** What no channel explains; anything but zero is a defect of record or model. */
  readonly residual: Decimal;
  readonly firstDifference: FirstDifference | null;
  readonly liveEquity: Decimal;
  readonly backtestEquity: Decimal;
  /** Equity of the backtest at each of its bars. */
  readonly backtestCurve: Pick<WorldResult, 'times' | 'equity'>;
  readonly legs: readonly LegRow[];
  readonly score: Score;
}

/** What a session's shocks are, and H(K) for any set of channels. */
export class Comparison {
  readonly shocks: ShockBook;
  readonly #parts: CounterfactualParts;
  readonly #timelines: Timelines;

  constructor(parts: AttributionParts) {
    this.#timelines = new Timelines(parts.live, parts, parts.config.instances[0]!);
    const observer = new Observer(parts, parts.live, this.#timelines);
    observer.observe();
    this.shocks = observer.book;
    this.#parts = { ...parts, shocks: observer.book };
  }

  counterfactual(channels: Iterable<Channel>): WorldResult {
    const set = new Set(channels);
    return counterfactual(set, this.#parts, this.#timelines.of(set));
  }
}

export function attribute(parts: AttributionParts, options: AttributionOptions = {}): Attribution {
  const comparison = new Comparison(parts);
  const { live } = parts;
  const order = options.order === 'reverse' ? CHANNELS.toReversed() : CHANNELS;
  const backtest = comparison.counterfactual([]);
  const applied: Channel[] = [];
  let world = backtest;
  const channels = order.map((channel) => {
    applied.push(channel);
    const before = world.finalEquity;
    // A channel in which nothing happened changes no world.
    if (comparison.shocks.channels.has(channel)) world = comparison.counterfactual(applied);
    return { channel, amount: world.finalEquity - before };
  });
  const equities = { live: live.equity, backtest: backtest.equity };
  return {
    channels,
    total: live.finalEquity - backtest.finalEquity,
    residual: live.finalEquity - world.finalEquity,
    firstDifference: firstDifference(live, world),
    liveEquity: live.finalEquity,
    backtestEquity: backtest.finalEquity,
    backtestCurve: { times: backtest.times, equity: backtest.equity },
    legs: joinLegs(live.fills, backtest.fills),
    score: scoreOf(
      { times: live.times, equity: equities.live, fills: live.fills },
      { times: backtest.times, equity: equities.backtest, fills: backtest.fills },
      parts.config.instances[0]!.timeframeMs,
    ),
  };
}

type Filled = Pick<LiveRecord, 'fills' | 'externalFills'>;

function firstDifference(live: Filled, world: Filled): FirstDifference | null {
  const ours = [...live.fills.map(fillLine), ...live.externalFills.map(externalLine)];
  const theirs = [...world.fills.map(fillLine), ...world.externalFills.map(externalLine)];
  const place = ours.findIndex(({ text }, i) => text !== theirs[i]?.text);
  const at = place >= 0 ? place : theirs.length > ours.length ? ours.length : -1;
  if (at < 0) return null;
  const lived = ours[at];
  const told = theirs[at];
  const { intentId, leg } = (lived ?? told)!;
  return { intentId, leg, live: lived?.text ?? null, counterfactual: told?.text ?? null };
}

function fillLine(fill: FillBooked) {
  const { order, intentId, leg, ts, side, liquidity } = fill;
  const amounts = [fill.quantity, fill.price, fill.fee, fill.cash].map(format).join(' ');
  return { intentId, leg, text: `${order} ${ts} ${side} ${amounts} ${liquidity}` };
}

function externalLine(fill: ExternalBooked) {
  const { tradeId, side, cause, positionId } = fill;
  const amounts = [fill.quantity, fill.price, fill.fee, fill.cash].map(format).join(' ');
  return { intentId: positionId, leg: cause, text: `${tradeId} ${side} ${amounts} ${cause}` };
}
