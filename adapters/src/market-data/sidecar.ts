// The optional `<file>.json` beside a data file: what the bars are of. It supplies defaults; what
// the user says on the command line wins. Unknown keys are left to whoever wrote them.
import { readFileSync } from 'node:fs';
import { dataError } from './data-error.js';
import { plainDecimal } from './decimal-cell.js';

export interface Sidecar {
  readonly symbol?: string;
  readonly timeframe?: string;
  /** True when the data was made by a program and no market ever traded it. */
  readonly synthetic: boolean;
  readonly description?: string;
  /** Trading rules as decimal strings. */
  readonly filters: SidecarFilters;
}

export interface SidecarFilters {
  readonly tickSize?: string;
  readonly lotSize?: string;
  readonly minNotional?: string;
}

/** The sidecar of a data file, or undefined when there is none. */
export function readSidecar(dataPath: string): Sidecar | undefined {
  const path = `${dataPath}.json`;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw sidecarError(path, 'it cannot be read', error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw sidecarError(path, 'it is not JSON', error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw sidecarError(path, 'it is not a JSON object');
  }
  return toSidecar(path, value as Readonly<Record<string, unknown>>);
}

function toSidecar(path: string, value: Readonly<Record<string, unknown>>): Sidecar {
  const { synthetic = false } = value;
  if (typeof synthetic !== 'boolean') throw sidecarError(path, '"synthetic" is not true or false');
  const symbol = textField(path, value, 'symbol');
  const timeframe = textField(path, value, 'timeframe');
  const description = textField(path, value, 'description');
  const tickSize = decimalField(path, value, 'tick_size');
  const lotSize = decimalField(path, value, 'lot_size');
  const minNotional = decimalField(path, value, 'min_notional');
  return {
    ...(symbol === undefined ? {} : { symbol }),
    ...(timeframe === undefined ? {} : { timeframe }),
    ...(description === undefined ? {} : { description }),
    synthetic,
    filters: {
      ...(tickSize === undefined ? {} : { tickSize }),
      ...(lotSize === undefined ? {} : { lotSize }),
      ...(minNotional === undefined ? {} : { minNotional }),
    },
  };
}

function textField(
  path: string,
  value: Readonly<Record<string, unknown>>,
  key: string,
): string | undefined {
  const field = value[key];
  if (field === undefined) return undefined;
  if (typeof field === 'string' && field !== '') return field;
  throw sidecarError(path, `"${key}" is not a text`);
}

function decimalField(
  path: string,
  value: Readonly<Record<string, unknown>>,
  key: string,
): string | undefined {
  const text = textField(path, value, key);
  if (text === undefined) return undefined;
  const decimal = plainDecimal(text);
  if (decimal === undefined || decimal.startsWith('-')) {
    throw sidecarError(path, `"${key}" is not a decimal as text, such as "0.1"`);
  }
  return decimal;
}

function sidecarError(path: string, message: string, cause?: unknown): Error {
  return dataError(path, {
    code: 'DATA_MALFORMED',
    message,
    why: 'The file describes the data file beside it',
    next: 'correct it, or move it away',
    context: { cause: cause instanceof Error ? cause.message : undefined },
  });
}
