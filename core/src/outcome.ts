// A stage answers with a value or with a denial: a domain outcome, never an exception.
import { type Decimal, format } from './decimal.js';
import type { Code } from '@strategy-runner/contracts';

export interface Denial {
  readonly ok: false;
  readonly code: Code;
  /** JSON pointer into the intent. */
  readonly path: string;
  readonly detail: string;
  readonly numbers: Readonly<Record<string, string>>;
}

export type Outcome<Value> = { readonly ok: true; readonly value: Value } | Denial;

export function pass<Value>(value: Value): Outcome<Value> {
  return { ok: true, value };
}

export function deny(
  code: Code,
  path: string,
  detail: string,
  numbers: Readonly<Record<string, Decimal | string | number>> = {},
): Denial {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(numbers)) {
    texts[name] = typeof value === 'bigint' ? format(value) : String(value);
  }
  return { ok: false, code, path, detail, numbers: texts };
}
