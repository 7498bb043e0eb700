// The three ways a plugin cannot be used: it is not there, it is broken, or it and this host do not
// fit. Each names the plugin; none carries a stack.
import { EXIT, RunnerError } from '../errors.js';
import type { ErrorContext } from '../errors.js';

export interface PluginFault {
  /** What happened, without a full stop. */
  readonly message: string;
  readonly why?: string;
  readonly next: string;
  readonly cause?: unknown;
  readonly context?: ErrorContext;
}

export function pluginNotFound(fault: PluginFault): RunnerError {
  return new RunnerError({ ...fault, code: 'PLUGIN_NOT_FOUND', exitCode: EXIT.missingInput });
}

export function pluginInvalid(fault: PluginFault): RunnerError {
  return new RunnerError({ ...fault, code: 'PLUGIN_INVALID', exitCode: EXIT.badData });
}

export function pluginIncompatible(fault: PluginFault): RunnerError {
  return new RunnerError({ ...fault, code: 'PLUGIN_INCOMPATIBLE', exitCode: EXIT.configuration });
}

/** What was thrown, on one line of at most 300 characters. */
export function thrownText(thrown: unknown): string {
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  const [line = ''] = text.split('\n', 1);
  return line.slice(0, 300);
}
