// THE composition root: the only place that knows which objects a mode is made of, and the only
// import of the container. Everything else gets its ports through its constructor.
import 'reflect-metadata';
import { type DependencyContainer, container, instanceCachingFactory } from 'tsyringe';
import type { Clock } from '@strategy-runner/core';
import type { Logger } from 'pino';
import { SystemClock } from '../clock/system-clock.js';
import { EXIT, RunnerError } from '../errors.js';
import { type LogContext, type LogLevel, createLog } from '../log/log.js';

export type Mode = 'backtest' | 'paper' | 'live';

export const TOKENS = {
  clock: Symbol('clock'),
  log: Symbol('log'),
} as const;

export interface Composition {
  readonly logLevel: LogLevel | undefined;
  readonly context: LogContext;
}

/** What differs between the modes; everything else is the same code. */
const MODES: Readonly<Record<Mode, { readonly logLevel: LogLevel; readonly isOffered: boolean }>> =
  {
    backtest: { logLevel: 'warn', isOffered: true },
    paper: { logLevel: 'info', isOffered: true },
    live: { logLevel: 'info', isOffered: false },
  };

/** A container of one run's objects, disposed with it. Errors: LIVE_NOT_OFFERED (77). */
export function compose(mode: Mode, { logLevel, context }: Composition): DependencyContainer {
  const choice = MODES[mode];
  if (!choice.isOffered) throw notOffered();
  const run = container.createChildContainer();
  run.register(TOKENS.clock, {
    useFactory: instanceCachingFactory((): Clock => new SystemClock()),
  });
  run.register(TOKENS.log, {
    useFactory: instanceCachingFactory((): Logger =>
      createLog(logLevel ?? choice.logLevel, context),
    ),
  });
  return run;
}

function notOffered(): RunnerError {
  return new RunnerError({
    code: 'LIVE_NOT_OFFERED',
    exitCode: EXIT.refused,
    message: 'this version sends no real orders',
    why: 'The safety gates, the account lock and the exchange client are not part of it yet',
    next: 'leave --mode out, or say --mode paper',
  });
}
