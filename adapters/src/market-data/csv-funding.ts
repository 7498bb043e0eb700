// Loads a CSV file of funding rates. Rates move money, so each is kept as the decimal it was
// written as; the float64 column is for triggers and statistics only. Times are strictly ascending.
import { createHash } from 'node:crypto';
import { isBlank, lineEnd, splitCells } from './csv-cells.js';
import { readChunks } from './csv-chunks.js';
import { matchHeader, TIME_COLUMN } from './csv-header.js';
import type { WantedColumn } from './csv-header.js';
import { checkOrder } from './bar-spacing.js';
import { dataError, lineError, quoted } from './data-error.js';
import { plainDecimal } from './decimal-cell.js';
import { parseTime } from './time-cell.js';

export interface FundingFile {
  readonly path: string;
  /** When each rate was applied, epoch milliseconds UTC. */
  readonly times: Float64Array;
  readonly rates: Float64Array;
  /** Each rate as written, with exponents expanded. */
  readonly rateText: readonly string[];
  /** Mark prices as written, where the file has them. */
  readonly markPriceText?: readonly string[];
  /** sha256 (hex) of times, rates and mark prices. */
  readonly hash: string;
}

const RATE_COLUMN: WantedColumn = {
  role: 'funding_rate',
  names: ['funding_rate', 'fundingrate', 'rate'],
};
const MARK_COLUMN: WantedColumn = {
  role: 'mark_price',
  names: ['mark_price', 'markprice'],
  isOptional: true,
};
const FUNDING_TIME_COLUMN: WantedColumn = {
  role: TIME_COLUMN.role,
  names: ['timestamp', 'fundingtime', 'funding_time', 'datetime', 'time', 'date'],
  mayBeUnnamed: true,
};

interface Row {
  readonly line: number;
  readonly timeMs: number;
  readonly rate: string;
  readonly markPrice: string | undefined;
}

export function loadFundingCsv(path: string): FundingFile {
  const rows = [...readRows(path)];
  if (rows.length === 0) {
    throw dataError(path, {
      code: 'DATA_EMPTY',
      message: 'there is no funding rate in the file',
      next: 'use a file with the columns timestamp,funding_rate',
    });
  }
  const times = Float64Array.from(rows, (row) => row.timeMs);
  checkOrder(times, { path, lineOf: (row) => rows[row]?.line ?? 0 });
  const rateText = rows.map((row) => row.rate);
  const marks = rows.flatMap((row) => (row.markPrice === undefined ? [] : [row.markPrice]));
  const hash = createHash('sha256').update('funding/1\n');
  for (const row of rows) hash.update(`${row.timeMs},${row.rate},${row.markPrice ?? ''}\n`);
  return {
    path,
    times,
    rates: Float64Array.from(rateText, Number),
    rateText,
    ...(marks.length === rows.length ? { markPriceText: marks } : {}),
    hash: hash.digest('hex'),
  };
}

function* readRows(path: string): Generator<Row> {
  let found: ReadonlyMap<string, number> | undefined;
  let line = 0;
  for (const { bytes, start, end } of readChunks(path)) {
    for (let at = start; at < end;) {
      const lineBreak = lineEnd(bytes, at, end);
      const cells = splitCells(bytes, at, lineBreak);
      const isSkipped = isBlank(bytes, at, lineBreak);
      at = lineBreak + 1;
      line++;
      if (isSkipped) continue;
      if (cells === undefined)
        throw malformed(path, line, 'a quoted cell is not closed on its line');
      if (found === undefined) {
        found = matchHeader(path, cells, [FUNDING_TIME_COLUMN, RATE_COLUMN, MARK_COLUMN]);
      } else yield toRow(path, line, cells, found);
    }
  }
}

function toRow(
  path: string,
  line: number,
  cells: readonly string[],
  found: ReadonlyMap<string, number>,
): Row {
  const cellOf = (role: string): string => cells[found.get(role) ?? -1] ?? '';
  const time = cellOf(FUNDING_TIME_COLUMN.role);
  const timeMs = parseTime(time);
  if (Number.isNaN(timeMs)) throw malformed(path, line, `time ${quoted(time)} is not a time`);
  const rateCell = cellOf(RATE_COLUMN.role);
  const rate = plainDecimal(rateCell);
  if (rate === undefined) throw malformed(path, line, `rate ${quoted(rateCell)} is not a number`);
  if (Math.abs(Number(rate)) >= 1) {
    const reason = `rate ${rate} is 100 % or more; a rate is a fraction, 0.0001 for 0.01 %`;
    throw malformed(path, line, reason);
  }
  if (!found.has(MARK_COLUMN.role)) return { line, timeMs, rate, markPrice: undefined };
  const markCell = cellOf(MARK_COLUMN.role);
  const markPrice = plainDecimal(markCell);
  if (markPrice === undefined || !(Number(markPrice) > 0)) {
    throw malformed(path, line, `mark_price ${quoted(markCell)} is not a price`);
  }
  return { line, timeMs, rate, markPrice };
}

function malformed(path: string, line: number, message: string): Error {
  const next = 'correct the row, or drop it';
  return lineError(path, line, { code: 'DATA_MALFORMED', message, next });
}
