// One row of the venue's income list, and the event that it becomes.
import type { Side } from '@strategy-runner/contracts';
import {
  type CashMoved,
  type Decimal,
  type FundingPaid,
  ZERO,
  decimal,
} from '@strategy-runner/core';
import { type Row, textOf, timeOf } from './reading.js';

export interface IncomeRow {
  /** The venue numbers payments within their kind. */
  readonly id: string;
  readonly type: string;
  /** Empty for what belongs to no symbol. */
  readonly venueSymbol: string;
  readonly currency: string;
  readonly amount: Decimal;
  readonly paidMs: number;
}

const WITH_FILLS: ReadonlySet<string> = new Set(['COMMISSION', 'REALIZED_PNL']);

const TRANSFERS: ReadonlySet<string> = new Set([
  'TRANSFER',
  'INTERNAL_TRANSFER',
  'CROSS_COLLATERAL_TRANSFER',
  'COIN_SWAP_DEPOSIT',
  'COIN_SWAP_WITHDRAW',
  'STRATEGY_UMFUTURES_TRANSFER',
]);

/** Throws TypeError or RangeError for a row that cannot be read. */
export function incomeRow(row: Row): IncomeRow {
  const type = textOf(row, 'incomeType');
  const venueSymbol = typeof row['symbol'] === 'string' ? row['symbol'] : '';
  return {
    id: `${type}:${textOf(row, 'tranId')}${venueSymbol === '' ? '' : `:${venueSymbol}`}`,
    type,
    venueSymbol,
    currency: textOf(row, 'asset'),
    amount: decimal(textOf(row, 'income')),
    paidMs: timeOf(row, 'time'),
  };
}

/** Fees and realised profit: the fills that caused them bring them. */
export function isWithFills({ type }: IncomeRow): boolean {
  return WITH_FILLS.has(type);
}

export interface IncomeTerms {
  readonly ts: number;
  readonly symbol: string;
  /** Zero where the venue does not tell it. */
  readonly rate: Decimal;
  /** The side held, as far as anybody knows. */
  readonly held: Side | undefined;
}

export function eventOf(row: IncomeRow, terms: IncomeTerms): FundingPaid | CashMoved {
  const { amount, type, id } = row;
  const { ts, symbol, rate } = terms;
  if (type === 'FUNDING_FEE') {
    const side = payingSide(amount, rate) ?? terms.held ?? 'long';
    return { kind: 'funding_paid', ts, id, symbol, side, rate, amount };
  }
  const cause = TRANSFERS.has(type) ? 'transfer' : 'other';
  return { kind: 'cash_moved', ts, id, currency: row.currency, amount, cause };
}

/** A positive rate is paid by longs; undefined where there is no rate. */
export function payingSide(amount: Decimal, rate: Decimal): Side | undefined {
  if (rate === ZERO || amount === ZERO) return undefined;
  return amount < ZERO === rate > ZERO ? 'long' : 'short';
}

/** A `balanceUpdate` of spot; undefined where it cannot be read: the message itself is kept. */
export function spotMove(event: Row, ts: number): CashMoved | undefined {
  try {
    const [currency, delta] = [textOf(event, 'a'), textOf(event, 'd')];
    const id = `balance:${textOf(event, 'T')}:${currency}:${delta}`;
    return { kind: 'cash_moved', ts, id, currency, amount: decimal(delta), cause: 'transfer' };
  } catch {
    return undefined;
  }
}
