// The journal of a backtest, made when it is first needed (DESIGN §6): the backtest is run again
// from its inputs into a store beside its trace, and becomes its session.sqlite only when it came
// out as it did then.
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  Engine,
  type EngineConfig,
  type EngineEvent,
  type EngineRecord,
  type JournalHead,
  LiveDriver,
  type Sink,
  emptySeries,
  emptyState,
} from '@strategy-runner/core';
import { SystemClock } from '../clock/system-clock.js';
import { divertConsole } from '../log/plugin-console.js';
import { FileFeed } from '../market-data/file-feed.js';
import { InlineRuntime } from '../plugin-runtime/inline.js';
import { watchStrayFaults } from '../plugin-runtime/stray-faults.js';
import { moveDurably } from '../private-files/private-file.js';
import { resultHash } from '../report/build-report.js';
import { RunCollector } from '../report/run-warnings.js';
import { JournalSink } from '../store/journal.js';
import {
  type SessionFolder,
  addSessionFiles,
  readSessionFolder,
  updateMetadata,
} from '../store/session-folder.js';
import { lockSession } from '../store/session-lock.js';
import { SqliteStore } from '../store/sqlite/sqlite-store.js';
import { writeFailed } from '../store/store-error.js';
import { PaperVenue } from '../venue/paper/paper-venue.js';
import { simPartsOf, startRuntime } from './backtest.js';
import { TRACE_FILE, otherwise, readInputs, setUpAgain } from './backtest-inputs.js';
import { withSession } from './bundle-open.js';
import { engineConfigOf } from './engine-config.js';
import { settingsOf } from './open-session.js';
import { premiseFiles } from './premises.js';
import type { Setup } from './setup.js';
import { isoOf } from './start-session.js';

/** Told now and then how many bars have been played again. */
export type OnBars = (done: number, total: number) => unknown;

/** Whether it keeps a trace in place of a journal. */
export async function isTraceOnly({ path, databasePath }: SessionFolder): Promise<boolean> {
  return !(await exists(databasePath)) && exists(join(path, TRACE_FILE));
}

/**
 * The session with its journal: a backtest's is made unless it is there; any other is answered as
 * it is. Errors: SESSION_PREMISES_CHANGED (78), SESSION_NOT_FOUND (66), SESSION_BUSY (75).
 */
export async function withJournal(
  folder: SessionFolder,
  onBars: OnBars = () => undefined,
): Promise<SessionFolder> {
  if (!(await isTraceOnly(folder))) return folder;
  const release = await lockSession(folder, isoOf(new SystemClock().now()));
  try {
    // Read again: whoever held the lock may have made it meanwhile.
    const current = await readSessionFolder(folder.path);
    return (await isTraceOnly(current)) ? await makeJournal(current, onBars) : current;
  } finally {
    await release();
  }
}

/** Opens a session by id, folder or bundle, with its journal. Errors: as `withSession` as well. */
export function withJournaledSession<Result>(
  sessionsDir: string,
  idOrPath: string,
  work: (folder: SessionFolder) => Promise<Result>,
  onBars?: OnBars,
): Promise<Result> {
  return withSession(sessionsDir, idOrPath, async (folder) =>
    work(await withJournal(folder, onBars)),
  );
}

async function makeJournal(folder: SessionFolder, onBars: OnBars): Promise<SessionFolder> {
  const { inputs, resultHash: recorded } = await readInputs(folder);
  const setup = await setUpAgain(folder, inputs);
  const { session_id: sessionId } = folder.metadata;
  const config = engineConfigOf(setup, sessionId, inputs.trade_from_ms ?? 0);
  const unfinished = `${folder.databasePath}.tmp`;
  try {
    const { head, result } = await playInto(unfinished, { setup, config, onBars });
    if (result !== recorded) throw otherwise(folder, 'its result is another');
    const settings = settingsOf(inputs.trade_from_ms ?? undefined, setup.pinned);
    const files = { 'config.json': `${JSON.stringify(settings, null, 2)}\n` };
    await addSessionFiles(folder, { ...files, ...premiseFiles(setup, config) });
    // The anchor first: without its journal it is made again, but a journal must not be without it.
    const anchored = await updateMetadata(folder, { journal_head: head });
    await moveDurably(unfinished, folder.databasePath);
    return anchored;
  } catch (error) {
    throw writeFailed(folder.databasePath, error);
  } finally {
    await removeStore(unfinished);
  }
}

