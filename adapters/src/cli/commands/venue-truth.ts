// The truth of the local exchange, from its admin port or from a file saved of it, as rows that a
// session can be held against. Ids stay text: they exceed 2^53.
import { readFile } from 'node:fs/promises';
import { decimal, format } from '@strategy-runner/core';
import { EXIT, RunnerError } from '../../errors.js';

export interface TruthOrder {
  readonly clientOrderId: string;
  /** All ids that it has had: a stop has its own and that of the order that it became. */
  readonly ids: readonly string[];
  readonly symbol: string;
  readonly status: string;
  readonly isOpen: boolean;
  readonly filled: string;
}

export interface TruthTrade {
  readonly id: string;
  readonly orderId: string;
  readonly symbol: string;
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly timeMs: number;
}

export interface TruthMove {
  readonly id: string;
  readonly symbol: string;
  readonly asset: string;
  readonly amount: string;
  readonly timeMs: number;
}

export interface TruthPosition {
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly quantity: string;
}

export interface Truth {
  readonly orders: readonly TruthOrder[];
  readonly trades: readonly TruthTrade[];
  readonly funding: readonly TruthMove[];
  readonly transfers: readonly TruthMove[];
  /** Undefined on spot, where holdings have no owner. */
  readonly positions: readonly TruthPosition[] | undefined;
  readonly wallet: string;
}

export type TruthMarket = 'futures' | 'spot';

const SCHEMA = 'runner.venue-truth/1';
const OPEN = new Set(['NEW', 'PARTIALLY_FILLED', 'TRIGGERING', 'TRIGGERED']);
const TIMEOUT_MS = 10_000;

type Row = Readonly<Record<string, unknown>>;

export async function readTruth(source: string, market: TruthMarket): Promise<Truth> {
  const document = parseTruth(await textOf(source), source);
  return market === 'spot' ? spotTruth(document) : futuresTruth(document);
}

async function textOf(source: string): Promise<string> {
  if (!/^https?:\/\//.test(source)) {
    return readFile(source, 'utf8').catch((cause: unknown) => {
      throw new RunnerError({
        code: 'FILE_NOT_FOUND',
        exitCode: EXIT.missingInput,
        message: `${source} cannot be read`,
        next: 'give --truth the address of the local exchange, or a file saved of /admin/truth',
        cause,
      });
    });
  }
  const url = new URL('/admin/truth', source).href;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    return await answer.text();
  } catch (cause) {
    throw new RunnerError({
      code: 'TRUTH_UNAVAILABLE',
      exitCode: EXIT.venueUnavailable,
      message: `${url} gives no truth`,
      why: cause instanceof Error ? cause.message : String(cause),
      next: 'start runner venue, or give --truth the address that it printed',
      cause,
    });
  }
}

function parseTruth(text: string, source: string): Row {
  try {
    // Integers of 16 digits and more do not survive as numbers.
    const kept = text.replaceAll(/(":\s*)(\d{16,})(?=\s*[,}\]])/g, '$1"$2"');
    const value = JSON.parse(kept) as Row | null;
    if (value?.['schema'] === SCHEMA) return value;
  } catch {
    // Said below, as for any other text.
  }
  throw new RunnerError({
    code: 'DATA_MALFORMED',
    exitCode: EXIT.badData,
    message: `${source} is not the truth of a local exchange (${SCHEMA})`,
    next: 'curl <address of runner venue>/admin/truth > truth.json saves it',
  });
}

function futuresTruth(document: Row): Truth {
  const orders = rows(document, 'orders');
  const algos = rows(document, 'algo_orders');
  const children = new Set(algos.map((algo) => said(algo, 'actualOrderId')));
  const income = rows(document, 'income');
  return {
    orders: [
      ...orders.filter((order) => !children.has(said(order, 'orderId'))).map(orderOf),
      ...algos.map((algo) => algoOf(algo, orders)),
    ],
    trades: rows(document, 'trades').map(tradeOf),
    funding: movesOf(income, 'FUNDING_FEE'),
    transfers: movesOf(income, 'TRANSFER'),
    positions: rows(document, 'positions').map(positionOf),
    wallet: said(document, 'wallet'),
  };
}

function spotTruth(document: Row): Truth {
  const spot = (document['spot'] ?? {}) as Row;
  const quote = rows(spot, 'balances').find((row) => row['asset'] === 'USDT');
  return {
    orders: rows(spot, 'orders').map(orderOf),
    trades: rows(spot, 'trades').map(tradeOf),
    funding: [],
    transfers: rows(spot, 'transfers').map((row) => ({
      id: said(row, 'id'),
      symbol: '',
      asset: said(row, 'asset'),
      amount: said(row, 'amount'),
      timeMs: Number(row['time']),
    })),
    positions: undefined,
    wallet: quote === undefined ? '0' : totalOf(quote),
  };
}

function totalOf(balance: Row): string {
  return format(decimal(said(balance, 'free')) + decimal(said(balance, 'locked')));
}

function orderOf(row: Row): TruthOrder {
  const status = said(row, 'status');
  return {
    clientOrderId: said(row, 'clientOrderId'),
    ids: [said(row, 'orderId')],
    symbol: said(row, 'symbol'),
    status,
    isOpen: OPEN.has(status),
    filled: said(row, 'executedQty'),
  };
}

function algoOf(algo: Row, orders: readonly Row[]): TruthOrder {
  const childId = said(algo, 'actualOrderId');
  const child = orders.find((order) => said(order, 'orderId') === childId);
  const status = said(algo, 'algoStatus');
  return {
    clientOrderId: said(algo, 'clientAlgoId'),
    ids: [said(algo, 'algoId'), ...(childId === '' ? [] : [childId])],
    symbol: said(algo, 'symbol'),
    status,
    isOpen: OPEN.has(status),
    filled: child === undefined ? '0' : said(child, 'executedQty'),
  };
}

function tradeOf(row: Row): TruthTrade {
  return {
    id: said(row, 'id'),
    orderId: said(row, 'orderId'),
    symbol: said(row, 'symbol'),
    price: said(row, 'price'),
    quantity: said(row, 'qty'),
    fee: said(row, 'commission'),
    feeAsset: said(row, 'commissionAsset'),
    timeMs: Number(row['time']),
  };
}

function movesOf(income: readonly Row[], type: string): readonly TruthMove[] {
  return income
    .filter((row) => row['incomeType'] === type)
    .map((row) => ({
      id: said(row, 'tranId'),
      symbol: said(row, 'symbol'),
      asset: said(row, 'asset'),
      amount: said(row, 'income'),
      timeMs: Number(row['time']),
    }));
}

function positionOf(row: Row): TruthPosition {
  const quantity = said(row, 'quantity');
  const isShort = quantity.startsWith('-');
  const side = isShort ? 'short' : 'long';
  return { symbol: said(row, 'symbol'), side, quantity: quantity.replace(/^-/, '') };
}

function rows(document: Row, name: string): readonly Row[] {
  const value = document[name];
  return Array.isArray(value) ? (value as Row[]) : [];
}

function said(row: Row, name: string): string {
  const value = row[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
