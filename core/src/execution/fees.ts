// Where a fee goes (F1, F2): out of cash when it was paid in the settle currency, out of what was
// bought when the venue took it from there, and into a ledger of its own in any other currency.
import { type Decimal, ZERO, multiply, roundCash } from '../decimal.js';
import { isSpot } from '../ledger/account.js';
import { parseSymbol } from '../market/instrument.js';
import type { ForeignFee } from '../records.js';
import type { Turn } from '../turn.js';

export interface FeePaid {
  readonly symbol: string;
  readonly action: 'entry' | 'exit';
  readonly price: Decimal;
  readonly fee: Decimal;
  readonly feeCurrency: string;
}

export interface FeeShares {
  readonly fromCash: Decimal;
  readonly fromQuantity: Decimal;
  /** What the fee costs in the settle currency. */
  readonly value: Decimal;
  readonly foreignFee: ForeignFee | undefined;
}

export function sharesOf(turn: Turn, paid: FeePaid): FeeShares {
  const { symbol, action, price, fee, feeCurrency } = paid;
  const { base, settle } = currenciesOf(turn, symbol);
  if (fee === ZERO || feeCurrency === settle || feeCurrency === '') {
    return { fromCash: fee, fromQuantity: ZERO, value: fee, foreignFee: undefined };
  }
  // Only what is being bought can have been taken from: a sale's proceeds are the settle currency.
  if (feeCurrency === base && action === 'entry' && isSpot(turn, symbol)) {
    const value = roundCash(multiply(fee, price));
    const foreignFee = { takenFrom: 'base', value } as const;
    return { fromCash: ZERO, fromQuantity: fee, value, foreignFee };
  }
  const foreignFee = { takenFrom: 'other', value: ZERO } as const;
  return { fromCash: ZERO, fromQuantity: ZERO, value: ZERO, foreignFee };
}

export function currenciesOf(
  turn: Turn,
  symbol: string,
): { readonly base: string; readonly settle: string } {
  const known = turn.config.instruments.get(symbol);
  if (known !== undefined) return known;
  const names = parseSymbol(symbol);
  return { base: names?.base ?? '', settle: names?.settle ?? names?.quote ?? '' };
}

/** Whether cash in this currency is the account's cash. */
export function isAccountCurrency(turn: Turn, currency: string): boolean {
  for (const { settle } of turn.config.instruments.values()) if (settle === currency) return true;
  return false;
}
