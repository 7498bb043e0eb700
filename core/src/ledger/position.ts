// A position and the arithmetic of its fills. Cash follows the venue's realised-profit method with
// average cost (linear contracts) or notional (spot); lots are an analytic sub-ledger beside it.
import { type Decimal, ZERO, divide, min, multiply, roundCash, toNumber } from '../decimal.js';
import type { Side } from '@strategy-runner/contracts';
import type { ProtectionState } from '../protection/protection.js';

export type LotsMethod = 'fifo' | 'lifo' | 'average';

export interface Lot {
  readonly id: number;
  readonly intentId: string;
  readonly openedMs: number;
  readonly price: Decimal;
  readonly quantity: Decimal;
}

export interface Position {
  readonly id: string;
  readonly instance: string;
  readonly symbol: string;
  readonly side: Side;
  /** Base units held, unsigned. */
  readonly quantity: Decimal;
  /** Average-cost basis of what is held: price × quantity. */
  readonly cost: Decimal;
  /** Quantity ÷ leverage over the entries held: times a price it is the margin bound there. */
  readonly marginQuantity: Decimal;
  readonly peakQuantity: Decimal;
  readonly enteredQuantity: Decimal;
  readonly enteredNotional: Decimal;
  readonly exitedQuantity: Decimal;
  readonly exitedNotional: Decimal;
  readonly firstPrice: Decimal;
  readonly openedMs: number;
  readonly openedBar: number;
  readonly openIntentId: string;
  readonly referencePrice: Decimal;
  readonly lotsMethod: LotsMethod;
  readonly lots: readonly Lot[];
  readonly nextLot: number;
  /** DCA levels whose entry has filled. */
  readonly dcaLevel: number;
  readonly grossPnl: Decimal;
  readonly fees: Decimal;
  readonly funding: Decimal;
  readonly exitReason: string;
  readonly protection: ProtectionState | null;
  /** Loss at the first stop, for R multiples; null without a stop. */
  readonly initialRisk: Decimal | null;
  /** Float mirrors for marks per bar. */
  readonly quantityNumber: number;
  readonly entryNumber: number;
}

export interface PositionStart {
  readonly id: string;
  readonly instance: string;
  readonly symbol: string;
  readonly side: Side;
  readonly price: Decimal;
  readonly ts: number;
  /** Closed bars seen so far. */
  readonly bar: number;
  readonly intentId: string;
  readonly referencePrice: Decimal;
  readonly lotsMethod: LotsMethod;
}

/** A position before its first fill. */
export function emptyPosition(start: PositionStart): Position {
  return {
    id: start.id,
    instance: start.instance,
    symbol: start.symbol,
    side: start.side,
    quantity: ZERO,
    cost: ZERO,
    marginQuantity: ZERO,
    peakQuantity: ZERO,
    enteredQuantity: ZERO,
    enteredNotional: ZERO,
    exitedQuantity: ZERO,
    exitedNotional: ZERO,
    firstPrice: start.price,
    openedMs: start.ts,
    openedBar: start.bar,
    openIntentId: start.intentId,
    referencePrice: start.referencePrice,
    lotsMethod: start.lotsMethod,
    lots: [],
    nextLot: 1,
    dcaLevel: 0,
    grossPnl: ZERO,
    fees: ZERO,
    funding: ZERO,
    exitReason: '',
    protection: null,
    initialRisk: null,
    quantityNumber: 0,
    entryNumber: 0,
  };
}

export function averageEntry(position: Pick<Position, 'cost' | 'quantity'>): Decimal {
  return position.quantity === ZERO ? ZERO : divide(position.cost, position.quantity);
}

/** Profit of `quantity` at `price`, before fees and funding; half-even at 1e-8. */
export function unrealized(position: Position, price: Decimal): Decimal {
  const value = multiply(position.quantity, price);
  return roundCash(position.side === 'long' ? value - position.cost : position.cost - value);
}

export interface EntryFill {
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly leverage: Decimal;
  readonly intentId: string;
  readonly ts: number;
}

