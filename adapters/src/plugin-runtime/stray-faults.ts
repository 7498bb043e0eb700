// What a plugin leaves behind it - a promise that is rejected later, a timer that throws - reaches
// no hook's caller. Once a run is watched it is booked as the plugin's fault; what is the host's
// own still ends the process.
import { writeSync } from 'node:fs';
import { EXIT, RunnerError, formatError } from '../errors.js';

export interface StrayFault {
  readonly code: 'PLUGIN_THREW';
  readonly message: string;
}

type Listener = (fault: StrayFault) => void;

let listener: Listener | undefined;

/**
 * Sends stray faults to `onFault`, until another listener takes over: a timer may throw after its
 * run. From now to the call of the returned function the process may not be ended.
 */
export function watchStrayFaults(onFault: Listener): () => void {
  listener = onFault;
  process.on('exit', endedByPlugin);
  return () => {
    process.removeListener('exit', endedByPlugin);
  };
}

/** Whether the error was a plugin's and a run has taken note of it. */
export function bookStrayFault(error: unknown): boolean {
  if (listener === undefined || !isPlugins(error)) return false;
  listener({ code: 'PLUGIN_THREW', message: `outside of its hooks: ${textOf(error)}` });
  return true;
}

// A watched run ends by being unwatched; a process that ends before that was ended in the midst of
// it, and must not look as if all were well.
function endedByPlugin(): void {
  if (process.exitCode !== undefined && process.exitCode !== EXIT.ok) return;
  const error = new RunnerError({
    code: 'PLUGIN_FAULT',
    exitCode: EXIT.unexpected,
    message: 'the process was ended in the midst of the run',
    why: 'A plugin that finds its way to process.exit ends the host with it',
    next: 'correct the plugin; a session resumes from its last stored row',
  });
  writeSync(2, `${formatError(error)}\n`);
  process.exitCode = EXIT.unexpected;
}

// A bundle names itself in its stack traces. The host rejects and throws errors only, so that
// anything else, which Node wraps, is a plugin's.
function isPlugins(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  if ('code' in error && error.code === 'ERR_UNHANDLED_REJECTION') return true;
  try {
    return /\bplugin:/.test(String(error.stack));
  } catch {
    return true;
  }
}

// A thrown value may refuse to be printed.
function textOf(error: unknown): string {
  try {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return text.replaceAll(/\s+/g, ' ').slice(0, 300);
  } catch {
    return 'something that cannot be printed';
  }
}
