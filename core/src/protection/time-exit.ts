// The time exit of a position: due at a time or after bars, on its condition, at market or as a
// limit at the last price. It fires once; an exit that came to nothing makes it due again.
import { ZERO, fromNumber } from '../decimal.js';
import { type Position, unrealized } from '../ledger/position.js';
import { type Order, isStopLeg, outstanding } from '../order/order.js';
import { requestCancel } from '../order/place.js';
import { setTimer } from '../strategy/timers.js';
import type { Turn } from '../turn.js';
import { timeoutOf } from './fallback.js';
import { exitByHost } from './host-exit.js';
import type { ProtectionState } from './protection.js';

/**
 * Fires a time exit that is due and whose condition holds; one that waits is looked at each bar.
 */
export function checkTimeExit(turn: Turn, positionId: string, nowMs: number): void {
  const position = turn.state.positions.get(positionId) as Position | undefined;
  const exit = position?.protection?.timeExit ?? null;
  if (position === undefined || exit === null || exit.isFired) return;
  const bars = turn.state.market.get(position.symbol)?.bars ?? 0;
  const isDue =
    (exit.dueMs !== null && nowMs >= exit.dueMs) || (exit.dueBar !== null && bars >= exit.dueBar);
  if (!isDue || !conditionHolds(turn, position, exit.onlyIf)) return;
  if (isLeavingAtMarket(turn, position)) return;
  noteFired(turn, positionId, true);
  for (const order of turn.state.orders.values()) {
    if (order.positionId === positionId && !isStopLeg(order.leg)) {
      requestCancel(turn, order as Order, 'time_exit');
    }
  }
  const last = fromNumber(turn.state.market.get(position.symbol)?.last ?? 0);
  const limit = position.protection?.spec.time_exit?.order === 'limit' ? last : null;
  const { quantity } = position;
  const placed = exitByHost(turn, position, { leg: 'time', quantity, at: last, limit });
  if (placed === undefined) return noteFired(turn, positionId, false);
  const afterMs = limit === null ? null : timeoutOf(turn, positionId, 'time');
  if (afterMs !== null) setTimer(turn, `fallback:${placed.key}`, turn.now + afterMs);
}

/** The exit ended without closing the position: the next bar looks at it again. */
export function rearmTimeExit(turn: Turn, positionId: string): void {
  if (turn.state.positions.get(positionId)?.protection?.timeExit?.isFired !== true) return;
  noteFired(turn, positionId, false);
}

function noteFired(turn: Turn, positionId: string, isFired: boolean): void {
  const position = turn.state.positions.get(positionId) as Position;
  const protection = position.protection as ProtectionState;
  const changed = { ...protection, timeExit: { ...protection.timeExit!, isFired } };
  const { initialRisk } = position;
  const base = { type: 'protection', ts: turn.now, positionId } as const;
  const cause = isFired ? 'time_exit' : 'time_exit_again';
  turn.emit({ ...base, protection: changed, initialRisk, cause });
}

/** The whole position is on its way out already, by its stop or by the strategy. */
function isLeavingAtMarket(turn: Turn, position: Position): boolean {
  for (const order of turn.state.orders.values()) {
    const isExit = order.positionId === position.id && order.action === 'exit';
    if (isExit && order.type === 'market' && outstanding(order) >= position.quantity) return true;
  }
  return false;
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
