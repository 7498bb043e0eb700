// Replay of the strategy: the plugin is asked again whatever the session asked it, on the state
// that the journal gives, and its answers are held against the recorded ones. Where a later run
// restored the plugin from a snapshot of some row, so does the replay: from that row on a second
// plugin, restored there, is asked along, and takes over where that run begins.
import type { EngineConfig } from '../config.js';
import type { Ask } from '../effects.js';
import type { AnswerEvent, EngineEvent, RunStarted } from '../events.js';
import { appendBar, emptySeries } from '../market/bar-book.js';
import type { BarSeries } from '../market/bar-series.js';
import type { StrategyRuntime } from '../ports/strategy-runtime.js';
import type { EngineRecord } from '../records.js';
import { applyEvent, applyRecord } from '../state/apply.js';
import { decode } from '../state/codec.js';
import { emptyState } from '../state/engine-state.js';
import { type RuntimeFactory, said } from '../state/recover.js';
import type { ReplayedRow } from './replay.js';

/** The first question that the plugin answers otherwise than it did. */
export interface AnswerDivergence {
  /** Row of the recorded answer. */
  readonly seq: number;
  readonly instance: string;
  readonly hook: string;
  readonly trigger: string;
  /** Place of the first body that differs in the answer, from 0. */
  readonly body: number;
  readonly recorded: unknown;
  readonly produced: unknown;
}

export interface StrategyReplayParts {
  readonly config: EngineConfig;
  readonly runtimeFor: RuntimeFactory;
  /**
   * Rows from which warm runs restored their plugins, as their `run_started` events say; 0 = one
   * was rebuilt from the first question on.
   */
  readonly restoredFrom: ReadonlySet<number>;
}

/** Undefined when every answer is the same. Rows come in order from row 1. */
export async function replayStrategy(
  parts: StrategyReplayParts,
  rows: Iterable<ReplayedRow> | AsyncIterable<ReplayedRow>,
): Promise<AnswerDivergence | undefined> {
  const replay = new StrategyReplay(parts);
  for await (const row of rows) {
    const found = replay.take(row);
    if (found !== undefined) return found;
  }
  return undefined;
}

class StrategyReplay {
  readonly #parts: StrategyReplayParts;
  readonly #state;
  readonly #series: ReadonlyMap<string, BarSeries>;
  readonly #list: readonly BarSeries[];
  readonly #ids: readonly string[];
  readonly #asked = new Map<number, Ask>();
  /** Plugins restored at a row, by that row, until a run takes one over. */
  readonly #waiting = new Map<number, StrategyRuntime>();
  #runtime: StrategyRuntime;

  constructor(parts: StrategyReplayParts) {
    this.#parts = parts;
    const { config } = parts;
    this.#ids = config.instances.map(({ id }) => id);
    this.#state = emptyState(config.initialCash, this.#ids);
    this.#series = emptySeries(config);
    this.#list = [...this.#series.values()];
    this.#runtime = this.#fresh();
    if (parts.restoredFrom.has(0)) this.#waiting.set(0, this.#fresh());
  }

  take({ seq, class: kindOfRow, payload }: ReplayedRow): AnswerDivergence | undefined {
    const body = decode(payload);
    const found = kindOfRow === 'event' ? this.#event(seq, body as EngineEvent) : undefined;
    if (kindOfRow === 'record') this.#record(body as EngineRecord);
    if (this.#parts.restoredFrom.has(seq)) this.#waiting.set(seq, this.#restored());
    return found;
  }

  #event(seq: number, event: EngineEvent): AnswerDivergence | undefined {
    const found = event.kind === 'answer' ? this.#askAgain(seq, event) : undefined;
    applyEvent(this.#state, event);
    if (event.kind === 'bar') appendBar(this.#list, event);
    if (event.kind === 'run_started') this.#takeOver(event);
    return found;
  }

  #record(record: EngineRecord): void {
    applyRecord(this.#state, record);
    // The engine uses one object for all asks of an instance; the decoded ones are each their own.
    if (record.type === 'ask') this.#asked.set(record.ask.id, record.ask);
  }

  #takeOver({ start, restoredFrom = 0 }: RunStarted): void {
    const waiting = this.#waiting.get(restoredFrom);
    if (start === 'cold' || waiting === undefined) return;
    this.#runtime = waiting;
  }

  #restored(): StrategyRuntime {
    const copy = this.#fresh();
    for (const id of this.#ids) copy.restore(id, this.#runtime.snapshot(id));
    return copy;
  }

  #fresh(): StrategyRuntime {
    const { config, runtimeFor } = this.#parts;
    return runtimeFor({ config, state: this.#state, series: this.#series });
  }

  #askAgain(seq: number, recorded: AnswerEvent): AnswerDivergence | undefined {
    const ask = this.#asked.get(recorded.askId);
    if (ask === undefined) return undefined;
    this.#asked.delete(ask.id);
    for (const waiting of this.#waiting.values()) {
      if (waiting !== this.#runtime) waiting.ask(ask, recorded.ts);
    }
    const again = this.#runtime.ask(ask, recorded.ts);
    if (said(again) === said(recorded)) return undefined;
    return { seq, ...differenceOf(ask, recorded, again) };
  }
}

/** What an answer says beside its bodies. */
function rest({ timers, fault }: AnswerEvent) {
  return { timers, fault: fault?.code ?? null };
}

function differenceOf(
  { instance, hook, trigger }: Ask,
  recorded: AnswerEvent,
  produced: AnswerEvent,
): Omit<AnswerDivergence, 'seq'> {
  const length = Math.max(recorded.bodies.length, produced.bodies.length);
  let body = 0;
  while (body < length && sameBody(recorded.bodies[body], produced.bodies[body])) body += 1;
  if (body === length) {
    const differing = { recorded: rest(recorded), produced: rest(produced) };
    return { instance, hook, trigger, body: 0, ...differing };
  }
  return {
    instance,
    hook,
    trigger,
    body,
    recorded: recorded.bodies[body] ?? null,
    produced: produced.bodies[body] ?? null,
  };
}

function sameBody(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
