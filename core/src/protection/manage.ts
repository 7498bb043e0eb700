// Bar order, step 4: trailing and breakeven move on the closed bar and take effect with the next
// one; protection that the host holds triggers inside a bar and exits at the next open; time exits
// fall due.
import { type Decimal, ZERO, fromNumber, toNumber } from '../decimal.js';
import type { BarEvent } from '../events.js';
import { type Position, averageEntry } from '../ledger/position.js';
import { type Order, isProtectionLeg } from '../order/order.js';
import { stopOnTick } from '../order/price.js';
import { setTimer } from '../strategy/timers.js';
import { type Turn, instrumentOf } from '../turn.js';
import { timeoutOf } from './fallback.js';
import { exitByHost } from './host-exit.js';
import { exitSide } from './levels.js';
import type { ProtectionState, StopState } from './protection.js';
import { syncProtection, targetQuantities } from './sync.js';
import { checkTimeExit } from './time-exit.js';

/** Manages every protected position of the bar's symbol. Costs nothing while there is none. */
export function manageProtection(turn: Turn, bar: BarEvent): void {
  if (!isAnyProtected(turn)) return;
  for (const position of [...turn.state.positions.values()] as Position[]) {
    if (position.symbol !== bar.symbol || position.protection === null) continue;
    triggerHeldByHost(turn, position, bar);
    moveStop(turn, position.id, bar);
    startTouchClocks(turn, position, bar);
    checkTimeExit(turn, position.id, bar.closeMs);
    syncProtection(turn, position.id);
  }
}

function isAnyProtected({ state }: Turn): boolean {
  for (const { protection } of state.positions.values()) if (protection !== null) return true;
  return false;
}

/**
 * The price of the bar that counts in the position's favour. In the bar in which it was opened only
 * the close does: the extreme may have come before the entry.
 */
function bestSeen(turn: Turn, position: Position, bar: BarEvent): number {
  const bars = turn.state.market.get(bar.symbol)?.bars ?? 0;
  if (position.openedBar >= bars - 1) return bar.close;
  return position.side === 'long' ? bar.high : bar.low;
}

function moveStop(turn: Turn, positionId: string, bar: BarEvent): void {
  const position = turn.state.positions.get(positionId) as Position | undefined;
  const protection = position?.protection;
  if (position === undefined || protection === null || protection === undefined) return;
  const favourable = bestSeen(turn, position, bar);
  const trailed = trail(turn, position, protection, { favourable, close: bar.close });
  const even = breakEven(turn, position, trailed, favourable);
  if (even === protection) return;
  const { initialRisk } = position;
  const base = { type: 'protection', ts: turn.now, positionId } as const;
  const cause = even.stop?.source ?? 'trailing_stop';
  turn.emit({ ...base, protection: even, initialRisk, cause });
}

function trail(
  turn: Turn,
  position: Position,
  protection: ProtectionState,
  { favourable, close }: { readonly favourable: number; readonly close: number },
): ProtectionState {
  const { trailing } = protection;
  if (trailing === null) return protection;
  const isLong = position.side === 'long';
  const reached =
    trailing.activateAt === null ||
    (isLong ? favourable >= trailing.activateAt : favourable <= trailing.activateAt);
  if (!trailing.isActive && !reached) return protection;
  const isBetter = isLong ? close > trailing.best : close < trailing.best;
  const best = !trailing.isActive || isBetter ? close : trailing.best;
  const moved = { ...protection, trailing: { ...trailing, isActive: true, best } };
  const distance = (best * trailing.distanceBps) / 10_000;
  const wanted = isLong ? best - distance : best + distance;
  const stop = tighter(turn, position, protection.stop, wanted, {
    source: 'trailing_stop',
    stepBps: trailing.stepBps,
  });
  if (stop !== undefined) return { ...moved, stop };
  return trailing.isActive && !isBetter ? protection : moved;
}

