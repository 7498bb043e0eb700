// What a person reads when a command ends with an error.
import { describe, expect, test } from 'vitest';
import { EXIT, exitCodeOf, formatError, RunnerError } from '../../../adapters/src/errors.js';

const REPORT_IT = 'run it again with --log-level debug and report what it says';

describe('formatError', () => {
  test('prints code, what happened, why and the next command', () => {
    const error = new RunnerError({
      code: 'DATA_EMPTY',
      message: 'bars.csv: the file is empty',
      why: 'The download was cut off',
      next: 'fetch it again',
      exitCode: EXIT.badData,
    });
    expect(formatError(error)).toBe(
      'error DATA_EMPTY: bars.csv: the file is empty. The download was cut off.' +
        '\n  next: fetch it again',
    );
  });

  test('leaves out the reason where there is none', () => {
    const error = new RunnerError({
      code: 'USAGE',
      message: 'no strategy given',
      next: 'runner --help',
      exitCode: EXIT.usage,
    });
    expect(formatError(error)).toBe('error USAGE: no strategy given.\n  next: runner --help');
  });

  test('prints one line and no stack for an error nobody expected', () => {
    const error = new TypeError('x is not a function\n    at secret.js:1');
    expect(formatError(error)).toBe(`error INTERNAL: x is not a function.\n  next: ${REPORT_IT}`);
    expect(formatError('gone')).toBe(`error INTERNAL: gone.\n  next: ${REPORT_IT}`);
  });
});

test('an error keeps its cause, context and exit status', () => {
  const cause = new Error('EACCES');
  const error = new RunnerError({
    code: 'FILE_NOT_FOUND',
    message: 'no file',
    next: 'check the path',
    exitCode: EXIT.missingInput,
    cause,
    context: { path: 'a.csv' },
  });
  expect(error.cause).toBe(cause);
  expect(error.context).toEqual({ path: 'a.csv' });
  expect(exitCodeOf(error)).toBe(66);
  expect(exitCodeOf(new Error('other'))).toBe(1);
});
