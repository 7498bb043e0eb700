// How a fault in a data file is told: file and line first, the values that contradict each other,
// and what to do. Text from the file is quoted, escaped and cut, so that it cannot garble a
// terminal.
import { EXIT, RunnerError } from '../errors.js';
import type { ErrorContext } from '../errors.js';

export interface DataFault {
  readonly code: string;
  readonly message: string;
  readonly why?: string;
  readonly next: string;
  readonly context?: ErrorContext;
}

export function dataError(path: string, fault: DataFault): RunnerError {
  return new RunnerError({
    ...fault,
    message: `${path}: ${fault.message}`,
    exitCode: EXIT.badData,
    context: { path, ...fault.context },
  });
}

export function lineError(path: string, line: number, fault: DataFault): RunnerError {
  return new RunnerError({
    ...fault,
    message: `${path} line ${line}: ${fault.message}`,
    exitCode: EXIT.badData,
    context: { path, line, ...fault.context },
  });
}

/** Foreign text for a message: quoted, control characters escaped, at most `max` characters. */
export function quoted(text: string, max = 40): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** An instant for a message: ISO-8601 in UTC, without milliseconds that are zero. */
export function isoTime(timeMs: number): string {
  if (!(Math.abs(timeMs) <= 8.64e15)) return String(timeMs);
  return new Date(timeMs).toISOString().replace('.000Z', 'Z');
}
