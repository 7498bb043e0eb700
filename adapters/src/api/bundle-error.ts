// What is said of a bundle that cannot be read, and of one that is not made.
import { EXIT, RunnerError } from '../errors.js';

export function bundleDamaged(path: string, why: string, cause?: unknown): RunnerError {
  return new RunnerError({
    code: 'BUNDLE_DAMAGED',
    exitCode: EXIT.badData,
    message: `${path} cannot be read as a bundle`,
    why,
    next: 'ask for it again, or make it anew with runner bundle <session>',
    cause,
    context: { path },
  });
}

export function bundleRefused(file: string, what: string, next: string): RunnerError {
  return new RunnerError({
    code: 'BUNDLE_REFUSED',
    exitCode: EXIT.refused,
    message: `${file} would hold ${what}`,
    why: 'A bundle is made for somebody else; nothing was written',
    next,
    context: { file },
  });
}

export function bundleWithoutRoom(path: string, neededBytes: number, free: number): RunnerError {
  const needed = inMegabytes(neededBytes);
  return new RunnerError({
    code: 'BUNDLE_REFUSED',
    exitCode: EXIT.refused,
    message: `there is no room for a bundle beside ${path}`,
    why: `With a running journal's growth it takes ${needed}, and ${inMegabytes(free)} are free`,
    next: 'free space, or give --out and TMPDIR on another disk',
    context: { path },
  });
}

function inMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000)} MB`;
}
