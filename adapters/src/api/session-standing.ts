// Where the run of a session stands, read beside it: what its start waits for, and whether a
// black-out window holds its entries.
import {
  type EngineConfig,
  READINESS,
  type ReadinessItem,
  type ReadinessReached,
  blackoutAt,
  decode,
} from '@strategy-runner/core';
import { type SessionFolder, readSessionFile } from '../store/session-folder.js';
import { stateOf } from '../store/session-list.js';
import type { SqliteStore } from '../store/sqlite/sqlite-store.js';
import { isoOf } from './start-session.js';

export interface StartStanding {
  readonly ready: readonly { readonly item: ReadinessItem; readonly waited_ms: number }[];
  /** Null once the run trades. */
  readonly awaited: ReadinessItem | null;
}

/** Null where nothing runs, and for a played file, which waits for nothing. */
export async function startStanding(
  folder: SessionFolder,
  store: SqliteStore,
): Promise<StartStanding | null> {
  const { metadata } = folder;
  const run = metadata.runs.at(-1);
  if (run === undefined || metadata.exchange === 'sim') return null;
  if ((await stateOf(folder)) !== 'running') return null;
  const reached = (await store.payloadsOf('readiness'))
    .map((payload) => decode(payload) as ReadinessReached)
    .filter((event) => event.run === run.run);
  const ready = reached.map(({ item, waitedMs }) => ({ item, waited_ms: waitedMs }));
  const awaited = READINESS.find((item) => !ready.some((one) => one.item === item)) ?? null;
  return { ready, awaited };
}

/** As of the last thing that a running session has written: its own clock is the market's. */
export async function standingBlackout(
  folder: SessionFolder,
  store: SqliteStore,
): Promise<readonly string[]> {
  if ((await stateOf(folder)) !== 'running') return [];
  const engine = await readSessionFile(folder, 'engine.json');
  const head = await store.head();
  if (engine === undefined || head === undefined) return [];
  const { blackout } = decode(engine) as EngineConfig;
  for await (const { ts } of store.readJournal(head.seq)) {
    const standing = blackoutAt(blackout, ts, folder.metadata.data.symbol);
    if (standing === undefined) continue;
    return [`blackout: ${standing.reason} (until ${isoOf(standing.untilMs)})`];
  }
  return [];
}
