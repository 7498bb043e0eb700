// A session held against its backtest: the same plugin, settings, first bar and cash, on the bars
// that the session recorded or on others, and the difference taken apart into its causes.
import {
  type Attribution,
  type BarColumns,
  type BarEvent,
  type EngineConfig,
  type EngineEvent,
  type EngineRecord,
  type EngineView,
  type FundingPaid,
  type FundingRow,
  type JournalEntry,
  type LiveRecord,
  attribute,
  decode,
  recordSession,
} from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';
import { InlineRuntime } from '../plugin-runtime/inline.js';
import { type SessionFolder, readSettings } from '../store/session-folder.js';
import { SqliteStore } from '../store/sqlite/sqlite-store.js';
import { type OtherStrategy, sessionStrategy } from './kept-plugin.js';
import { readPremises } from './premises.js';
import type { RunConfig } from './run-config.js';

export interface ComparisonData {
  readonly columns: BarColumns;
  /** Omitted = as the session was paid. */
  readonly funding?: readonly FundingRow[];
  readonly source: string;
  /** Of bars from elsewhere: they must be of the session's length. */
  readonly timeframe?: string;
}

export interface CompareOptions {
  readonly folder: SessionFolder;
  readonly order: 'forward' | 'reverse';
  /** Bars of the backtest; omitted = those that the session recorded. */
  readonly data?: ComparisonData;
  /** Another plugin in the backtest than the session's own. */
  readonly strategy?: OtherStrategy;
}

export interface SessionComparison {
  readonly attribution: Attribution;
  readonly live: LiveRecord;
  readonly config: EngineConfig;
  readonly source: string;
}

/** Errors: SESSION_NOT_FOUND (66), DATA_EMPTY (65). */
export async function compareSession(options: CompareOptions): Promise<SessionComparison> {
  const { folder, order } = options;
  const premises = await readPremises(folder);
  const { config } = premises;
  const live = recordSession(await entriesOf(folder), config);
  if (live.bars.length === 0) throw withoutBars(folder);
  const data = options.data ?? recordedData(live);
  refuseOtherBars(live, data, config);
  const { definition, config: own } = await sessionStrategy(premises, options.strategy);
  const instances = config.instances.map(({ id }) => id);
  const attribution = attribute(
    {
      config,
      live,
      columns: data.columns,
      funding: data.funding ?? recordedData(live).funding,
      sim: { costs: config.costs, ...(await simulationOf(folder)) },
      runtime: (view: EngineView) => {
        const plugins = instances.map((instance) => ({ instance, definition, config: own }));
        return new InlineRuntime(view, plugins, () => undefined);
      },
    },
    { order },
  );
  return { attribution, live, config, source: data.source };
}

async function entriesOf(folder: SessionFolder): Promise<readonly JournalEntry[]> {
  const store = await SqliteStore.openReader(folder.databasePath);
  try {
    const entries: JournalEntry[] = [];
    for await (const { class: kind, payload } of store.readJournal(1)) {
      const body = decode(payload);
      entries.push(
        kind === 'event'
          ? { class: kind, body: body as EngineEvent }
          : { class: kind, body: body as EngineRecord },
      );
    }
    return entries;
  } finally {
    await store.close();
  }
}

// The fills of the backtest are simulated as the session's own settings say.
async function simulationOf(folder: SessionFolder) {
  const settings = (await readSettings(folder)) as { readonly config?: Partial<RunConfig> };
  const simulation = settings.config?.simulation;
  return {
    fillOnTouch: simulation?.fill_on_touch ?? false,
    volumeShareBps: simulation?.volume_share_bps ?? null,
  };
}

function recordedData(
  live: LiveRecord,
): ComparisonData & { readonly funding: readonly FundingRow[] } {
  return { columns: columnsOf(live.bars), funding: live.funding.map(rowOf), source: 'recorded' };
}

function columnsOf(bars: readonly BarEvent[]): BarColumns {
  const column = (name: 'openMs' | 'open' | 'high' | 'low' | 'close' | 'volume'): Float64Array =>
    Float64Array.from(bars, (bar) => bar[name]);
  return {
    length: bars.length,
    openMs: column('openMs'),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
  };
}

function rowOf({ ts, rate }: FundingPaid): FundingRow {
  return { timeMs: ts, rate, markPrice: null };
}

// R18: without the session's first bar, or on bars of another length, no backtest starts where it
// did.
function refuseOtherBars(
  { bars }: LiveRecord,
  { columns, source, timeframe }: ComparisonData,
  { instances }: EngineConfig,
): void {
  const own = instances[0]!.timeframe;
  if (timeframe !== undefined && timeframe !== own) {
    throw unlike(`${source} has ${timeframe} bars, the session ran on ${own}`);
  }
  const firstMs = bars[0]!.openMs;
  if (columns.openMs.subarray(0, columns.length).includes(firstMs)) return;
  const at = new Date(firstMs).toISOString();
  throw unlike(`${source} lacks the bar of ${at}, with which the session began`);
}

function unlike(message: string): RunnerError {
  return new RunnerError({
    code: 'COMPARISON_UNLIKE',
    exitCode: EXIT.usage,
    message,
    why: 'A comparison starts from the same bar and the same inventory, or says nothing',
    next: 'leave --data out to compare on the bars that the session recorded',
  });
}

function withoutBars(folder: SessionFolder): RunnerError {
  return new RunnerError({
    code: 'DATA_EMPTY',
    exitCode: EXIT.badData,
    message: `session ${folder.id} has recorded no bars`,
    why: 'It was stopped before the first one',
    next: 'compare a session that has traded for a while',
  });
}
