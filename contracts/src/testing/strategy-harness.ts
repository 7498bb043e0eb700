// Runs one strategy in a test: feed bars and events, read the intents. Nothing fills by itself and
// no clock runs; time is the event being fed, so the same calls always give the same intents.
import { validateIntentBody } from '@strategy-runner/contracts/validators';
import type { Code } from '../codes.js';
import type { IntentBody } from '../generated/intent-body.js';
import type { IntentEvent } from '../intent-events.js';
import type {
  AccountView,
  Bar,
  FillEvent,
  HookAnswer,
  OpenIntentView,
  PositionView,
  StrategyDefinition,
  StrategyInstance,
} from '../strategy.js';
import type { BarSeries } from './bar-series.js';
import { isRecord } from './default-config.js';
import type { BarInput, HarnessOptions } from './harness-options.js';
import { frozenList, HarnessState, type HarnessLog } from './harness-state.js';
import { createContext } from './strategy-context.js';
import { millisecondsOf } from './timeframe.js';

/** A timer that sets itself again for the same moment would never end. */
const timersPerBarMax = 10_000;

export interface StrategyHarness {
  /** Feeds base bars in order (a number is a close); answers the intents of the last one. */
  feed(...bars: readonly (BarInput | number)[]): readonly IntentBody[];
  /** Appends bars of another timeframe of the manifest; no hook is called. */
  feedSeries(timeframe: string, ...bars: readonly (BarInput | number)[]): void;
  feedFill(fill: FillEvent): readonly IntentBody[];
  feedEvent(event: IntentEvent): readonly IntentBody[];
  setPositions(...positions: readonly PositionView[]): void;
  setOpenIntents(...intents: readonly OpenIntentView[]): void;
  setAccount(account: Partial<AccountView>): void;
  /** The strategy's own snapshot, as it would come back from a file. */
  snapshot(): unknown;
  /** Every intent so far, in order. */
  readonly intents: readonly IntentBody[];
  /** Number of intents returned during warm-up, which the host drops. */
  readonly droppedInWarmup: number;
  readonly logs: readonly HarnessLog[];
}

/** The strategy did what the host would not accept. `code` is what the host would answer. */
export class StrategyHarnessError extends Error {
  readonly code: Code;

  constructor(hook: string, code: Code, detail: string) {
    super(`${hook}: ${code}: ${detail}`);
    this.name = 'StrategyHarnessError';
    this.code = code;
  }
}

/**
 * Creates the strategy and answers the harness around it.
 *
 * @example
 * const harness = createStrategyHarness(strategy, { config: { fast: 2, slow: 3 } });
 * harness.feed(10, 10, 10);
 * expect(harness.feed(12)).toMatchObject([{ kind: 'open', side: 'long' }]);
 */
export function createStrategyHarness<Config, State>(
  definition: StrategyDefinition<Config, State>,
  options: HarnessOptions = {},
): StrategyHarness {
  const state = new HarnessState(definition, options);
  const instance = definition.create(createContext<Config>(state));
  if (options.snapshot !== undefined) instance.restore?.(options.snapshot as State);
  return new RunningHarness(state, instance);
}

class RunningHarness<State> implements StrategyHarness {
  readonly intents: IntentBody[] = [];
  droppedInWarmup = 0;
  readonly #state: HarnessState;
  readonly #instance: StrategyInstance<State>;

  constructor(state: HarnessState, instance: StrategyInstance<State>) {
    this.#state = state;
    this.#instance = instance;
  }

  get logs(): readonly HarnessLog[] {
    return this.#state.logs;
  }

  feed(...bars: readonly (BarInput | number)[]): readonly IntentBody[] {
    let answered: readonly IntentBody[] = [];
    for (const input of bars) answered = this.#feedOne(input);
    return answered;
  }

