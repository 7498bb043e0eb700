// Exits that the host sends for a position's protection: a leg of it, at market or at a limit.
import type { Decimal } from '../decimal.js';
import type { Position } from '../ledger/position.js';
import type { Order } from '../order/order.js';
import { nextAttempt, placeExit } from '../order/place.js';
import type { Turn } from '../turn.js';

export interface HostExit {
  readonly leg: string;
  readonly quantity: Decimal;
  /** The price that called for the exit, anchor of its slippage figures. */
  readonly at: Decimal;
  /** A limit price, or null for a market order. */
  readonly limit: Decimal | null;
}

/** Sends the exit unless an order of the leg works already. */
export function exitByHost(turn: Turn, position: Position, exit: HostExit): Order | undefined {
  for (const order of turn.state.orders.values()) {
    if (order.positionId === position.id && order.leg === exit.leg) return undefined;
  }
  return sendExit(turn, position, exit);
}

/** Sends the exit whatever else works for the position. */
export function sendExit(turn: Turn, position: Position, exit: HostExit): Order | undefined {
  const placed = placeExit(
    turn,
    {
      intentId: position.openIntentId,
      leg: exit.leg,
      attempt: nextAttempt(turn, position.openIntentId, exit.leg),
      action: 'exit',
      instance: position.instance,
      symbol: position.symbol,
      positionSide: position.side,
      type: exit.limit === null ? 'market' : 'limit',
      quantity: exit.quantity,
      price: exit.limit,
      stopPrice: null,
      timeInForce: 'GTC',
      postOnly: false,
      leverage: turn.config.sizing.leverage,
      referencePrice: exit.at,
    },
    position.id,
  );
  return placed.ok ? placed.value : undefined;
}
