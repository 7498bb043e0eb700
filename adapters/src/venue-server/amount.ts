// Exact decimal arithmetic of the local exchange, by a library of its own: a mistake in the host's
// money code must not be repeated here, where it would confirm itself.
import { Decimal } from 'decimal.js';

const Exact = Decimal.clone({ precision: 60, toExpNeg: -60, toExpPos: 60 });

export type Amount = Decimal;
export const ZERO: Amount = new Exact(0);

export function amount(value: string | number | Amount): Amount {
  return new Exact(value);
}

/** Cash moves in units of 1e-8, half to even. */
export function cash(value: Amount): Amount {
  return value.toDecimalPlaces(8, Decimal.ROUND_HALF_EVEN);
}

export function floorTo(value: Amount, step: Amount): Amount {
  return value.div(step).floor().times(step);
}

export function isMultiple(value: Amount, step: Amount): boolean {
  return value.mod(step).isZero();
}

/** Without exponent, at most `decimals` places. */
export function plain(value: Amount, decimals = 8): string {
  const text = value.toDecimalPlaces(decimals, Decimal.ROUND_HALF_EVEN).toFixed();
  return text === '-0' ? '0' : text;
}

export function smaller(a: Amount, b: Amount): Amount {
  return a.lt(b) ? a : b;
}

export function larger(a: Amount, b: Amount): Amount {
  return a.gt(b) ? a : b;
}
