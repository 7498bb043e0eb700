// A test's strategy: a script of answers per bar, a function, or hooks. It also remembers what the
// host told it, so that a test can ask what a plugin heard.
import type {
  Bar,
  FillEvent,
  HookAnswer,
  IntentEvent,
  StrategyContext,
  StrategyDefinition,
  StrategyInstance,
  TimerEvent,
} from '@strategy-runner/contracts';

/** Answers by the number of the bar, from 0. What an answer holds is not checked here. */
export type Script = Readonly<Record<number, unknown>>;

export type OnBar = (bar: Bar, ctx: StrategyContext, index: number) => unknown;

export interface Hooks {
  readonly onBar?: OnBar;
  readonly onFill?: (fill: FillEvent, ctx: StrategyContext) => unknown;
  readonly onIntentEvent?: (event: IntentEvent, ctx: StrategyContext) => unknown;
  readonly onTimer?: (timer: TimerEvent, ctx: StrategyContext) => unknown;
}

export type WorldStrategy = Script | OnBar | Hooks;

export interface Heard {
  readonly bars: Bar[];
  readonly fills: FillEvent[];
  readonly intents: IntentEvent[];
  readonly timers: TimerEvent[];
  context: StrategyContext | undefined;
}

export function nothingHeard(): Heard {
  return { bars: [], fills: [], intents: [], timers: [], context: undefined };
}

export function definitionOf(strategy: WorldStrategy, heard: Heard): StrategyDefinition {
  const hooks = hooksOf(strategy);
  return { create: (ctx) => listening(hooks, heard, ctx) };
}

function hooksOf(strategy: WorldStrategy): Hooks {
  if (typeof strategy === 'function') return { onBar: strategy };
  const isHooks = Object.keys(strategy).some((key) => key.startsWith('on'));
  if (isHooks) return strategy as Hooks;
  return { onBar: (_bar, _ctx, index) => (strategy as Script)[index] };
}

function listening(hooks: Hooks, heard: Heard, ctx: StrategyContext): StrategyInstance {
  heard.context = ctx;
  return {
    onBar(bar) {
      heard.bars.push(bar);
      return hooks.onBar?.(bar, ctx, heard.bars.length - 1) as HookAnswer;
    },
    onFill(fill) {
      heard.fills.push(fill);
      return hooks.onFill?.(fill, ctx) as HookAnswer;
    },
    onIntentEvent(event) {
      heard.intents.push(event);
      return hooks.onIntentEvent?.(event, ctx) as HookAnswer;
    },
    onTimer(timer) {
      heard.timers.push(timer);
      return hooks.onTimer?.(timer, ctx) as HookAnswer;
    },
  };
}
