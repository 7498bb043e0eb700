// Which order a bar meets next. The path is an assumption, its close is not: it is the last price
// of the bar, so an order placed along the path that the close lies beyond has been passed.
import type { BarRow } from '../market/bar-series.js';
import { isAtMarket, isReached, isResting, levelOf, waitsBelow } from './matching.js';
import { PHASE, type Phase, type SimOrder } from './sim-order.js';

export interface PathPoint {
  readonly bar: BarRow;
  readonly phase: Phase;
  /** The level that the path has come to. */
  readonly cursor: number;
  /** A limit counts as filled when it is only touched. */
  readonly touch: boolean;
}

/** The next order along the path that can fill, or undefined when this phase has no more. */
export function nextOnPath(
  orders: Iterable<SimOrder>,
  at: PathPoint,
  canFill: (sim: SimOrder) => boolean,
): SimOrder | undefined {
  const from = at.phase === PHASE.close ? at.cursor : at.bar.open;
  let next: SimOrder | undefined;
  for (const sim of orders) {
    if (!isMet(sim, at) || !canFill(sim)) continue;
    if (next === undefined || comesBefore(sim, next, from)) next = sim;
  }
  return next;
}

/**
 * Whether an order placed along the path rests there. One that the price lies beyond already is a
 * taker, which waits for the next open as a market order does.
 */
export function restsFrom(sim: SimOrder, cursor: number): boolean {
  if (sim.type === 'market' || sim.timeInForce !== 'GTC') return false;
  return waitsBelow(sim) ? cursor >= levelOf(sim) : cursor <= levelOf(sim);
}

function isMet(sim: SimOrder, at: PathPoint): boolean {
  if (isAtMarket(sim)) return false;
  const { bar, phase } = at;
  const isNew = sim.placedIn > PHASE.open && sim.placedMs === bar.closeMs;
  if (phase === PHASE.close) return isNew && sim.hasMetOpen && isPassed(sim, at);
  if (isTarget(sim) !== (phase === PHASE.targets)) return false;
  if (phase !== PHASE.targets && waitsBelow(sim) !== (phase === PHASE.below)) return false;
  if (!sim.hasMetOpen) return false;
  // Placed along the path: only what still lies ahead of the price, and never a target.
  if (isNew && (isTarget(sim) || sim.placedIn > phase || !liesAhead(sim, at))) return false;
  return isReached(sim, bar, at.touch);
}

function isTarget(sim: SimOrder): boolean {
  return sim.order.reduceOnly && sim.type === 'limit';
}

function liesAhead(sim: SimOrder, { phase, cursor }: PathPoint): boolean {
  const level = levelOf(sim);
  return phase === PHASE.below ? level <= cursor : level >= cursor;
}

// The close counts as the price that a limit has to be traded through, or a stop to be reached by.
function isPassed(sim: SimOrder, { bar, touch }: PathPoint): boolean {
  const level = levelOf(sim);
  if (bar.close === level) return touch || !isResting(sim);
  return waitsBelow(sim) ? bar.close < level : bar.close > level;
}

/** Targets last; the nearest level first; the older order first where two are equally near. */
function comesBefore(a: SimOrder, b: SimOrder, from: number): boolean {
  if (isTarget(a) !== isTarget(b)) return isTarget(b);
  const distanceA = Math.abs(levelOf(a) - from);
  const distanceB = Math.abs(levelOf(b) - from);
  return distanceA < distanceB || (distanceA === distanceB && a.sequence < b.sequence);
}
