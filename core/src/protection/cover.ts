// How much of a position is protected at the venue: what must be, and what is. Only what the venue
// has confirmed counts, since an order that has not been accepted protects nobody.
import { type Decimal, ZERO } from '../decimal.js';
import { isDust } from '../ledger/external.js';
import type { Position } from '../ledger/position.js';
import { type Order, isProtectionLeg, isStopLeg, outstanding } from '../order/order.js';
import type { Frozen } from '../state/frozen.js';
import type { Turn } from '../turn.js';

type Account = Pick<Turn, 'state' | 'config'>;

/** Quantity of the open position that lacks the protection that intent or policy demand (U6). */
export function uncoveredQuantity(account: Account, position: Frozen<Position>): Decimal {
  if (position.quantity === ZERO || isDust(position.id)) return ZERO;
  if (!needsCover(account, position)) return ZERO;
  const covered = coveredQuantity(account, position.id);
  return covered >= position.quantity ? ZERO : position.quantity - covered;
}

function needsCover({ config }: Account, { protection }: Frozen<Position>): boolean {
  if (protection === null) return config.policy.requireStop;
  return protection.place === 'venue' && protection.stop !== null;
}

export function coveredQuantity({ state }: Account, positionId: string): Decimal {
  let covered = ZERO;
  for (const order of state.orders.values()) {
    if (order.positionId !== positionId || order.action !== 'exit') continue;
    if (!isConfirmed(order)) continue;
    if (isStopLeg(order.leg) || isLeaving(order)) covered += outstanding(order);
  }
  return covered;
}

/** Cancels of a stop that are part of replacing it: it rests until something else has its place. */
const REPLACED = ['superseded', 'fallback'];

function isConfirmed({ status, cancelReason }: Frozen<Order>): boolean {
  if (status === 'pending_cancel') return REPLACED.includes(cancelReason ?? '');
  return status === 'accepted' || status === 'partially_filled';
}

/** An exit that cannot stay: it closes the position now or ends. */
function isLeaving({ leg, type, timeInForce }: Frozen<Order>): boolean {
  if (isProtectionLeg(leg) && leg !== 'time') return false;
  return type === 'market' || timeInForce !== 'GTC';
}
