// The identity of loaded bars: equal bars give equal hashes whatever file or format they came from.
import { createHash } from 'node:crypto';
import { COLUMN_NAMES } from './columns.js';
import type { BarColumns } from './columns.js';

/** sha256 (hex) over timeframe, length and the little-endian float64 bytes of each column. */
export function hashColumns(columns: BarColumns, timeframe: string): string {
  const hash = createHash('sha256').update(`bars/1\n${timeframe}\n${columns.length}\n`);
  for (const name of COLUMN_NAMES) {
    const column = columns[name];
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }
  return hash.digest('hex');
}
