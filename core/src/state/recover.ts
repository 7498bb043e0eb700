// From a journal back to a running state: snapshot, then every recorded event and record applied.
// Nothing is decided again. The plugin is brought along by asking it what it was asked, and its
// answers are held against the recorded ones.
import type { EngineConfig } from '../config.js';
import type { Ask } from '../effects.js';
import type { Engine } from '../engine.js';
import type { AnswerEvent, EngineEvent } from '../events.js';
import { appendBar, emptySeries } from '../market/bar-book.js';
import type { BarRow, BarSeries } from '../market/bar-series.js';
import type { JournalHead, SessionStore, StoredSnapshot } from '../ports/session-store.js';
import type { StrategyRuntime } from '../ports/strategy-runtime.js';
import type { EngineRecord } from '../records.js';
import type { EngineView } from '../strategy/context.js';
import { applyEvent, applyRecord } from './apply.js';
import { decode, encode } from './codec.js';
import { type EngineState, emptyState } from './engine-state.js';

export interface Recovered {
  readonly state: EngineState;
  readonly series: ReadonlyMap<string, BarSeries>;
  readonly runtime: StrategyRuntime;
  readonly head: JournalHead | undefined;
  /** Asks whose answer differed when they were asked again (PLUGIN_STATE_DIVERGED). */
  readonly diverged: readonly Ask[];
  readonly rows: number;
  /** Row of the snapshot that the plugins were restored from; null = rebuilt from the first ask. */
  readonly restoredFrom: number | null;
}

export type RuntimeFactory = (view: EngineView) => StrategyRuntime;

export async function recover(
  config: EngineConfig,
  store: SessionStore,
  runtimeFor: RuntimeFactory,
): Promise<Recovered> {
  const snapshot = usable(config, await store.latestSnapshot());
  const ids = config.instances.map(({ id }) => id);
  // What a snapshot of an older host does not know starts empty.
  const stored = snapshot === undefined ? {} : (decode(snapshot.state) as EngineState);
  const state: EngineState = { ...emptyState(config.initialCash, ids), ...stored };
  const series = emptySeries(config);
  if (snapshot !== undefined) restoreBars(series, snapshot.bars);
  const runtime = runtimeFor({ config, state, series });
  const plugin = snapshot?.plugin ?? null;
  if (plugin !== null) restorePlugins(runtime, ids, plugin);
  const replay = new Replay(state, series, runtime);
  let head = await store.head();
  for await (const row of store.readJournal((snapshot?.seq ?? 0) + 1)) {
    const body = decode(row.payload);
    if (row.class === 'event') replay.event(body as EngineEvent);
    else replay.record(body as EngineRecord);
  }
  head = await store.head();
  const restoredFrom = snapshot?.seq ?? null;
  return {
    state,
    series,
    runtime,
    head,
    diverged: replay.diverged,
    rows: replay.rows,
    restoredFrom,
  };
}

// A plugin that keeps no snapshot of its own is rebuilt from its first question on.
function usable(
  config: EngineConfig,
  snapshot: StoredSnapshot | undefined,
): StoredSnapshot | undefined {
  if (snapshot === undefined || snapshot.plugin === null) return undefined;
  const states = decode(snapshot.plugin) as Readonly<Record<string, unknown>>;
  const isWhole = config.instances.every(({ id }) => states[id] !== undefined);
  return isWhole ? snapshot : undefined;
}

function restorePlugins(runtime: StrategyRuntime, ids: readonly string[], text: string): void {
  const states = decode(text) as Readonly<Record<string, unknown>>;
  for (const id of ids) runtime.restore(id, states[id]);
}

function restoreBars(series: ReadonlyMap<string, BarSeries>, text: string): void {
  const stored = JSON.parse(text) as Readonly<Record<string, readonly BarRow[]>>;
  for (const [key, rows] of Object.entries(stored)) {
    for (const row of rows) series.get(key)?.append(row);
  }
}

class Replay {
  readonly diverged: Ask[] = [];
  rows = 0;
  readonly #state: EngineState;
  readonly #series: readonly BarSeries[];
  readonly #runtime: StrategyRuntime;
  readonly #asked = new Map<number, Ask>();

  constructor(
    state: EngineState,
    series: ReadonlyMap<string, BarSeries>,
    runtime: StrategyRuntime,
  ) {
    this.#state = state;
    this.#series = [...series.values()];
    this.#runtime = runtime;
  }

  event(event: EngineEvent): void {
    this.rows += 1;
    if (event.kind === 'answer') this.#askAgain(event);
    applyEvent(this.#state, event);
    if (event.kind === 'bar') appendBar(this.#series, event);
  }

  record(record: EngineRecord): void {
    this.rows += 1;
    applyRecord(this.#state, record);
    if (record.type === 'ask') this.#asked.set(record.ask.id, record.ask);
  }

  // Asked where the answer stands in the journal: the plugin sees the state that it saw then.
  #askAgain(recorded: AnswerEvent): void {
    const ask = this.#asked.get(recorded.askId);
    if (ask === undefined) return;
    this.#asked.delete(ask.id);
    const again = this.#runtime.ask(ask, recorded.ts);
    if (said(again) !== said(recorded)) this.diverged.push(ask);
  }
}

/** What an answer says, however it was come by. */
export function said({ bodies, timers, fault }: AnswerEvent): string {
  return encode([bodies, timers, fault?.code ?? null]);
}

/** The engine, its plugins and their bars as of the journal row `seq`. Taken between two bars. */
export function snapshotOf(engine: Engine, runtime: StrategyRuntime, seq: number): StoredSnapshot {
  const states: Record<string, unknown> = {};
  for (const { id } of engine.config.instances) {
    const state = runtime.snapshot(id);
    if (state !== undefined) states[id] = state;
  }
  const isWhole = Object.keys(states).length === engine.config.instances.length;
  return {
    seq,
    ts: engine.now,
    state: encode(engine.state),
    plugin: isWhole ? encode(states) : null,
    bars: JSON.stringify(barsOf(engine)),
  };
}

function barsOf(engine: Engine): Readonly<Record<string, readonly BarRow[]>> {
  const bars: Record<string, BarRow[]> = {};
  for (const [key, series] of engine.series) {
    const rows: BarRow[] = [];
    for (let ago = series.length - 1; ago >= 0; ago -= 1) {
      rows.push({
        openMs: series.openMs(ago),
        closeMs: 0,
        open: series.open(ago),
        high: series.high(ago),
        low: series.low(ago),
        close: series.close(ago),
        volume: series.volume(ago),
      });
    }
    bars[key] = rows;
  }
  return bars;
}
