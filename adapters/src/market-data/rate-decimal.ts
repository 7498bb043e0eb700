// A funding rate as the exact decimal that money is computed with. Files written by floating-point
// programs carry binary residue (-0.0021933400000000002), finer than the 18 places a decimal has.
import { type Decimal, decimal } from '@strategy-runner/core';

const PLACES = 18;

/** The rate at 18 decimals; what lies beyond is rounded half away from zero. */
export function rateDecimal(text: string): Decimal {
  const [whole = '0', fraction = ''] = text.split('.');
  if (fraction.length <= PLACES) return decimal(text);
  const kept = decimal(`${whole}.${fraction.slice(0, PLACES)}`);
  if (fraction.charCodeAt(PLACES) < FIVE) return kept;
  return text.startsWith('-') ? kept - 1n : kept + 1n;
}

const FIVE = '5'.charCodeAt(0);
