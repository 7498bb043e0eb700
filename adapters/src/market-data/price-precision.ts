// Makes sure that every price is an exact decimal: the shortest one of its float64, at most 15
// digits. Residues of float arithmetic (1.2065000000000001), which real files are full of, become
// the decimal they stand for, and are counted; a price that really has more digits is refused.
import { rowError } from './bar-source.js';
import type { BarSource } from './bar-source.js';
import type { BarColumns } from './columns.js';
import { shapeOf } from './decimal-cell.js';

const MAX_DIGITS = 15;
// A residue is a few units in the last place away from a decimal that has digits to spare.
const RESIDUE_DIGITS = 12;
const RESIDUE = 4 * Number.EPSILON;

const PRICE_NAMES = ['open', 'high', 'low', 'close'] as const;

export interface PricePrecision {
  /** The most decimals any price has; 100.50 has one. */
  readonly decimals: number;
  /** Prices whose float residue was removed. */
  readonly cleaned: number;
}

/** Cleans the prices in place. Throws DATA_PRECISION where a price is no exact decimal. */
export function settlePrices(columns: BarColumns, source: BarSource): PricePrecision {
  let decimals = 0;
  let cleaned = 0;
  for (const name of PRICE_NAMES) {
    const prices = columns[name];
    let scale = 10 ** decimals;
    for (let row = 0; row < columns.length; row++) {
      let price = prices[row] as number;
      const scaled = Math.round(price * scale);
      // Exact below 1e15: the price is its nearest integer over the scale, or has more decimals.
      if (scaled < 1e15 && scaled / scale === price) continue;
      let shape = shapeOf(price);
      if (shape.digits > MAX_DIGITS) {
        const settled = Number(price.toPrecision(RESIDUE_DIGITS));
        if (Math.abs(settled - price) > RESIDUE * settled) {
          throw tooPrecise(name, price, row, source);
        }
        prices[row] = price = settled;
        shape = shapeOf(price);
        cleaned++;
      }
      if (shape.decimals <= decimals) continue;
      decimals = shape.decimals;
      scale = 10 ** decimals;
    }
  }
  return { decimals, cleaned };
}

function tooPrecise(name: string, price: number, row: number, source: BarSource): Error {
  return rowError(source, row, {
    code: 'DATA_PRECISION',
    message: `${name} ${price} has more than ${MAX_DIGITS} digits`,
    why: 'Prices are exact decimals of at most 15 digits',
    next: 'round the prices to the tick size when writing the file',
  });
}
