// Parses CSV lines straight from bytes into columns. Loading dominates the time of a backtest, so
// the usual cells never become strings; a row with any unusual cell is read again by the general
// rules.
import { allocateColumns, growColumns, sliceColumns } from './columns.js';
import type { BarColumns } from './columns.js';
import type { Chunk } from './csv-chunks.js';
import { isBlank, lineEnd, splitCells } from './csv-cells.js';
import { lineError, quoted } from './data-error.js';
import { parseDecimal, readDecimal } from './decimal-cell.js';
import { parseTime, TimeReader } from './time-cell.js';

export const IGNORED = -1;
export const TIME = 0;

/**
 * One entry per column of the file: IGNORED, TIME, or 1 to 5 for open, high, low, close, volume.
 */
export type ColumnRoles = readonly number[];

const ROLE_NAMES = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;

export class BarParser {
  readonly #path: string;
  readonly #roles: Int32Array;
  readonly #time = new TimeReader();
  #columns = allocateColumns(0);
  #targets: readonly Float64Array[] = [];
  #rows = 0;
  #line: number;
  // Rows behind blank lines, with the line the first of them is on: enough to find any row's line.
  readonly #lineMarks: { readonly row: number; readonly line: number }[];

  constructor(path: string, roles: ColumnRoles, firstLine: number) {
    this.#path = path;
    this.#roles = Int32Array.from(roles);
    this.#line = firstLine;
    this.#lineMarks = [{ row: 0, line: firstLine }];
  }

  get columns(): BarColumns {
    return sliceColumns(this.#columns, 0, this.#rows);
  }

  lineOf(row: number): number {
    const mark = this.#lineMarks.findLast((candidate) => candidate.row <= row);
    return mark === undefined ? row : mark.line + row - mark.row;
  }

  /** Parses every line of the chunk from `start` on. */
  parse(chunk: Chunk, start: number): void {
    const { bytes, end } = chunk;
    let at = start;
    while (at < end) {
      if (this.#rows === this.#columns.length) this.#grow(chunk, at);
      const next = this.#readRow(bytes, at);
      if (next === -1) at = this.#readUnusualLine(bytes, at, end);
      else {
        this.#rows++;
        this.#line++;
        at = next;
      }
    }
  }

  /** The position after the row, or -1 when any of its cells is unusual. */
  #readRow(bytes: Uint8Array, start: number): number {
    const roles = this.#roles;
    const last = roles.length - 1;
    const row = this.#rows;
    let at = start;
    for (let column = 0; column <= last; column++) {
      const role = roles[column] as number;
      if (role > TIME) at = readDecimal(bytes, at, this.#targets[role] as Float64Array, row);
      else if (role === TIME) {
        at = this.#time.read(bytes, at, this.#targets[TIME] as Float64Array, row);
      } else at = skipCell(bytes, at);
      if (at === -1) return -1;
      if (column < last && bytes[at++] !== 44) return -1;
    }
    if (bytes[at] === 13) at++;
    return bytes[at] === 10 ? at + 1 : -1;
  }

  #readUnusualLine(bytes: Uint8Array, start: number, end: number): number {
    const lineBreak = lineEnd(bytes, start, end);
    if (isBlank(bytes, start, lineBreak)) {
      this.#line++;
      this.#lineMarks.push({ row: this.#rows, line: this.#line });
      return lineBreak + 1;
    }
    const cells = splitCells(bytes, start, lineBreak);
    if (cells === undefined) {
      throw this.#malformed('a quoted cell is not closed on its line', 'close the quotes');
    }
    if (cells.length !== this.#roles.length) {
      throw this.#malformed(
        `${cells.length} cells where the header has ${this.#roles.length}`,
        'repair the line, or delete it if the file was cut off there',
      );
    }
    for (const [index, cell] of cells.entries()) this.#store(this.#roles[index] as number, cell);
    this.#rows++;
    this.#line++;
    return lineBreak + 1;
  }

  #store(role: number, cell: string): void {
    if (role === IGNORED) return;
    const value = role === TIME ? parseTime(cell) : parseDecimal(cell);
    const name = ROLE_NAMES[role] ?? 'cell';
    if (Number.isNaN(value)) {
      const expected =
        role === TIME
          ? 'write ISO-8601 (2025-01-31T13:00:00Z) or epoch s, ms or µs'
          : 'write a plain decimal such as 101.25, or drop the row';
      const what =
        cell === ''
          ? `${name} is empty`
          : `${name} ${quoted(cell)} is not a ${role === TIME ? 'time' : 'number'}`;
      throw this.#malformed(what, expected);
    }
    (this.#targets[role] as Float64Array)[this.#rows] = value;
  }

  #malformed(message: string, next: string): Error {
    return lineError(this.#path, this.#line, { code: 'DATA_MALFORMED', message, next });
  }

  #grow(chunk: Chunk, at: number): void {
    const rows = this.#rows;
    // The first guess is made from the length of the first row, so that most files grow once or
    // twice.
    const rowBytes = Math.max(12, lineEnd(chunk.bytes, at, chunk.end) - at + 1);
    const guess = Math.ceil((chunk.fileBytes / rowBytes) * 1.05);
    this.#columns = growColumns(this.#columns, Math.max(1024, rows * 2, rows === 0 ? guess : 0));
    const { openMs, open, high, low, close, volume } = this.#columns;
    this.#targets = [openMs, open, high, low, close, volume];
  }
}

/** The position of the comma or line break that ends an unquoted cell; -1 for a quoted one. */
function skipCell(bytes: Uint8Array, start: number): number {
  let at = start;
  let byte = bytes[at];
  while (byte !== 44 && byte !== 10 && byte !== 13) {
    if (byte === 34 || byte === undefined) return -1;
    byte = bytes[++at];
  }
  return at;
}
