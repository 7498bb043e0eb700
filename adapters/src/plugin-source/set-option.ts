// `--set fast=5 --set levels.0.qty=1`: the keys are dotted paths, the values stay text until the
// config schema says whether "5" is a number or a string.
import { EXIT, RunnerError } from '../errors.js';
import { isRecord } from './record.js';
import type { JsonRecord } from './record.js';

/** Dotted path → text as typed, or a value that a caller in code has given. */
export type SetConfig = Readonly<Record<string, unknown>>;

export function parseSetOptions(options: readonly string[]): SetConfig {
  return Object.fromEntries(
    options.map((option) => {
      const equals = option.indexOf('=');
      if (equals <= 0) {
        throw setError(`--set ${option}`, 'is not key=value', 'write --set key=value');
      }
      const key = option.slice(0, equals);
      pathOf(key);
      return [key, option.slice(equals + 1)] as const;
    }),
  );
}

/** The JSON pointer of a dotted path: a.0.b → /a/0/b. */
export function pointerOf(key: string): string {
  return pathOf(key)
    .map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** A copy of the config with the values put in; text in `raw` (pointers) stays text. */
export function applySet(
  config: JsonRecord,
  set: SetConfig,
  raw: ReadonlySet<string>,
): Record<string, unknown> {
  const result = structuredClone(config) as Record<string, unknown>;
  for (const [key, value] of Object.entries(set)) {
    const isLiteral = typeof value === 'string' && !raw.has(pointerOf(key));
    put(result, key, isLiteral ? readLiteral(value) : structuredClone(value));
  }
  return result;
}

/** true, false, null, numbers, and JSON that starts with [ { or "; everything else is text. */
export function readLiteral(text: string): unknown {
  if (text === 'true' || text === 'false' || text === 'null') return JSON.parse(text);
  if (/^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return Number(text);
  if (!/^[[{"]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function put(config: Record<string, unknown>, key: string, value: unknown): void {
  const path = pathOf(key);
  const last = path.pop()!;
  let holder: unknown = config;
  for (const segment of path) {
    if (isRecord(holder) && !Object.hasOwn(holder, segment)) write(holder, segment, {});
    holder = step(holder, segment);
  }
  const isPlace = Array.isArray(holder)
    ? /^\d+$/.test(last) && Number(last) <= holder.length
    : isRecord(holder);
  if (!isPlace) {
    throw setError(
      `--set ${key}`,
      `finds no place for "${last}"`,
      'give the whole value as JSON, or a path that exists',
    );
  }
  write(holder, last, value);
}

function step(holder: unknown, segment: string): unknown {
  if (Array.isArray(holder)) return /^\d+$/.test(segment) ? holder[Number(segment)] : undefined;
  return isRecord(holder) ? holder[segment] : undefined;
}

function write(holder: unknown, segment: string, value: unknown): void {
  (holder as Record<string, unknown>)[segment] = value;
}

function pathOf(key: string): string[] {
  const path = key.split('.');
  if (path.some((segment) => segment === '' || /\s/.test(segment))) {
    throw setError(`--set ${key}`, 'is not a field', 'write --set name=value or a.b=value');
  }
  // Assigning these would reach the prototype of every object instead of the config.
  if (path.some((segment) => ['__proto__', 'constructor', 'prototype'].includes(segment))) {
    throw setError(`--set ${key}`, 'is no name for a field', 'write --set name=value');
  }
  return path;
}

function setError(what: string, problem: string, next: string): RunnerError {
  return new RunnerError({
    code: 'USAGE',
    message: `${what} ${problem}`,
    next,
    exitCode: EXIT.usage,
  });
}
