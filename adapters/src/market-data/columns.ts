// Bars as float64 columns, oldest first, one row per bar. `openMs` is strictly ascending epoch
// milliseconds (UTC). Columns may be views of larger buffers; nobody writes to them once loaded.
import type { BarColumns } from '@strategy-runner/core';

export type { BarColumns };

export const COLUMN_NAMES = ['openMs', 'open', 'high', 'low', 'close', 'volume'] as const;

export function allocateColumns(length: number): BarColumns {
  return {
    length,
    openMs: new Float64Array(length),
    open: new Float64Array(length),
    high: new Float64Array(length),
    low: new Float64Array(length),
    close: new Float64Array(length),
    volume: new Float64Array(length),
  };
}

/** A view of rows `from` (inclusive) to `to` (exclusive); no copy. */
export function sliceColumns(columns: BarColumns, from: number, to: number): BarColumns {
  return {
    length: to - from,
    openMs: columns.openMs.subarray(from, to),
    open: columns.open.subarray(from, to),
    high: columns.high.subarray(from, to),
    low: columns.low.subarray(from, to),
    close: columns.close.subarray(from, to),
    volume: columns.volume.subarray(from, to),
  };
}

/** A copy with room for `length` rows. */
export function growColumns(columns: BarColumns, length: number): BarColumns {
  const grown = allocateColumns(length);
  for (const name of COLUMN_NAMES) grown[name].set(columns[name]);
  return grown;
}
