// The legal transitions of an order. State only moves forward; a terminal state is never left.
import type { OrderStatus } from './order.js';

const NEXT: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  created: [
    'submitted',
    'unknown',
    'accepted',
    'rejected',
    'partially_filled',
    'pending_cancel',
    'filled',
    'cancelled',
    'expired',
  ],
  submitted: [
    'accepted',
    'rejected',
    'unknown',
    'partially_filled',
    'pending_cancel',
    'filled',
    'cancelled',
    'expired',
  ],
  unknown: [
    'accepted',
    'partially_filled',
    'filled',
    'cancelled',
    'expired',
    'rejected',
    'created',
  ],
  accepted: ['partially_filled', 'filled', 'pending_cancel', 'cancelled', 'expired', 'rejected'],
  partially_filled: ['filled', 'pending_cancel', 'cancelled', 'expired'],
  pending_cancel: ['cancelled', 'filled', 'expired', 'rejected', 'unknown'],
  filled: [],
  cancelled: [],
  expired: [],
  rejected: [],
};

export function canMove(from: OrderStatus, to: OrderStatus): boolean {
  return NEXT[from].includes(to);
}

export function isTerminal(status: OrderStatus): boolean {
  return NEXT[status].length === 0;
}
