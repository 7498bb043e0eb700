// Log lines: one JSON object each on stderr, written at once so that a crash loses none. Every line
// carries who it speaks of; stdout stays free for results.
import { pino, type Logger } from 'pino';
import type { PluginLog } from '../plugin-runtime/inline.js';
import { LogOutput } from './log-output.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** What every line of a run carries (L23). */
export interface LogContext {
  readonly session?: string;
  readonly symbol?: string;
  readonly strategy?: string;
  readonly exchange?: string;
  readonly frame?: string;
}

export function createLog(
  level: LogLevel,
  context: LogContext = {},
  output = new LogOutput(),
): Logger {
  const secrets = ['*.apiKey', '*.secret', '*.password', 'apiKey', 'secret', 'password'];
  return pino(
    { level, base: context, redact: secrets, timestamp: pino.stdTimeFunctions.isoTime },
    output,
  );
}

export function pluginLog(log: Logger): PluginLog {
  return (instance, message, fields) => log.info({ event: 'plugin', instance, ...fields }, message);
}
