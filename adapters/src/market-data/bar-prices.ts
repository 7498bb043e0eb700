// Checks that every bar is one that a market could have made: prices above zero, low the lowest and
// high the highest of the four, volume not negative.
import { rowError } from './bar-source.js';
import type { BarSource } from './bar-source.js';
import type { BarColumns } from './columns.js';

const PRICE_NAMES = ['open', 'high', 'low', 'close'] as const;

/** Throws for the first bar that is impossible. */
export function checkBars(columns: BarColumns, source: BarSource): void {
  const { open, high, low, close, volume, length } = columns;
  for (let row = 0; row < length; row++) {
    const top = high[row] as number;
    const bottom = low[row] as number;
    const first = open[row] as number;
    const last = close[row] as number;
    const isPossible =
      bottom > 0 &&
      bottom <= first &&
      bottom <= last &&
      top >= first &&
      top >= last &&
      (volume[row] as number) >= 0;
    if (!isPossible) throw impossibleBar(columns, row, source);
  }
}

function impossibleBar(columns: BarColumns, row: number, source: BarSource): Error {
  const repair = 'correct the bar, or fetch the file again from its source';
  for (const name of PRICE_NAMES) {
    const price = columns[name][row] as number;
    if (price > 0) continue;
    const what = price === 0 ? 'zero' : 'negative';
    return rowError(source, row, {
      code: 'DATA_NEGATIVE_PRICE',
      message: `${name} ${price} is ${what}`,
      why: 'Prices must be above zero',
      next: repair,
    });
  }
  const volume = columns.volume[row] as number;
  if (volume < 0) {
    const message = `volume ${volume} is negative`;
    return rowError(source, row, { code: 'DATA_MALFORMED', message, next: repair });
  }
  return rowError(source, row, {
    code: 'DATA_HIGH_BELOW_LOW',
    message: contradiction(columns, row),
    why: 'Low must be the lowest and high the highest price of a bar',
    next: repair,
  });
}

function contradiction(columns: BarColumns, row: number): string {
  const high = columns.high[row] as number;
  const low = columns.low[row] as number;
  if (high < low) return `high ${high} is below low ${low}`;
  const name = (['open', 'close'] as const).find((candidate) => {
    const price = columns[candidate][row] as number;
    return price > high || price < low;
  });
  const price = columns[name ?? 'close'][row] as number;
  return price > high
    ? `high ${high} is below ${name} ${price}`
    : `low ${low} is above ${name} ${price}`;
}
