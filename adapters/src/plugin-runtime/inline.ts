// Runs plugins in this very thread: the fastest runtime, for backtests and for one's own code. It
// catches what they throw and copies what they return, but a hook that never returns holds
// everything up.
import type {
  Bar,
  FillEvent,
  IntentEvent,
  StrategyDefinition,
  StrategyInstance,
  TimerEvent,
} from '@strategy-runner/contracts';
import {
  type AnswerEvent,
  type BarSeries,
  type Ask,
  type EngineView,
  LiveContext,
  type PluginFault,
  type StrategyRuntime,
  capture,
} from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';

export interface InlinePlugin {
  readonly instance: string;
  readonly definition: StrategyDefinition;
  readonly config: unknown;
}

export type PluginLog = (
  instance: string,
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

interface Running {
  readonly instance: string;
  readonly context: LiveContext;
  readonly hooks: StrategyInstance;
  readonly series: BarSeries;
  readonly timeframeMs: number;
}

interface Mutable<Event> {
  event: Event;
}

export class InlineRuntime implements StrategyRuntime {
  readonly #view: EngineView;
  readonly #running = new Map<string, Running>();
  #last: Running | undefined;
  // Most bars are answered with nothing; that answer is one object for all of them.
  readonly #nothing: Mutable<{ -readonly [Key in keyof AnswerEvent]: AnswerEvent[Key] }> = {
    event: { kind: 'answer', ts: 0, askId: 0, bodies: [], timers: [], fault: null },
  };

  /** Throws what a plugin's `create` throws: a plugin that cannot start fails the session. */
  constructor(view: EngineView, plugins: readonly InlinePlugin[], log: PluginLog) {
    this.#view = view;
    for (const plugin of plugins) this.#running.set(plugin.instance, this.#start(plugin, log));
  }

  #start({ instance: id, definition, config }: InlinePlugin, log: PluginLog): Running {
    const instance = this.#view.config.instances.find((one) => one.id === id);
    if (instance === undefined) throw new RangeError(`no instance ${id}`);
    const view = this.#view;
    const context = new LiveContext({
      view,
      instance,
      config,
      log: (message, fields) => log(id, message, fields),
    });
    const { symbol, timeframe, timeframeMs } = instance;
    const series = view.series.get(`${symbol}|${timeframe}`)!;
    return { instance: id, context, hooks: definition.create(context), series, timeframeMs };
  }

  ask(ask: Ask, ts: number): AnswerEvent {
    const running = this.#runningOf(ask.instance);
    running.context.begin(ask);
    // Even looking at what came back can run the plugin's code: a proxy's traps, a getter.
    try {
      return this.#answer(ask, ts, this.#call(running, ask), running.context);
    } catch (error) {
      running.context.takeTimers();
      return faulted(ask.id, ts, { code: 'PLUGIN_THREW', message: messageOf(ask, error) });
    }
  }

  // Mostly there is one instance, and no need to look it up at each bar.
  #runningOf(instance: string): Running {
    if (this.#last?.instance !== instance) this.#last = this.#running.get(instance)!;
    return this.#last;
  }

  #answer(ask: Ask, ts: number, returned: unknown, context: LiveContext): AnswerEvent {
    const isNothing = returned === undefined || returned === null || isEmptyList(returned);
    if (!isNothing && isThenable(returned)) {
      context.takeTimers();
      // Nobody waits for it; if it is rejected later, that must not end the process.
      if (returned instanceof Promise) returned.catch(() => undefined);
      const message = `[${ask.instance}] ${ask.hook}: returned a promise; hooks are synchronous`;
      return faulted(ask.id, ts, { code: 'PLUGIN_RETURNED_PROMISE', message });
    }
    const bodies = isNothing ? NOTHING : bodiesOf(returned);
    const timers = context.takeTimers();
    if (!isNothing || timers.length > 0) return answered(ask.id, ts, bodies, timers);
    const { event } = this.#nothing;
    event.ts = ts;
    event.askId = ask.id;
    return event;
  }

  #call({ hooks, series, timeframeMs }: Running, ask: Ask): unknown {
    switch (ask.hook) {
      case 'onBar':
        return hooks.onBar(lastBar(series, timeframeMs));
      case 'onFill':
        return hooks.onFill?.(ask.argument as FillEvent);
      case 'onIntentEvent':
        return hooks.onIntentEvent?.(ask.argument as IntentEvent);
      case 'onTimer':
        return hooks.onTimer?.(ask.argument as TimerEvent);
    }
  }

  snapshot(instance: string): unknown {
    const { hooks } = this.#running.get(instance)!;
    try {
      return hooks.snapshot === undefined ? undefined : capture(hooks.snapshot());
    } catch {
      // A state that cannot be had is one that is rebuilt from the recorded questions.
      return undefined;
    }
  }

  /** Errors: PLUGIN_INVALID, where the plugin cannot take back what it gave. */
  restore(instance: string, state: unknown): void {
    try {
      this.#running.get(instance)!.hooks.restore?.(state);
    } catch (error) {
      throw new RunnerError({
        code: 'PLUGIN_INVALID',
        exitCode: EXIT.configuration,
        message: `[${instance}] restore: ${textOf(error)}`,
        next: 'correct the plugin, or begin a new session with --start cold',
        cause: error,
      });
    }
  }
}

// A fresh object each time, the one allocation of a quiet bar: authors keep bars in lists, and a
// reused one would silently turn such a list into the same bar many times.
function lastBar(series: BarSeries, timeframeMs: number): Bar {
  const open_ms = series.openMs(0);
  return {
    symbol: series.symbol,
    timeframe: series.timeframe,
    open_ms,
    close_ms: open_ms + timeframeMs,
    open: series.open(0),
    high: series.high(0),
    low: series.low(0),
    close: series.close(0),
    volume: series.volume(0),
  };
}

// A flood is counted, not copied: the engine denies it by its length.
function bodiesOf(returned: unknown): readonly unknown[] {
  if (!Array.isArray(returned)) return [capture(returned)];
  if (returned.length <= MAX_CAPTURED) return returned.map((body) => capture(body));
  return Array.from({ length: Math.min(returned.length, MAX_COUNTED) }, () => null);
}

const MAX_CAPTURED = 1000;
const MAX_COUNTED = 100_000;
const NOTHING: readonly unknown[] = [];

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value;
}

function answered(
  askId: number,
  ts: number,
  bodies: readonly unknown[],
  timers: AnswerEvent['timers'],
): AnswerEvent {
  return { kind: 'answer', ts, askId, bodies, timers, fault: null };
}

function faulted(askId: number, ts: number, fault: PluginFault): AnswerEvent {
  return { kind: 'answer', ts, askId, bodies: [], timers: [], fault };
}

function messageOf(ask: Ask, error: unknown): string {
  return `[${ask.instance}] ${ask.hook}: ${textOf(error)}`.slice(0, 500);
}

// A thrown value may refuse to be printed.
function textOf(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return 'something that cannot be printed';
  }
}
