// An order of somebody else that the operator made ours: it works on under a key of its own, and
// its fills are booked like any other's. Nothing is sent for it.
import type { Side } from '@strategy-runner/contracts';
import { ZERO, multiply } from '../decimal.js';
import type { OrderAdopted, VenueOrder } from '../events.js';
import { EXTERNAL, externalIntentId, externalPositionId, isDust } from '../ledger/external.js';
import type { Position } from '../ledger/position.js';
import { type Order, type OrderType, orderKey } from '../order/order.js';
import { recall } from '../state/recent.js';
import type { Turn } from '../turn.js';
import { positionIdOf } from './open.js';

export function onAdopted(turn: Turn, event: OrderAdopted): void {
  const order = adopted(turn, event.venueOrder);
  const { key } = order;
  if (turn.state.orders.has(key) || recall(turn.state.endedOrders, key) !== undefined) {
    const base = { type: 'order_event_ignored', ts: turn.now, order: key } as const;
    turn.emit({ ...base, event: event.kind, detail: 'is ours already' });
    return;
  }
  turn.emit({ type: 'order_created', ts: turn.now, order, normalizations: [] });
}

function adopted(turn: Turn, venueOrder: VenueOrder): Order {
  const { venueOrderId, symbol, side, quantity, filled, price, stopPrice } = venueOrder;
  const { action, positionSide, held } = meaningOf(turn, venueOrder);
  const intentId = externalIntentId(venueOrderId);
  const instance = held?.instance ?? ownerOf(turn, symbol);
  const referencePrice = price ?? stopPrice ?? ZERO;
  const fresh =
    instance === EXTERNAL ? externalPositionId(symbol, positionSide) : positionIdOf(intentId);
  return {
    intentId,
    leg: action,
    attempt: 1,
    instance,
    symbol,
    positionSide,
    action,
    type: typeOf(venueOrder),
    quantity,
    price,
    stopPrice,
    timeInForce: 'GTC',
    postOnly: false,
    leverage: turn.config.sizing.leverage,
    referencePrice,
    key: orderKey(intentId, action, 1),
    side,
    reduceOnly: venueOrder.reduceOnly,
    isFollowUp: true,
    positionId: held?.id ?? fresh,
    createdMs: turn.now,
    status: filled > ZERO ? 'partially_filled' : 'accepted',
    isTriggered: false,
    venueOrderId,
    filled,
    filledNotional: multiply(filled, referencePrice),
    tradeIds: [],
    acceptedMs: turn.now,
    cancelReason: null,
  };
}

interface Meaning {
  readonly action: 'entry' | 'exit';
  readonly positionSide: Side;
  /** The position that it adds to or takes from. */
  readonly held: Position | undefined;
}

// On a netted account an order that fits into what is held on the other side takes from it.
function meaningOf(turn: Turn, order: VenueOrder): Meaning {
  const { symbol, side, positionSide, reduceOnly } = order;
  const opening = side === 'buy' ? 'long' : 'short';
  const closing = side === 'buy' ? 'short' : 'long';
  const opposite = heldOn(turn, symbol, closing);
  const fits = opposite !== undefined && order.quantity - order.filled <= opposite.quantity;
  const isExit = positionSide === null ? reduceOnly || fits : positionSide === closing;
  return isExit
    ? { action: 'exit', positionSide: closing, held: opposite }
    : { action: 'entry', positionSide: opening, held: heldOn(turn, symbol, opening) };
}

// Somebody else's order means somebody else's position first, as their fills do.
function heldOn(turn: Turn, symbol: string, side: Side): Position | undefined {
  const foreign = turn.state.positions.get(externalPositionId(symbol, side));
  if (foreign !== undefined) return foreign as Position;
  for (const position of turn.state.positions.values()) {
    const isThere = position.symbol === symbol && position.side === side;
    if (isThere && !isDust(position.id)) return position as Position;
  }
  return undefined;
}

/** The instance that trades the symbol alone. */
function ownerOf(turn: Turn, symbol: string): string {
  const owners = turn.config.instances.filter((instance) => instance.symbol === symbol);
  return owners.length === 1 ? owners[0]!.id : EXTERNAL;
}

// Venues have many names for a type; what an order waits for says which one it is.
function typeOf({ price, stopPrice }: VenueOrder): OrderType {
  if (stopPrice !== null) return price === null ? 'stop_market' : 'stop_limit';
  return price === null ? 'market' : 'limit';
}
