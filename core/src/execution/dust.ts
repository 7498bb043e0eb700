// A fee in the coin that was bought leaves parts of a lot, which no order can sell. They are set
// apart per symbol and come back with the next purchase that makes a lot of them, so that a
// position is always what can be sold and the sum of all is what the wallet holds.
import { type Decimal, ZERO, floorTo, multiply, toNumber } from '../decimal.js';
import { EXTERNAL, dustPositionId } from '../ledger/external.js';
import { type Position, emptyPosition } from '../ledger/position.js';
import { type Turn, instrumentOf } from '../turn.js';

export interface Bought {
  readonly price: Decimal;
  /** What was credited: without the fee. */
  readonly quantity: Decimal;
}

export interface SetApart {
  /** What the position grows by. */
  readonly kept: Decimal;
  readonly dust: Position;
}

/** Undefined where the purchase is too small to make a lot. */
export function setDustApart(turn: Turn, held: Position, bought: Bought): SetApart | undefined {
  const { lotSize } = instrumentOf(turn, held.symbol);
  const dust = dustOf(turn, held.symbol, bought.price);
  const owned = held.quantity + bought.quantity + dust.quantity;
  const kept = floorTo(owned, lotSize) - held.quantity;
  if (kept <= ZERO) return undefined;
  const change = bought.quantity - kept;
  const quantity = dust.quantity + change;
  const cost = quantity === ZERO ? ZERO : dust.cost + multiply(bought.price, change);
  return { kept, dust: { ...dust, quantity, cost, quantityNumber: toNumber(quantity) } };
}

function dustOf(turn: Turn, symbol: string, price: Decimal): Position {
  const id = dustPositionId(symbol);
  const known = turn.state.positions.get(id) as Position | undefined;
  if (known !== undefined) return known;
  const bar = turn.state.market.get(symbol)?.bars ?? 0;
  const base = { id, instance: EXTERNAL, symbol, side: 'long', price, ts: turn.now, bar } as const;
  return emptyPosition({ ...base, intentId: id, referencePrice: price, lotsMethod: 'average' });
}