function breakEven(
  turn: Turn,
  position: Position,
  protection: ProtectionState,
  favourable: number,
): ProtectionState {
  const { breakeven } = protection;
  if (breakeven === null || breakeven.isDone) return protection;
  const isLong = position.side === 'long';
  const reached = isLong ? favourable >= breakeven.activateAt : favourable <= breakeven.activateAt;
  if (!reached) return protection;
  const entry = toNumber(averageEntry(position));
  const offset = (entry * breakeven.offsetBps) / 10_000;
  const moved = { ...protection, breakeven: { ...breakeven, isDone: true } };
  const stop = tighter(turn, position, protection.stop, isLong ? entry + offset : entry - offset, {
    source: 'breakeven',
    stepBps: 0,
  });
  return stop === undefined ? moved : { ...moved, stop };
}

/** The moved stop, or undefined where it would not be tighter by at least the step. */
function tighter(
  turn: Turn,
  position: Position,
  current: StopState | null,
  wanted: number,
  how: { readonly source: StopState['source']; readonly stepBps: number },
): StopState | undefined {
  const instrument = instrumentOf(turn, position.symbol);
  const price = stopOnTick(roughly(wanted), exitSide(position.side), instrument);
  const priceNumber = toNumber(price);
  if (current !== null) {
    const gain =
      position.side === 'long'
        ? priceNumber - current.priceNumber
        : current.priceNumber - priceNumber;
    if (gain <= 0 || gain < (current.priceNumber * how.stepBps) / 10_000) return undefined;
  }
  const fallback = position.protection?.spec.trailing_stop?.fallback ?? null;
  const kept = current ?? { order: 'market' as const, limitOffsetBps: 0, fallback };
  return { ...kept, price, priceNumber, source: how.source };
}

// A computed level is not a quoted price: fifteen digits are more than any tick needs.
function roughly(value: number): Decimal {
  return fromNumber(Number(value.toPrecision(15)));
}

function triggerHeldByHost(turn: Turn, position: Position, bar: BarEvent): void {
  const protection = position.protection!;
  const isLong = position.side === 'long';
  const { stop } = protection;
  if (stop !== null && protection.place === 'host') {
    const isHit = isLong ? bar.low <= stop.priceNumber : bar.high >= stop.priceNumber;
    if (isHit) {
      const { quantity } = position;
      exitByHost(turn, position, { leg: 'sl', quantity, at: stop.price, limit: null });
      return;
    }
  }
  for (const { target, quantity } of targetQuantities(turn, position, protection)) {
    const restsAtVenue = protection.place === 'venue' && target.order === 'limit';
    if (restsAtVenue) continue;
    const price = toNumber(target.price);
    const best = bestSeen(turn, position, bar);
    if (isLong ? best >= price : best <= price) {
      const leg = `tp${target.index}`;
      exitByHost(turn, position, { leg, quantity, at: target.price, limit: null });
    }
  }
}

/** Whether the bar has touched or passed the level that the order waits for. */
function hasComeTo(order: Order, bar: BarEvent): boolean {
  const level = toNumber(order.stopPrice ?? order.price ?? ZERO);
  const waitsForFall = (order.side === 'sell') === (order.stopPrice !== null);
  return waitsForFall ? bar.low <= level : bar.high >= level;
}

// A resting limit that the price has touched without filling is what a leg's timeout counts from.
function startTouchClocks(turn: Turn, position: Position, bar: BarEvent): void {
  for (const order of turn.state.orders.values()) {
    if (order.positionId !== position.id || !isProtectionLeg(order.leg)) continue;
    const canRest = order.type === 'limit' || order.type === 'stop_limit';
    if (!canRest || order.timeInForce !== 'GTC') continue;
    if (turn.state.timers.has(`fallback:${order.key}`)) continue;
    const afterMs = timeoutOf(turn, position.id, order.leg);
    if (afterMs === null) continue;
    if (hasComeTo(order as Order, bar)) setTimer(turn, `fallback:${order.key}`, turn.now + afterMs);
  }
}
