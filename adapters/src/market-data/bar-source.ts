// Where rows came from, so that a check on columns can name the file and line of a bad one.
import { lineError } from './data-error.js';
import type { DataFault } from './data-error.js';
import type { RunnerError } from '../errors.js';

export interface BarSource {
  readonly path: string;
  /** Line of a row, counted from 1 with the header. */
  lineOf(row: number): number;
}

export function rowError(source: BarSource, row: number, fault: DataFault): RunnerError {
  return lineError(source.path, source.lineOf(row), fault);
}

/** The source of a slice that starts at `first`. */
export function shiftSource(source: BarSource, first: number): BarSource {
  return { path: source.path, lineOf: (row) => source.lineOf(row + first) };
}