  feedSeries(timeframe: string, ...bars: readonly (BarInput | number)[]): void {
    const series = this.#state.seriesOf(timeframe);
    if (series === this.#state.bars) throw new RangeError(`${timeframe} is the base: use feed`);
    for (const input of bars) series.append(barFrom(input, series, this.#state.startMs));
  }

  feedFill(fill: FillEvent): readonly IntentBody[] {
    this.#state.advanceTo(fill.time_ms);
    return this.#accept('onFill', this.#instance.onFill?.(fill));
  }

  feedEvent(event: IntentEvent): readonly IntentBody[] {
    this.#state.advanceTo(event.time_ms);
    return this.#accept('onIntentEvent', this.#instance.onIntentEvent?.(event));
  }

  setPositions(...positions: readonly PositionView[]): void {
    this.#state.positions = frozenList(positions);
  }

  setOpenIntents(...intents: readonly OpenIntentView[]): void {
    this.#state.openIntents = frozenList(intents);
  }

  setAccount(account: Partial<AccountView>): void {
    this.#state.account = Object.freeze({ ...this.#state.account, ...account });
  }

  snapshot(): unknown {
    const snapshot = this.#instance.snapshot?.();
    return snapshot === undefined ? undefined : JSON.parse(JSON.stringify(snapshot));
  }

  #feedOne(input: BarInput | number): readonly IntentBody[] {
    const { bars, startMs, warmupBars } = this.#state;
    const bar = barFrom(input, bars, startMs);
    this.#state.phase = bars.length < warmupBars ? 'warmup' : 'trading';
    const intents = this.#fireTimers(bar.close_ms);
    this.#state.advanceTo(bar.close_ms);
    bars.append(bar);
    return [...intents, ...this.#accept('onBar', this.#instance.onBar(bar))];
  }

  /** Timers inside a bar fire before it closes, so they do not see it. */
  #fireTimers(untilMs: number): readonly IntentBody[] {
    const intents: IntentBody[] = [];
    let timer = this.#state.takeTimer(untilMs);
    for (let fired = 0; timer !== undefined; fired += 1) {
      if (fired === timersPerBarMax) {
        throw new RangeError(`timer ${timer.name} fired ${fired} times inside one bar`);
      }
      this.#state.advanceTo(Math.max(timer.due_ms, this.#state.now));
      intents.push(...this.#accept('onTimer', this.#instance.onTimer?.(timer)));
      timer = this.#state.takeTimer(untilMs);
    }
    return intents;
  }

  #accept(hook: string, answer: HookAnswer): readonly IntentBody[] {
    const intents = intentsOf(hook, answer);
    if (this.#state.phase === 'warmup') {
      this.droppedInWarmup += intents.length;
      return [];
    }
    this.intents.push(...intents);
    return intents;
  }
}

function barFrom(input: BarInput | number, series: BarSeries, startMs: number): Bar {
  const given: BarInput = typeof input === 'number' ? { close: input } : input;
  const length = millisecondsOf(series.timeframe);
  const earliest = series.length > 0 ? series.openMs(0) + length : startMs;
  const openMs = given.open_ms ?? earliest;
  if (series.length > 0 && openMs < earliest) {
    throw new RangeError(`bar at ${openMs} is not after the one before, which ends at ${earliest}`);
  }
  const open = given.open ?? (series.length > 0 ? series.close(0) : given.close);
  return Object.freeze({
    symbol: series.symbol,
    timeframe: series.timeframe,
    open_ms: openMs,
    close_ms: openMs + length,
    open,
    high: given.high ?? Math.max(open, given.close),
    low: given.low ?? Math.min(open, given.close),
    close: given.close,
    volume: given.volume ?? 1,
  });
}

function intentsOf(hook: string, answer: HookAnswer): readonly IntentBody[] {
  if (answer === undefined || answer === null) return [];
  if (isRecord(answer) && typeof answer['then'] === 'function') {
    throw new StrategyHarnessError(hook, 'PLUGIN_RETURNED_PROMISE', 'hooks are synchronous');
  }
  const intents = (Array.isArray(answer) ? answer : [answer]) as readonly IntentBody[];
  for (const [index, intent] of intents.entries()) {
    const issue = validateIntentBody(intent);
    if (issue === undefined) continue;
    const detail = `intent ${index + 1}: ${issue.path} ${issue.message}`.replace('  ', ' ');
    throw new StrategyHarnessError(hook, 'SCHEMA_INVALID', detail);
  }
  return intents;
}
