// Finds which column is which. Names match whatever their case; columns nobody asks for are
// ignored.
import { dataError, quoted } from './data-error.js';
import type { RunnerError } from '../errors.js';

export interface WantedColumn {
  readonly role: string;
  /** Accepted names, lower case; the first one present wins. */
  readonly names: readonly string[];
  readonly isOptional?: boolean;
  /** A first column without a name will do: a data frame whose index is the time writes that. */
  readonly mayBeUnnamed?: boolean;
}

const TIME_NAMES = ['open_time', 'timestamp', 'datetime', 'time', 'date'] as const;

export const TIME_COLUMN: WantedColumn = { role: 'time', names: TIME_NAMES, mayBeUnnamed: true };

/** Column index by role; an optional column that is absent has no entry. */
export function matchHeader(
  path: string,
  cells: readonly string[],
  wanted: readonly WantedColumn[],
): ReadonlyMap<string, number> {
  const names = cells.map((cell) => cell.toLowerCase());
  const found = new Map<string, number>();
  for (const column of wanted) {
    const at = findColumn(path, names, column);
    if (at !== undefined) found.set(column.role, at);
  }
  const missing = wanted.filter((column) => !found.has(column.role) && column.isOptional !== true);
  if (missing.length > 0) throw headerError(path, cells, wanted, missing);
  return found;
}

function findColumn(
  path: string,
  names: readonly string[],
  column: WantedColumn,
): number | undefined {
  const name = column.names.find((candidate) => names.includes(candidate));
  if (name === undefined) {
    return column.mayBeUnnamed === true && names[0] === '' ? 0 : undefined;
  }
  const at = names.indexOf(name);
  if (names.indexOf(name, at + 1) !== -1) {
    throw dataError(path, {
      code: 'DATA_HEADER',
      message: `the header names "${name}" twice`,
      next: `rename one of the "${name}" columns`,
    });
  }
  if (name === 'time' && names.includes('date')) {
    throw dataError(path, {
      code: 'DATA_HEADER',
      message: 'the time is split over the columns "date" and "time"',
      next: 'join them into one column "timestamp", as in 2025-01-31 13:00:00',
    });
  }
  return at;
}

function headerError(
  path: string,
  cells: readonly string[],
  wanted: readonly WantedColumn[],
  missing: readonly WantedColumn[],
): RunnerError {
  const needed = wanted.filter((column) => column.isOptional !== true);
  const header = needed.map((column) => column.names[0]).join(',');
  return dataError(path, {
    code: 'DATA_HEADER',
    message:
      `the header lacks ${missing.map((column) => column.role).join(', ')}; ` +
      `found ${describeCells(cells)}`,
    why: reasonFor(cells, missing),
    next: `make the first line name the columns: ${header}`,
    context: { found: cells.slice(0, 50), missing: missing.map((column) => column.role) },
  });
}

function describeCells(cells: readonly string[]): string {
  const shown = cells.slice(0, 12).map((cell) => quoted(cell, 24));
  return shown.join(', ') + (cells.length > 12 ? `, … (${cells.length} columns)` : '');
}

function reasonFor(cells: readonly string[], missing: readonly WantedColumn[]): string {
  const only = cells.length === 1 ? (cells[0] ?? '') : '';
  if (only.includes(';')) return 'Cells are separated by commas, not semicolons';
  if (only.includes('\t')) return 'Cells are separated by commas, not tabs';
  if (cells.filter((cell) => /^[+-]?[\d.]+$/.test(cell)).length > 1) {
    return 'The first line looks like data; a header line is needed';
  }
  const accepted = missing
    .filter((column) => column.names.length > 1)
    .map((column) => `${column.role} may be called ${column.names.join(', ')}`);
  return accepted.length > 0
    ? `Case does not matter; ${accepted.join('; ')}`
    : 'Case does not matter';
}
