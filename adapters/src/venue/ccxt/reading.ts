// What came of reading something from the venue. A failed or partial reading is a value of its own
// and never an empty one: nobody may take it for a flat account.
import type { CallFailure, CallResult } from './exchange-client.js';

export type Reading<Value> = { readonly ok: true; readonly value: Value } | Unread;

export interface Unread {
  readonly ok: false;
  readonly detail: string;
  /** The failed call behind it, if it was one. */
  readonly failure?: CallFailure;
}

export function read<Value>(value: Value): Reading<Value> {
  return { ok: true, value };
}

export function unread(detail: string): Unread {
  return { ok: false, detail };
}

export function failed(name: string, failure: CallFailure): Unread {
  return { ok: false, detail: `${name}: ${failure.detail}`, failure };
}

/** One row of an answer, as the venue wrote it. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * Parses what a call answered. An answer of another shape (`{}`, a page of HTML that was parsed all
 * the same) and a figure that is none fail the reading.
 */
export function parsed<Value>(
  name: string,
  result: CallResult<unknown>,
  parse: (answer: unknown) => Value,
): Reading<Value> {
  if (!result.ok) return failed(name, result.failure);
  try {
    return read(parse(result.value));
  } catch (error) {
    return unread(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function rowsOf(answer: unknown): readonly Row[] {
  if (!Array.isArray(answer)) throw new TypeError('the answer is not a list');
  return answer.map(rowOf);
}

export function rowOf(answer: unknown): Row {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    throw new TypeError('the answer is not an object');
  }
  return answer as Row;
}

export function textOf(row: Row, key: string): string {
  const value = row[key];
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw new TypeError(`the answer has no ${key}`);
}

export function timeOf(row: Row, key: string): number {
  const ms = Number(textOf(row, key));
  if (!Number.isSafeInteger(ms) || ms < 0) throw new TypeError(`${key} is not a time`);
  return ms;
}
