// What a store says when it cannot do its work: SQLite's and the file system's words are kept as
// the reason and the cause, and the code says which of few things a person can do about it.
import { EXIT, REPORT_IT, RunnerError } from '../errors.js';
import { codeOf } from '../private-files/error-code.js';

const DAMAGE = ['SQLITE_CORRUPT', 'SQLITE_NOTADB'];
const CONTENTION = ['SQLITE_BUSY', 'SQLITE_LOCKED'];

/**
 * A write that the disk, the file or another process prevented. Nothing of it is stored; `safeSeq`
 * is the last row of the journal that is.
 */
export function writeFailed(path: string, cause: unknown, safeSeq?: number): RunnerError {
  if (cause instanceof RunnerError) return cause;
  if (DAMAGE.includes(codeOf(cause))) return damaged(path, reasonOf(cause), cause);
  if (CONTENTION.includes(codeOf(cause))) {
    return new RunnerError({
      code: 'SESSION_BUSY',
      message: `${path} is being written by another process`,
      why: reasonOf(cause),
      next: 'runner status, then stop the other runner',
      exitCode: EXIT.busy,
      cause,
      context: { path },
    });
  }
  const safe = safeSeq === undefined ? '' : `. ${safeRows(safeSeq)}`;
  const again = safeSeq === undefined ? '' : ': the same runner live command resumes there';
  return new RunnerError({
    code: 'STORE_WRITE_FAILED',
    message: `${path} could not be written`,
    why: `${reasonOf(cause)}${safe}`,
    next: `check free space and permissions of ${path}, then start again${again}`,
    exitCode: EXIT.unexpected,
    cause,
    context: { path },
  });
}

function safeRows(seq: number): string {
  return seq === 0 ? 'No row is stored yet' : `Rows 1 to ${seq} are stored, none after them`;
}

/** A write that the store refuses by its own rules. */
export function writeRefused(path: string, why: string): RunnerError {
  return new RunnerError({
    code: 'STORE_WRITE_FAILED',
    message: `${path} did not take the write`,
    why,
    next: 'start again; the session resumes from its last stored row',
    exitCode: EXIT.unexpected,
    context: { path },
  });
}

/** Content that cannot be what the runner wrote. */
export function damaged(path: string, why: string, cause?: unknown): RunnerError {
  return new RunnerError({
    code: 'STORE_DAMAGED',
    message: `${path} cannot be read as part of a session`,
    why,
    next: 'restore it from a copy, or begin another session with --start cold',
    exitCode: EXIT.badData,
    cause,
    context: { path },
  });
}

/** A read that gave less than everything. */
export function readFailed(path: string, cause: unknown): RunnerError {
  if (cause instanceof RunnerError) return cause;
  return CONTENTION.includes(codeOf(cause))
    ? writeFailed(path, cause)
    : damaged(path, reasonOf(cause), cause);
}

/** A mistake of whoever holds the store. */
export function storeClosed(path: string): RunnerError {
  return new RunnerError({
    code: 'INTERNAL',
    message: `${path} was used after it had been closed`,
    next: REPORT_IT,
    exitCode: EXIT.unexpected,
    context: { path },
  });
}

export function sessionNotFound(path: string, why: string): RunnerError {
  return new RunnerError({
    code: 'SESSION_NOT_FOUND',
    message: `there is no session at ${path}`,
    why,
    next: 'runner sessions',
    exitCode: EXIT.missingInput,
    context: { path },
  });
}

export function sessionsUnwritable(path: string, cause: unknown): RunnerError {
  return new RunnerError({
    code: 'SESSIONS_UNWRITABLE',
    message: `the sessions folder ${path} cannot be written`,
    why: reasonOf(cause),
    next: 'name a folder of yours with --sessions <folder> or RUNNER_SESSIONS',
    exitCode: EXIT.refused,
    cause,
    context: { path },
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
