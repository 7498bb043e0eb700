// What a command that cannot go on must look like from outside: one line that says what, one that
// says what to do next, an exit status, and nothing else.
import { expect } from 'vitest';
import type { Ended } from './run-runner.js';

export interface Refusal {
  readonly status: number;
  readonly code: string;
  /** Words that the line must hold: the culprit, the place, or the suggestion. */
  readonly says?: string;
}

/** One line with code, one with the next step, no stack trace, nothing on stdout. */
export function expectRefused(ended: Ended, { status, code, says = '' }: Refusal): void {
  const { stderr } = ended;
  expect(stderr).toContain(`error ${code}: `);
  expect(stderr).toContain(says);
  expect(stderr).not.toContain('    at ');
  expect(stderr.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^error [A-Z_]+: \S.*[.!?"]$/),
    expect.stringMatching(/^ {2}next: \S/),
  ]);
  expect({ status: ended.status, stdout: ended.stdout }).toEqual({ status, stdout: '' });
}

export const usage = (says: string): Refusal => ({ status: 64, code: 'USAGE', says });
