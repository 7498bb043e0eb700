// THE composition root: the only place that knows which objects a mode is made of, and the only
// import of the container. Everything else gets its ports through its constructor.
import 'reflect-metadata';
import { type DependencyContainer, container, instanceCachingFactory } from 'tsyringe';
import type { Clock } from '@strategy-runner/core';
import type { Logger } from 'pino';
import { SystemClock } from '../clock/system-clock.js';
import { LogOutput } from '../log/log-output.js';
import { type LogContext, type LogLevel, createLog } from '../log/log.js';

export type Mode = 'backtest' | 'paper' | 'live';

export const TOKENS = {
  clock: Symbol('clock'),
  log: Symbol('log'),
  logOutput: Symbol('logOutput'),
} as const;

export interface Composition {
  readonly logLevel: LogLevel | undefined;
  readonly context: LogContext;
}

/** What differs between the modes; everything else is the same code. */
const MODES: Readonly<
  Record<Mode, { readonly logLevel: LogLevel; readonly sendsOrders: boolean }>
> = {
  backtest: { logLevel: 'warn', sendsOrders: false },
  paper: { logLevel: 'info', sendsOrders: false },
  live: { logLevel: 'info', sendsOrders: true },
};

/** Whether it is one, in a file that nobody has checked. */
export function isMode(word: unknown): word is Mode {
  return typeof word === 'string' && Object.hasOwn(MODES, word);
}

/** Whether orders of the mode leave the process: then gates, lock and keys are asked for. */
export function sendsOrders(mode: Mode): boolean {
  return MODES[mode].sendsOrders;
}

/** A container of one run's objects, disposed with it. */
export function compose(mode: Mode, { logLevel, context }: Composition): DependencyContainer {
  const choice = MODES[mode];
  const run = container.createChildContainer();
  run.register(TOKENS.clock, {
    useFactory: instanceCachingFactory((): Clock => new SystemClock()),
  });
  run.register(TOKENS.logOutput, {
    useFactory: instanceCachingFactory((): LogOutput => new LogOutput()),
  });
  run.register(TOKENS.log, {
    useFactory: instanceCachingFactory((scope): Logger =>
      createLog(logLevel ?? choice.logLevel, context, scope.resolve(TOKENS.logOutput)),
    ),
  });
  return run;
}
