// Reads --from and --to: a date or a time in UTC, never local time.
import { EXIT, RunnerError } from '../errors.js';

/** Epoch ms, or undefined when not given. Errors: USAGE. */
export function parseInstant(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(text);
  const ms = Date.parse(isDate || hasZone ? text : `${text.replace(' ', 'T')}Z`);
  if (Number.isFinite(ms)) return ms;
  throw new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: `${flag} ${text} is not a date or time`,
    next: `write it as ${flag} 2022-01-15 or ${flag} 2022-01-15T08:00:00Z`,
  });
}