interface Played {
  readonly setup: Setup;
  readonly config: EngineConfig;
  readonly onBars: OnBars;
}

interface Outcome {
  readonly head: JournalHead | null;
  readonly result: string;
}

async function playInto(path: string, played: Played): Promise<Outcome> {
  const { symbol, instrument, config } = played.setup;
  await removeStore(path);
  let fault: unknown;
  const store = await SqliteStore.open({
    path,
    session: {
      sessionId: played.config.sessionId,
      initialCash: config.cash,
      spotSymbols: instrument.market === 'spot' ? [symbol] : [],
    },
    onProjectionFault: (found) => (fault = found),
  });
  // Said and counted once, when it ran first.
  const restoreConsole = divertConsole(() => undefined);
  const allowExit = watchStrayFaults(() => undefined);
  let outcome: Outcome;
  try {
    const collector = await play(store, played);
    outcome = { head: (await store.head()) ?? null, result: resultHash({ collector }) };
  } finally {
    allowExit();
    restoreConsole();
    await store.close();
  }
  // Tables that stopped following would never go on: a backtest has no later run.
  if (fault !== undefined) throw writeFailed(path, fault);
  return outcome;
}

async function play(store: SqliteStore, { setup, config, onBars }: Played): Promise<RunCollector> {
  const { bars, symbol, funding, plugin } = setup;
  const { timeframe, timeframeMs, columns } = bars;
  const clock = new SystemClock();
  const collector = new RunCollector();
  const rows = new JournalSink({ sessionId: config.sessionId });
  const ids = config.instances.map(({ id }) => id);
  const state = emptyState(config.initialCash, ids);
  const series = emptySeries(config);
  const { definition, config: own } = plugin;
  const plugins = ids.map((instance) => ({ instance, definition, config: own }));
  const view = { config, state, series };
  const runtime = startRuntime(() => new InlineRuntime(view, plugins, () => undefined), plugin.id);
  const engine = new Engine({ config, sink: new TwoSinks(rows, collector), series, state });
  const { instruments } = config;
  const venue = new PaperVenue({ ...simPartsOf(setup), instruments, cash: () => state.cash });
  const total = columns.length;
  let done = 0;
  const driver = new LiveDriver({
    engine,
    runtime,
    venue,
    store,
    rows,
    clock,
    onAlert: () => undefined,
    onBar: () => onBars((done += 1), total),
    // Nobody resumes it: one snapshot at its end is enough.
    limits: { snapshotEveryRows: Infinity },
  });
  const pace = { afterMs: 0, speed: Infinity, clock };
  const feed = new FileFeed({ columns, symbol, timeframe, timeframeMs, funding, ...pace });
  await driver.run(feed, { kind: 'run_started', ts: columns.openMs[0]!, run: 1, start: 'cold' });
  return collector;
}

/** The journal keeps every row, the collector what the result consists of. */
class TwoSinks implements Sink {
  readonly #journal: Sink;
  readonly #result: Sink;

  constructor(journal: Sink, result: Sink) {
    this.#journal = journal;
    this.#result = result;
  }

  event(event: EngineEvent): void {
    this.#journal.event(event);
    this.#result.event(event);
  }

  record(record: EngineRecord): void {
    this.#journal.record(record);
    this.#result.record(record);
  }
}

async function removeStore(path: string): Promise<void> {
  for (const end of ['', '-wal', '-shm']) await rm(`${path}${end}`, { force: true });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
