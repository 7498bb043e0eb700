// Binance's own JSON of orders, conditional (algo) orders and trades, by REST and by stream, into
// reports. Everything is read from the raw fields as text; a field that is missing or malformed
// throws, and the answer then counts as unread.
import { ZERO, type Decimal, decimal } from '@strategy-runner/core';
import type { Side } from '@strategy-runner/contracts';
import type { OrderReport, ReportedStatus, TradeReport } from './order-reports.js';

export type Fields = Readonly<Record<string, unknown>>;
/** The unified symbol of a venue's own id; null = not listed. */
export type SymbolOf = (id: string) => string | null;

const STATUS: Readonly<Record<string, ReportedStatus>> = {
  NEW: 'open',
  PARTIALLY_FILLED: 'open',
  PENDING_NEW: 'open',
  ACCEPTED: 'open',
  PENDING_CANCEL: 'open',
  TRIGGERING: 'open',
  FILLED: 'filled',
  CANCELED: 'cancelled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
  TRIGGERED: 'triggered',
  FINISHED: 'triggered',
};

const TYPES: Readonly<Record<string, string>> = {
  LIMIT: 'limit',
  LIMIT_MAKER: 'limit',
  MARKET: 'market',
  STOP: 'stop_limit',
  STOP_LOSS_LIMIT: 'stop_limit',
  STOP_MARKET: 'stop_market',
  STOP_LOSS: 'stop_market',
};

export function statusOf(raw: string): ReportedStatus {
  return STATUS[raw] ?? 'unknown';
}

/** An answer of `order`, `openOrders` or `allOrders`, of futures or spot. */
export function orderFrom(info: Fields, symbolOf: SymbolOf): OrderReport {
  const rawStatus = text(info, 'status');
  const side = sideOf(text(info, 'side'));
  const positionSide = positionSideOf(info['positionSide']);
  const symbol = symbolOf(text(info, 'symbol'));
  const venueOrderId = text(info, 'orderId');
  const fills = Array.isArray(info['fills']) ? (info['fills'] as Fields[]) : [];
  const about = { symbol: symbol ?? '', venueOrderId, side, venueMs: timeOf(info) };
  return {
    symbol,
    isStop: false,
    venueOrderId,
    // A spot cancel answers under the id of the cancelling request.
    clientOrderId: optional(info, 'origClientOrderId') ?? text(info, 'clientOrderId'),
    status: statusOf(rawStatus),
    rawStatus,
    side,
    positionSide,
    type: typeOf(optional(info, 'origType') ?? text(info, 'type')),
    quantity: amount(info, 'origQty'),
    filled: amount(info, 'executedQty'),
    price: positive(info['price']),
    stopPrice: positive(info['stopPrice']),
    reduceOnly: isReducing(info, side, positionSide),
    venueMs: timeOf(info),
    childId: null,
    isWorking: typeof info['isWorking'] === 'boolean' ? info['isWorking'] : null,
    detail: '',
    trades: fills.map((fill) => ackTrade(fill, about)),
  };
}

/** An answer of `algoOrder` or `openAlgoOrders`. */
export function algoFrom(info: Fields, symbolOf: SymbolOf): OrderReport {
  const side = sideOf(text(info, 'side'));
  const positionSide = positionSideOf(info['positionSide']);
  const rawStatus = text(info, 'algoStatus');
  return {
    symbol: symbolOf(text(info, 'symbol')),
    isStop: true,
    venueOrderId: text(info, 'algoId'),
    clientOrderId: text(info, 'clientAlgoId'),
    status: statusOf(rawStatus),
    rawStatus,
    side,
    positionSide,
    type: typeOf(text(info, 'orderType')),
    quantity: amount(info, 'quantity'),
    filled: ZERO,
    price: positive(info['price']),
    stopPrice: positive(info['triggerPrice']),
    reduceOnly: isReducing(info, side, positionSide),
    venueMs: timeOf(info),
    childId: idOrNull(info['actualOrderId']),
    isWorking: null,
    detail: optional(info, 'rejectReason') ?? optional(info, 'failReason') ?? '',
    trades: [],
  };
}

