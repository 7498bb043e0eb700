// Bar order, step 4: trailing and breakeven move on the closed bar and take effect with the next one;
// protection that the host holds triggers inside a bar and exits at the next open; time exits fall due.
import { type Decimal, ZERO, fromNumber, toNumber } from '../decimal.js';
import type { BarEvent } from '../events.js';
import { type Position, averageEntry, unrealized } from '../ledger/position.js';
import { type Order, isProtectionLeg } from '../order/order.js';
import { nextAttempt, placeExit, requestCancel } from '../order/place.js';
import { stopOnTick } from '../order/price.js';
import { setTimer } from '../strategy/timers.js';
import { type Turn, instrumentOf } from '../turn.js';
import { exitSide } from './levels.js';
import type { ProtectionState, StopState } from './protection.js';
import { syncProtection, targetQuantities } from './sync.js';

/** Manages every protected position of the bar's symbol. Costs nothing while none is open. */
export function manageProtection(turn: Turn, bar: BarEvent): void {
  if (turn.state.positions.size === 0) return;
  for (const position of [...turn.state.positions.values()] as Position[]) {
    if (position.symbol !== bar.symbol || position.protection === null) continue;
    triggerHeldByHost(turn, position, bar);
    moveStop(turn, position.id, bar);
    startTouchClocks(turn, position, bar);
    checkTimeExit(turn, position.id, bar.closeMs);
    syncProtection(turn, position.id);
  }
}

function moveStop(turn: Turn, positionId: string, bar: BarEvent): void {
  const position = turn.state.positions.get(positionId) as Position | undefined;
  const protection = position?.protection;
  if (position === undefined || protection === null || protection === undefined) return;
  const isLong = position.side === 'long';
  const favourable = isLong ? bar.high : bar.low;
  const trailed = trail(turn, position, protection, favourable);
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
  favourable: number,
): ProtectionState {
  const { trailing } = protection;
  if (trailing === null) return protection;
  const isLong = position.side === 'long';
  const reached =
    trailing.activateAt === null ||
    (isLong ? favourable >= trailing.activateAt : favourable <= trailing.activateAt);
  if (!trailing.isActive && !reached) return protection;
  const isBetter = isLong ? favourable > trailing.best : favourable < trailing.best;
  if (trailing.isActive && !isBetter && protection.stop !== null) return protection;
  const best = isBetter ? favourable : trailing.best;
  const moved = { ...protection, trailing: { ...trailing, isActive: true, best } };
  const distance = (best * trailing.distanceBps) / 10_000;
  const wanted = isLong ? best - distance : best + distance;
  const stop = tighter(turn, position, protection.stop, wanted, {
    source: 'trailing_stop',
    stepBps: trailing.stepBps,
  });
  return stop === undefined ? moved : { ...moved, stop };
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
      exitByHost(turn, position, { leg: 'sl', quantity: position.quantity, at: stop.price });
      return;
    }
  }
  for (const { target, quantity } of targetQuantities(turn, position, protection)) {
    const restsAtVenue = protection.place === 'venue' && target.order === 'limit';
    if (restsAtVenue) continue;
    const price = toNumber(target.price);
    if (isLong ? bar.high >= price : bar.low <= price) {
      exitByHost(turn, position, { leg: `tp${target.index}`, quantity, at: target.price });
    }
  }
}

interface HostExit {
  readonly leg: string;
  readonly quantity: Decimal;
  readonly at: Decimal;
}

function exitByHost(turn: Turn, position: Position, exit: HostExit): void {
  for (const order of turn.state.orders.values()) {
    if (order.positionId === position.id && order.leg === exit.leg) return;
  }
  placeExit(
    turn,
    {
      intentId: position.openIntentId,
      leg: exit.leg,
      attempt: nextAttempt(turn, position.openIntentId, exit.leg),
      action: 'exit',
      instance: position.instance,
      symbol: position.symbol,
      positionSide: position.side,
      type: 'market',
      quantity: exit.quantity,
      price: null,
      stopPrice: null,
      timeInForce: 'GTC',
      postOnly: false,
      leverage: turn.config.sizing.leverage,
      referencePrice: exit.at,
    },
    position.id,
  );
}

// A resting limit that the price has touched without filling is what a leg's timeout counts from.
function startTouchClocks(turn: Turn, position: Position, bar: BarEvent): void {
  for (const order of turn.state.orders.values()) {
    if (order.positionId !== position.id || !isProtectionLeg(order.leg)) continue;
    const fallback = fallbackOf(position, order as Order);
    if (fallback === null || turn.state.timers.has(`fallback:${order.key}`)) continue;
    const level = toNumber(order.stopPrice ?? order.price ?? ZERO);
    const isTouched = bar.low <= level && level <= bar.high;
    if (isTouched) setTimer(turn, `fallback:${order.key}`, turn.now + fallback);
  }
}

function fallbackOf(position: Position, order: Order): number | null {
  const { protection } = position;
  const target = protection?.targets.find(({ index }) => `tp${index}` === order.leg);
  const policy = order.leg === 'sl' ? protection?.stop?.fallback : target?.fallback;
  if (policy?.mode !== 'limit_to_market' || !policy.on.includes('timeout')) return null;
  if (order.type === 'stop_market' || order.type === 'market') return null;
  return policy.after_ms ?? null;
}

/** Fires a time exit that is due and whose condition holds; one that waits is looked at each bar. */
export function checkTimeExit(turn: Turn, positionId: string, nowMs: number): void {
  const position = turn.state.positions.get(positionId) as Position | undefined;
  const protection = position?.protection ?? null;
  const exit = protection?.timeExit ?? null;
  if (position === undefined || protection === null || exit === null || exit.isFired) return;
  const bars = turn.state.market.get(position.symbol)?.bars ?? 0;
  const isDue =
    (exit.dueMs !== null && nowMs >= exit.dueMs) || (exit.dueBar !== null && bars >= exit.dueBar);
  if (!isDue || !conditionHolds(turn, position, exit.onlyIf)) return;
  const { initialRisk } = position;
  const fired = { ...protection, timeExit: { ...exit, isFired: true } };
  const base = { type: 'protection', ts: turn.now, positionId } as const;
  turn.emit({ ...base, protection: fired, initialRisk, cause: 'time_exit' });
  const last = fromNumber(turn.state.market.get(position.symbol)?.last ?? 0);
  for (const order of [...turn.state.orders.values()]) {
    if (order.positionId === positionId && order.leg !== 'sl') {
      requestCancel(turn, order as Order, 'time_exit');
    }
  }
  exitByHost(turn, position, { leg: 'time', quantity: position.quantity, at: last });
}

function conditionHolds(
  turn: Turn,
  position: Position,
  onlyIf: 'always' | 'in_profit' | 'in_loss',
): boolean {
  if (onlyIf === 'always') return true;
  const market = turn.state.market.get(position.symbol);
  if (market === undefined) return false;
  const profit = unrealized(position, fromNumber(market.last));
  return onlyIf === 'in_profit' ? profit > ZERO : profit < ZERO;
}
