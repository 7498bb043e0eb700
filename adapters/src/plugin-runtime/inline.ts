// Runs plugins in this very thread: the fastest runtime, for backtests and for one's own code. It catches
// what they throw and copies what they return, but a hook that never returns holds everything up.
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
    return { context, hooks: definition.create(context), series, timeframeMs };
  }

  ask(ask: Ask, ts: number): AnswerEvent {
    const running = this.#running.get(ask.instance)!;
    running.context.begin(ask);
    let returned: unknown;
    try {
      returned = this.#call(running, ask);
    } catch (error) {
      running.context.takeTimers();
      return faulted(ask.id, ts, { code: 'PLUGIN_THREW', message: messageOf(ask, error) });
    }
    const timers = running.context.takeTimers();
    if (returned === undefined || returned === null || isEmptyList(returned)) {
      if (timers.length > 0) return answered(ask.id, ts, [], timers);
      const { event } = this.#nothing;
      event.ts = ts;
      event.askId = ask.id;
      return event;
    }
    if (isThenable(returned)) {
      const message = `[${ask.instance}] ${ask.hook}: returned a promise; hooks are synchronous`;
      return faulted(ask.id, ts, { code: 'PLUGIN_RETURNED_PROMISE', message });
    }
    return answered(ask.id, ts, bodiesOf(returned), timers);
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
    return hooks.snapshot === undefined ? undefined : capture(hooks.snapshot());
  }

  restore(instance: string, state: unknown): void {
    this.#running.get(instance)!.hooks.restore?.(state);
  }
}

// A fresh object each time, the one allocation of a quiet bar: authors keep bars in lists, and a reused
// one would silently turn such a list into the same bar many times.
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

function bodiesOf(returned: unknown): readonly unknown[] {
  if (!Array.isArray(returned)) return [capture(returned)];
  // A flood is counted, not copied: the engine denies it by its length.
  if (returned.length > MAX_CAPTURED) return new Array<unknown>(returned.length).fill(null);
  return returned.map((body) => capture(body));
}

const MAX_CAPTURED = 1000;

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
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `[${ask.instance}] ${ask.hook}: ${text}`.slice(0, 500);
}
