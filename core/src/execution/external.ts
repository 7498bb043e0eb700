// A fill of no order of this session: a manual trade, a liquidation, a deleveraging, a settlement.
// It is booked, so that ledger and venue stay equal, said aloud, and holds entries until somebody
// has acknowledged it. Nothing is ever traded back (P7, P13, B13, B14).
import { type Decimal, ONE, ZERO, divide, min, multiply, roundCash } from '../decimal.js';
import type { ExternalFill } from '../events.js';
import { isSpot } from '../ledger/account.js';
import { EXTERNAL, externalIntentId, externalPositionId } from '../ledger/external.js';
import { type Position, emptyPosition, withEntry, withExit } from '../ledger/position.js';
import { ALL_SYMBOLS, placeHold } from '../policy/holds.js';
import { syncProtection } from '../protection/sync.js';
import type { ExternalBooked } from '../records.js';
import { tradeName } from '../state/engine-state.js';
import { recall } from '../state/recent.js';
import { notifyExternalFill } from '../strategy/notify.js';
import type { Turn } from '../turn.js';
import { endPosition } from './after-fill.js';
import { bookFlow } from './cash.js';
import { currenciesOf, sharesOf } from './fees.js';

export function onExternalFill(turn: Turn, event: ExternalFill): void {
  const { tradeId, venueOrderId } = event;
  if (isKnown(turn, event)) {
    const order = externalIntentId(venueOrderId);
    turn.emit({ type: 'fill_duplicate', ts: turn.now, order, tradeId });
    return;
  }
  const booked = partsOf(turn, event).flatMap((part) => book(turn, event, part));
  holdFor(turn, event);
  for (const fill of booked) follow(turn, fill);
}

function isKnown(turn: Turn, { symbol, tradeId }: ExternalFill): boolean {
  const { externalTrades, cashMoveIds, orders, endedOrders } = turn.state;
  const name = tradeName(symbol, tradeId);
  if (recall(externalTrades, name) !== undefined) return true;
  if (recall(cashMoveIds, saleId(name)) !== undefined) return true;
  for (const known of [orders, endedOrders.young, endedOrders.old]) {
    for (const order of known.values()) {
      if (order.symbol === symbol && order.tradeIds.includes(tradeId)) return true;
    }
  }
  return false;
}

interface Part {
  readonly action: 'entry' | 'exit';
  /** The position that it reduces; undefined = it opens or adds. */
  readonly reduces: Position | undefined;
  readonly quantity: Decimal;
  readonly fee: Decimal;
}

// What is somebody else's gives way before what a strategy holds.
function partsOf(turn: Turn, event: ExternalFill): readonly Part[] {
  const parts: Omit<Part, 'fee'>[] = [];
  let left = event.quantity;
  for (const position of reducedBy(turn, event)) {
    const quantity = min(left, position.quantity);
    if (quantity <= ZERO) continue;
    parts.push({ action: 'exit', reduces: position, quantity });
    left -= quantity;
  }
  if (left > ZERO) parts.push({ action: 'entry', reduces: undefined, quantity: left });
  return withFees(parts, event);
}

function withFees(parts: readonly Omit<Part, 'fee'>[], { fee, quantity }: ExternalFill): Part[] {
  let left = fee;
  return parts.map((part, place) => {
    const isLast = place === parts.length - 1;
    const share = isLast ? left : roundCash(divide(multiply(fee, part.quantity), quantity));
    left -= share;
    return { ...part, fee: share };
  });
}

function reducedBy(turn: Turn, { symbol, side, positionSide }: ExternalFill): readonly Position[] {
  const opposing = side === 'buy' ? 'short' : 'long';
  if (positionSide !== null && positionSide !== opposing) return [];
  const held = [...turn.state.positions.values()].filter(
    (position) => position.symbol === symbol && position.side === opposing,
  ) as Position[];
  return [...held.filter(isForeign), ...held.filter((position) => !isForeign(position))];
}

function isForeign({ instance }: Position): boolean {
  return instance === EXTERNAL;
}

