// A conditional order: it rests outside the book, and becomes an order with a new id when its
// price is reached.
import { type Amount, plain } from './amount.js';
import type { Side } from './order-book.js';
import type { PositionSide, TimeInForce } from './order.js';

export type AlgoType = 'STOP' | 'STOP_MARKET' | 'TAKE_PROFIT' | 'TAKE_PROFIT_MARKET';
export type AlgoStatus = 'NEW' | 'CANCELED' | 'TRIGGERING' | 'TRIGGERED' | 'FINISHED' | 'REJECTED';

export const ALGO_TYPES: readonly string[] = [
  'STOP',
  'STOP_MARKET',
  'TAKE_PROFIT',
  'TAKE_PROFIT_MARKET',
];

export interface AlgoOrder {
  readonly algoId: number;
  readonly clientAlgoId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly type: AlgoType;
  readonly timeInForce: TimeInForce;
  readonly quantity: Amount;
  readonly price: Amount;
  readonly triggerPrice: Amount;
  readonly workingType: string;
  readonly isReduceOnly: boolean;
  readonly isClosePosition: boolean;
  readonly createdMs: number;
  status: AlgoStatus;
  updatedMs: number;
  /** The order that it became. */
  actualOrderId: bigint | undefined;
  rejectReason: string;
}

/** Whether the last price has reached the trigger. */
export function isReached(algo: AlgoOrder, last: Amount): boolean {
  const isStop = algo.type === 'STOP' || algo.type === 'STOP_MARKET';
  const waitsForRise = isStop === (algo.side === 'BUY');
  return waitsForRise ? last.gte(algo.triggerPrice) : last.lte(algo.triggerPrice);
}

export function algoJson(algo: AlgoOrder): Record<string, unknown> {
  return {
    algoId: algo.algoId,
    clientAlgoId: algo.clientAlgoId,
    algoType: 'CONDITIONAL',
    orderType: algo.type,
    symbol: algo.symbol,
    side: algo.side,
    positionSide: algo.positionSide,
    timeInForce: algo.timeInForce,
    quantity: plain(algo.quantity),
    algoStatus: algo.status,
    actualOrderId: algo.actualOrderId?.toString() ?? '',
    actualPrice: '0',
    triggerPrice: plain(algo.triggerPrice),
    price: plain(algo.price),
    icebergQuantity: null,
    selfTradePreventionMode: 'EXPIRE_MAKER',
    workingType: algo.workingType,
    priceMatch: 'NONE',
    closePosition: algo.isClosePosition,
    priceProtect: false,
    reduceOnly: algo.isReduceOnly,
    createTime: algo.createdMs,
    updateTime: algo.updatedMs,
    triggerTime: algo.actualOrderId === undefined ? 0 : algo.updatedMs,
    goodTillDate: 0,
  };
}
