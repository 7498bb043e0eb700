// Orders and trades of exchanges whose own JSON nobody has mapped yet, from ccxt's unified form.
// Its numbers are floats: the shortest decimal of one is what the venue wrote, up to 15 digits.
import { ONE, ZERO, type Decimal, fromNumber, multiply } from '@strategy-runner/core';
import type { Market, Order, Trade } from 'ccxt';
import type { OrderReport, ReportedStatus, TradeReport } from './order-reports.js';

const STATUS: Readonly<Record<string, ReportedStatus>> = {
  open: 'open',
  closed: 'filled',
  canceled: 'cancelled',
  canceling: 'open',
  expired: 'expired',
  rejected: 'rejected',
};

export function unifiedOrder(order: Order, market: Market | undefined): OrderReport {
  const rawStatus = String(order.status ?? '');
  const { id, clientOrderId } = order;
  if (id === undefined) throw new TypeError('the answer has no id');
  const isStop = order.triggerPrice !== undefined;
  return {
    symbol: order.symbol ?? null,
    isStop: false,
    venueOrderId: id,
    clientOrderId: clientOrderId ?? '',
    status: STATUS[rawStatus] ?? 'unknown',
    rawStatus,
    side: sideOf(order.side),
    positionSide: null,
    type: `${isStop ? 'stop_' : ''}${order.type ?? 'limit'}`,
    quantity: quantityOf(order.amount, market),
    filled: quantityOf(order.filled, market),
    price: priceOf(order.price),
    stopPrice: priceOf(order.triggerPrice),
    reduceOnly: order.reduceOnly === true,
    venueMs: order.lastUpdateTimestamp ?? order.timestamp ?? null,
    childId: null,
    isWorking: null,
    detail: '',
    trades: [],
  };
}

export function unifiedTrade(trade: Trade, market: Market | undefined): TradeReport {
  const { id, order, symbol, price, fee } = trade;
  if (id === undefined || order === undefined || symbol === undefined || price === undefined) {
    throw new TypeError('the trade has no id, order, symbol or price');
  }
  return {
    symbol,
    tradeId: id,
    venueOrderId: order,
    side: sideOf(trade.side),
    positionSide: null,
    price: fromNumber(price),
    quantity: quantityOf(trade.amount, market),
    fee: fee?.cost === undefined ? ZERO : fromNumber(fee.cost),
    feeCurrency: fee?.currency ?? market?.settle ?? market?.quote ?? '',
    liquidity: trade.takerOrMaker === 'maker' ? 'maker' : 'taker',
    venueMs: trade.timestamp ?? null,
  };
}

/** Base units of one contract: unified amounts are in contracts, ours in base units. */
export function contractSizeOf(market: Market | undefined): Decimal {
  const size = market?.contract === true ? market.contractSize : undefined;
  return size === undefined ? ONE : fromNumber(size);
}

function quantityOf(contracts: number | undefined, market: Market | undefined): Decimal {
  return contracts === undefined ? ZERO : multiply(fromNumber(contracts), contractSizeOf(market));
}

function priceOf(price: number | undefined): Decimal | null {
  return price === undefined || price <= 0 ? null : fromNumber(price);
}

function sideOf(side: string | undefined): 'buy' | 'sell' {
  if (side === 'buy' || side === 'sell') return side;
  throw new TypeError(`side ${side} is neither buy nor sell`);
}