export function withEntry(position: Position, fill: EntryFill): Position {
  const notional = multiply(fill.price, fill.quantity);
  const quantity = position.quantity + fill.quantity;
  const cost = position.cost + notional;
  return {
    ...position,
    quantity,
    cost,
    marginQuantity: position.marginQuantity + divide(fill.quantity, fill.leverage),
    peakQuantity: quantity > position.peakQuantity ? quantity : position.peakQuantity,
    enteredQuantity: position.enteredQuantity + fill.quantity,
    enteredNotional: position.enteredNotional + notional,
    lots: addLot(position, fill),
    nextLot: position.nextLot + 1,
    fees: position.fees + fill.fee,
    quantityNumber: toNumber(quantity),
    entryNumber: toNumber(position.quantity === ZERO ? fill.price : divide(cost, quantity)),
  };
}

// Fills of one intent share a lot, so that "the last lot" means the last leg of a ladder.
function addLot(position: Position, fill: EntryFill): readonly Lot[] {
  const last = position.lots.at(-1);
  if (last !== undefined && last.intentId === fill.intentId) {
    const quantity = last.quantity + fill.quantity;
    const cost = multiply(last.price, last.quantity) + multiply(fill.price, fill.quantity);
    return [...position.lots.slice(0, -1), { ...last, quantity, price: divide(cost, quantity) }];
  }
  const lot = {
    id: position.nextLot,
    intentId: fill.intentId,
    openedMs: fill.ts,
    price: fill.price,
    quantity: fill.quantity,
  };
  return [...position.lots, lot];
}

const NO_LOTS: readonly Lot[] = [];

export interface ExitFill {
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly reason: string;
}

/** The position after an exit, and the realised profit of the part that left (before fees). */
export function withExit(
  position: Position,
  fill: ExitFill,
): { readonly position: Position; readonly realized: Decimal } {
  const isWhole = fill.quantity === position.quantity;
  const leaving = (whole: Decimal): Decimal =>
    isWhole ? whole : divide(multiply(whole, fill.quantity), position.quantity);
  const costRemoved = leaving(position.cost);
  const notional = multiply(fill.price, fill.quantity);
  const realized = roundCash(
    position.side === 'long' ? notional - costRemoved : costRemoved - notional,
  );
  const quantity = position.quantity - fill.quantity;
  return {
    realized,
    position: {
      ...position,
      quantity,
      cost: position.cost - costRemoved,
      marginQuantity: position.marginQuantity - leaving(position.marginQuantity),
      exitedQuantity: position.exitedQuantity + fill.quantity,
      exitedNotional: position.exitedNotional + notional,
      lots: isWhole ? NO_LOTS : takeLots(position.lots, position.lotsMethod, fill.quantity),
      grossPnl: position.grossPnl + realized,
      fees: position.fees + fill.fee,
      exitReason: fill.reason,
      quantityNumber: toNumber(quantity),
    },
  };
}

function takeLots(lots: readonly Lot[], method: LotsMethod, quantity: Decimal): readonly Lot[] {
  if (method === 'average') return takeShares(lots, quantity);
  const ordered = method === 'fifo' ? [...lots] : [...lots].reverse();
  const left: Lot[] = [];
  let toTake = quantity;
  for (const lot of ordered) {
    const taken = min(toTake, lot.quantity);
    toTake -= taken;
    if (lot.quantity > taken) left.push({ ...lot, quantity: lot.quantity - taken });
  }
  return method === 'fifo' ? left : left.reverse();
}

// Average cost takes from every lot in proportion; the last lot absorbs the rounding.
function takeShares(lots: readonly Lot[], quantity: Decimal): readonly Lot[] {
  const total = lots.reduce((sum, lot) => sum + lot.quantity, ZERO);
  if (quantity >= total) return [];
  let toTake = quantity;
  const left: Lot[] = [];
  for (const [index, lot] of lots.entries()) {
    const share = divide(multiply(lot.quantity, quantity), total);
    const taken = index === lots.length - 1 ? toTake : share;
    toTake -= taken;
    left.push({ ...lot, quantity: lot.quantity - taken });
  }
  return left.filter((lot) => lot.quantity > ZERO);
}

/** Quantity of the `count` lots that the position's method would close first. */
export function quantityOfLots(position: Position, count: number): Decimal {
  const ordered = position.lotsMethod === 'fifo' ? position.lots : [...position.lots].reverse();
  return ordered.slice(0, count).reduce((sum, lot) => sum + lot.quantity, ZERO);
}