function book(turn: Turn, event: ExternalFill, part: Part): readonly ExternalBooked[] {
  const { symbol, price } = event;
  const { action, quantity, fee } = part;
  const isSpotFill = isSpot(turn, symbol);
  const shares = sharesOf(turn, { ...event, action, fee });
  const notional = roundCash(multiply(price, quantity));
  if (part.reduces !== undefined) {
    const exit = { price, quantity, fee: shares.value, reason: event.cause };
    const { position, realized } = withExit(part.reduces, exit);
    const cash = (isSpotFill ? notional : realized) - shares.fromCash;
    return [emit(turn, event, part, { position, realized, cash, foreignFee: shares.foreignFee })];
  }
  // There are no short coins: what was sold without being held came from outside the ledger.
  if (isSpotFill && event.side === 'sell') {
    const id = saleId(tradeName(symbol, event.tradeId));
    const { settle: currency } = currenciesOf(turn, symbol);
    bookFlow(turn, { id, currency, cash: notional - shares.fromCash, cause: event.cause });
    return [];
  }
  const position = withEntry(foreignPosition(turn, event), {
    price,
    quantity: quantity - shares.fromQuantity,
    fee: shares.value,
    leverage: isSpotFill ? ONE : turn.config.sizing.leverage,
    intentId: externalIntentId(event.venueOrderId),
    ts: turn.now,
  });
  const cash = (isSpotFill ? -notional : ZERO) - shares.fromCash;
  const { foreignFee } = shares;
  return [emit(turn, event, part, { position, realized: ZERO, cash, foreignFee })];
}

function saleId(name: string): string {
  return `sale:${name}`;
}

function foreignPosition(turn: Turn, event: ExternalFill): Position {
  const { symbol, price } = event;
  const side = event.side === 'buy' ? 'long' : 'short';
  const id = externalPositionId(symbol, side);
  const held = turn.state.positions.get(id) as Position | undefined;
  if (held !== undefined) return held;
  const bar = turn.state.market.get(symbol)?.bars ?? 0;
  const intentId = externalIntentId(event.venueOrderId);
  const base = { id, instance: EXTERNAL, symbol, side, price, ts: turn.now, bar } as const;
  return emptyPosition({ ...base, intentId, referencePrice: price, lotsMethod: 'fifo' });
}

type Booking = Pick<ExternalBooked, 'position' | 'realized' | 'cash'> & {
  readonly foreignFee: ExternalBooked['foreignFee'] | undefined;
};

function emit(turn: Turn, event: ExternalFill, part: Part, booking: Booking): ExternalBooked {
  const { position, realized, cash, foreignFee } = booking;
  const record: ExternalBooked = {
    type: 'external_fill',
    ts: turn.now,
    tradeId: event.tradeId,
    venueOrderId: event.venueOrderId,
    symbol: event.symbol,
    positionId: position.id,
    positionSide: position.side,
    action: part.action,
    side: event.side,
    price: event.price,
    quantity: part.quantity,
    fee: part.fee,
    feeCurrency: event.feeCurrency,
    liquidity: event.liquidity,
    realized,
    cash,
    cause: event.cause,
    position,
    ...(foreignFee === undefined ? {} : { foreignFee }),
  };
  turn.emit(record);
  return record;
}

function holdFor(turn: Turn, { symbol, tradeId, cause, venueOrderId }: ExternalFill): void {
  // An adjustment is the operator's own word: it is acknowledged by having been given.
  if (cause === 'adjustment') return;
  const what = `fill ${tradeId} of order ${venueOrderId} (${cause}) is not of this session`;
  placeHold(turn, { symbol, code: 'FILL_UNMATCHED', ref: tradeId, reason: what });
  if (cause !== 'liquidation' && cause !== 'adl') return;
  const reason = `the venue closed a position on ${symbol} by force (${cause}, fill ${tradeId})`;
  const ref = `${cause}:${tradeId}`;
  placeHold(turn, { symbol: ALL_SYMBOLS, code: 'FORCED_CLOSE', ref, reason });
}

// Nothing resumes behind it: what waited for this flat was decided on another account.
function follow(turn: Turn, fill: ExternalBooked): void {
  const { positionId } = fill;
  if (turn.state.positions.get(positionId)?.quantity === ZERO) endPosition(turn, positionId);
  else syncProtection(turn, positionId);
  notifyExternalFill(turn, fill);
}