/** A row of `userTrades` (futures) or `myTrades` (spot). */
export function tradeFrom(info: Fields, symbolOf: SymbolOf): TradeReport {
  const isBuyer = info['isBuyer'] ?? info['buyer'];
  const side = optional(info, 'side') ?? (isBuyer === true ? 'BUY' : 'SELL');
  return {
    symbol: symbolOf(text(info, 'symbol')) ?? text(info, 'symbol'),
    tradeId: text(info, 'id'),
    venueOrderId: text(info, 'orderId'),
    side: sideOf(side),
    positionSide: positionSideOf(info['positionSide']),
    price: amount(info, 'price'),
    quantity: amount(info, 'qty'),
    fee: amount(info, 'commission'),
    feeCurrency: text(info, 'commissionAsset'),
    liquidity: (info['isMaker'] ?? info['maker']) === true ? 'maker' : 'taker',
    venueMs: numberOf(info['time']),
  };
}

type AckOrder = Pick<TradeReport, 'symbol' | 'venueOrderId' | 'side' | 'venueMs'>;

/** A fill of a spot order's own answer: only a taker is filled at once. */
function ackTrade(fill: Fields, about: AckOrder): TradeReport {
  return {
    ...about,
    tradeId: text(fill, 'tradeId'),
    positionSide: null,
    price: amount(fill, 'price'),
    quantity: amount(fill, 'qty'),
    fee: amount(fill, 'commission'),
    feeCurrency: text(fill, 'commissionAsset'),
    liquidity: 'taker',
  };
}

/** Rows of `positionRisk`: signed quantity per side, `net` where the account is one-way. */
export function positionsFrom(answer: unknown): ReadonlyMap<string, Decimal> {
  if (!Array.isArray(answer)) throw new TypeError('the answer is not a list');
  const held = new Map<string, Decimal>();
  for (const row of answer as Fields[]) {
    const side = positionSideOf(row['positionSide']) ?? 'net';
    held.set(side, (held.get(side) ?? ZERO) + amount(row, 'positionAmt'));
  }
  return held;
}

export function text(fields: Fields, name: string): string {
  const value = optional(fields, name);
  if (value === undefined) throw new TypeError(`the answer has no ${name}`);
  return value;
}

/** Undefined for a missing or empty field. A number beyond 2^53 has lost its digits already. */
export function optional(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value !== 'number') return undefined;
  if (!Number.isSafeInteger(value)) throw new TypeError(`${name} ${value} is not exact`);
  return String(value);
}

export function amount(fields: Fields, name: string): Decimal {
  return decimal(text(fields, name));
}

/** Binance writes 0 where there is no price. */
export function positive(value: unknown): Decimal | null {
  if (typeof value !== 'string' || value === '') return null;
  const price = decimal(value);
  return price > 0n ? price : null;
}

export function sideOf(raw: string): 'buy' | 'sell' {
  if (raw === 'BUY') return 'buy';
  if (raw === 'SELL') return 'sell';
  throw new TypeError(`side ${raw} is neither BUY nor SELL`);
}

export function positionSideOf(raw: unknown): Side | null {
  if (raw === 'LONG') return 'long';
  return raw === 'SHORT' ? 'short' : null;
}

export function typeOf(raw: string): string {
  return TYPES[raw] ?? raw.toLowerCase();
}

export function idOrNull(raw: unknown): string | null {
  if (typeof raw === 'string') return raw === '' || raw === '0' ? null : raw;
  return Number.isSafeInteger(raw) && raw !== 0 ? String(raw) : null;
}

export function numberOf(raw: unknown): number | null {
  const value = typeof raw === 'string' && raw !== '' ? Number(raw) : raw;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** In hedge mode an order against its side reduces by itself and is not called so. */
export function isReducing(
  fields: Fields,
  side: 'buy' | 'sell',
  positionSide: Side | null,
): boolean {
  if (fields['reduceOnly'] === true || fields['closePosition'] === true) return true;
  return positionSide !== null && (positionSide === 'long') === (side === 'sell');
}

function timeOf(info: Fields): number | null {
  return numberOf(info['updateTime'] ?? info['transactTime'] ?? info['createTime']);
}
