// Raw messages of Binance's user streams, futures and spot, into what they say about orders. Never
// throws: what cannot be read is said to be unreadable, and REST is asked instead.
import { ZERO } from '@strategy-runner/core';
import type { RawMessage } from './exchange-client.js';
import {
  type Fields,
  type SymbolOf,
  amount,
  idOrNull,
  isReducing,
  numberOf,
  optional,
  positionSideOf,
  positive,
  sideOf,
  statusOf,
  text,
  typeOf,
} from './order-json.js';
import type { OrderReport, TradeReport } from './order-reports.js';

export type UserEvent =
  | {
      readonly kind: 'order';
      readonly report: OrderReport;
      readonly trade: TradeReport | null;
      /** The venue names an execution that we do not know: what it did is for REST to say. */
      readonly isUnderstood: boolean;
    }
  | { readonly kind: 'account' }
  | { readonly kind: 'other' }
  | {
      readonly kind: 'unreadable';
      readonly why: string;
      readonly clientOrderId: string;
      readonly venueOrderId: string;
    };

/** CALCULATED = a liquidation, deleveraging or settlement. */
const EXECUTIONS = [
  'NEW',
  'TRADE',
  'CALCULATED',
  'CANCELED',
  'EXPIRED',
  'REJECTED',
  'AMENDMENT',
  'REPLACED',
  'TRADE_PREVENTION',
];

const ACCOUNT_EVENTS = [
  'ACCOUNT_UPDATE',
  'ACCOUNT_CONFIG_UPDATE',
  'MARGIN_CALL',
  'outboundAccountPosition',
  'balanceUpdate',
];

export function readUserMessage(raw: RawMessage, symbolOf: SymbolOf): UserEvent {
  const body = (raw.body['event'] ?? raw.body) as Fields;
  if (ACCOUNT_EVENTS.includes(raw.name)) return { kind: 'account' };
  const isOrder = raw.name === 'ORDER_TRADE_UPDATE' || raw.name === 'ALGO_UPDATE';
  if (!isOrder && raw.name !== 'executionReport') return { kind: 'other' };
  const fields = (raw.name === 'executionReport' ? body : body['o']) as Fields;
  try {
    return raw.name === 'ALGO_UPDATE' ? algoEvent(fields, symbolOf) : orderEvent(fields, symbolOf);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const clientOrderId = safely(fields, 'c') ?? safely(fields, 'caid') ?? '';
    return { kind: 'unreadable', why, clientOrderId, venueOrderId: safely(fields, 'i') ?? '' };
  }
}

function orderEvent(fields: Fields, symbolOf: SymbolOf): UserEvent {
  const symbolId = text(fields, 's');
  const side = sideOf(text(fields, 'S'));
  const positionSide = positionSideOf(fields['ps']);
  const execution = text(fields, 'x');
  const rawStatus = text(fields, 'X');
  const report: OrderReport = {
    symbol: symbolOf(symbolId),
    isStop: false,
    venueOrderId: text(fields, 'i'),
    // Of a cancelled spot order `c` names the cancel; `C` is the order.
    clientOrderId: originalId(fields) ?? text(fields, 'c'),
    status: statusOf(rawStatus),
    rawStatus,
    side,
    positionSide,
    type: typeOf(optional(fields, 'ot') ?? text(fields, 'o')),
    quantity: amount(fields, 'q'),
    filled: amount(fields, 'z'),
    price: positive(fields['p']),
    stopPrice: positive(fields['sp'] ?? fields['P']),
    reduceOnly: isReducing(
      { reduceOnly: fields['R'], closePosition: fields['cp'] },
      side,
      positionSide,
    ),
    venueMs: numberOf(fields['T']),
    childId: null,
    isWorking: typeof fields['w'] === 'boolean' ? fields['w'] : null,
    detail: refusalOf(fields),
    trades: [],
  };
  const isUnderstood = EXECUTIONS.includes(execution) && report.status !== 'unknown';
  const isTrade = execution === 'TRADE' || execution === 'CALCULATED';
  const trade = isTrade ? tradeOf(fields, report, symbolId) : null;
  return { kind: 'order', report, trade, isUnderstood };
}

function tradeOf(fields: Fields, report: OrderReport, symbolId: string): TradeReport | null {
  const tradeId = idOrNull(fields['t']);
  if (tradeId === null || tradeId === '-1') return null;
  return {
    symbol: report.symbol ?? symbolId,
    tradeId,
    venueOrderId: report.venueOrderId,
    side: report.side,
    positionSide: report.positionSide,
    price: amount(fields, 'L'),
    quantity: amount(fields, 'l'),
    fee: amount(fields, 'n'),
    feeCurrency: text(fields, 'N'),
    liquidity: fields['m'] === true ? 'maker' : 'taker',
    venueMs: report.venueMs,
  };
}

function algoEvent(fields: Fields, symbolOf: SymbolOf): UserEvent {
  const side = sideOf(text(fields, 'S'));
  const positionSide = positionSideOf(fields['ps']);
  const rawStatus = text(fields, 'X');
  const report: OrderReport = {
    symbol: symbolOf(text(fields, 's')),
    isStop: true,
    venueOrderId: text(fields, 'aid'),
    clientOrderId: text(fields, 'caid'),
    status: statusOf(rawStatus),
    rawStatus,
    side,
    positionSide,
    type: typeOf(text(fields, 'o')),
    quantity: amount(fields, 'q'),
    filled: ZERO,
    price: positive(fields['p']),
    stopPrice: positive(fields['tp']),
    reduceOnly: isReducing(
      { reduceOnly: fields['R'], closePosition: fields['cp'] },
      side,
      positionSide,
    ),
    venueMs: numberOf(fields['tt']) || null,
    childId: idOrNull(fields['ai']),
    isWorking: null,
    detail: optional(fields, 'rm') ?? '',
    trades: [],
  };
  return { kind: 'order', report, trade: null, isUnderstood: report.status !== 'unknown' };
}

function originalId(fields: Fields): string | undefined {
  const id = optional(fields, 'C');
  return id === 'null' ? undefined : id;
}

function refusalOf(fields: Fields): string {
  const reason = optional(fields, 'r');
  return reason === undefined || reason === 'NONE' ? '' : reason;
}

function safely(fields: Fields | undefined, name: string): string | undefined {
  const value = fields?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
