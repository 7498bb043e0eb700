// Slippage and latency of every filled order of some sessions, read from their journals.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EngineEvent,
  type EngineRecord,
  LegTelemetry,
  type LegSlippage,
  TELEMETRY_KINDS,
  decode,
} from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';
import type { SessionFolder } from '../store/session-folder.js';
import { SqliteStore } from '../store/sqlite/sqlite-store.js';
import { TRACE_FILE } from './backtest-inputs.js';
import { withSession } from './bundle-open.js';

export interface SlippageRows {
  /** Each session once, in the order given. */
  readonly sessions: readonly string[];
  readonly timeframe: string;
  readonly legs: readonly SessionLeg[];
}

export interface SessionLeg {
  readonly session: string;
  readonly row: LegSlippage;
}

/** Errors: SESSION_NOT_FOUND (66), USAGE (64) where the sessions have unlike bars. */
export async function slippageRows(
  sessionsDir: string,
  given: readonly string[],
): Promise<SlippageRows> {
  const timeframes = new Map<string, string>();
  const legs: SessionLeg[] = [];
  for (const session of given) {
    await withSession(sessionsDir, session, async (folder) => {
      if (timeframes.has(folder.id)) return;
      timeframes.set(folder.id, folder.metadata.timeframe);
      for (const row of await rowsOf(folder)) legs.push({ session: folder.id, row });
    });
  }
  return { sessions: [...timeframes.keys()], timeframe: onlyOf(timeframes), legs };
}

async function rowsOf(folder: SessionFolder): Promise<readonly LegSlippage[]> {
  await assertJournal(folder);
  const store = await SqliteStore.openReader(folder.databasePath);
  try {
    const telemetry = new LegTelemetry();
    for await (const { class: kindOfRow, kind, payload } of store.readJournal(1)) {
      if (!TELEMETRY_KINDS.has(kind)) continue;
      const body = decode(payload);
      if (kindOfRow === 'event') telemetry.event(body as EngineEvent);
      else telemetry.record(body as EngineRecord);
    }
    return telemetry.rows;
  } finally {
    await store.close();
  }
}

// A backtest has no slippage to measure, also where its journal has been made for something else.
async function assertJournal({ id, path, databasePath }: SessionFolder): Promise<void> {
  if ((await exists(databasePath)) && !(await exists(join(path, TRACE_FILE)))) return;
  throw new RunnerError({
    code: 'SESSION_NOT_FOUND',
    exitCode: EXIT.missingInput,
    message: `session ${id} has no journal to read slippage from`,
    why: 'It is a backtest, whose slippage is what its own costs say',
    next: 'give a session that runner live has begun',
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

// Participation and volatility are those of the session's bars: of others they mean something else.
function onlyOf(timeframes: ReadonlyMap<string, string>): string {
  const [first, ...others] = new Set(timeframes.values());
  if (first !== undefined && others.length === 0) return first;
  throw new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: `the sessions have bars of ${[first, ...others].join(' and ')}`,
    why: 'Participation and volatility are per bar, so their orders do not go together',
    next: 'give sessions of one timeframe',
  });
}
