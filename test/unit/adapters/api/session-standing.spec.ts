// What can be told of a running session beside its tables.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BlackoutPlan, READINESS, encode } from '@strategy-runner/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { standingBlackout, startStanding } from '../../../../adapters/src/api/session-standing.js';
import { lockFile } from '../../../../adapters/src/private-files/file-lock.js';
import type { SessionFolder } from '../../../../adapters/src/store/session-folder.js';
import type { SqliteStore } from '../../../../adapters/src/store/sqlite/sqlite-store.js';
import { aFolder, aMetadata } from '../store/a-folder.js';

const RUN = { run: 2, started_at: '2024-01-01T00:00:00.000Z', start: 'warm' } as const;
const EARLIER = { ...RUN, run: 1, ended_at: RUN.started_at, exit: 'sigint' };

function metadataOf(hasEnded: boolean) {
  const last = { ...RUN, ended_at: hasEnded ? RUN.started_at : null, exit: null };
  return aMetadata({ exchange: 'binanceusdm', runs: [EARLIER, last] });
}

/** Held, as a process holds what it runs, until the test is over. */
async function aSession(hasEnded: boolean): Promise<SessionFolder> {
  const path = await aFolder();
  const lock = hasEnded ? undefined : await lockFile(join(path, 'lock.sqlite'));
  onTestFinished(() => lock?.release());
  return { path, metadata: metadataOf(hasEnded) } as SessionFolder;
}

describe('[B18] what a start waits for', () => {
  async function standing(reached: readonly (readonly [number, string])[], hasEnded = false) {
    const payloads = reached.map(([run, item]) =>
      encode({ kind: 'readiness', ts: 0, run, item, waitedMs: 5 }),
    );
    const store = { payloadsOf: () => Promise.resolve(payloads) };
    return startStanding(await aSession(hasEnded), store as unknown as SqliteStore);
  }

  const FIRST_RUN = READINESS.map((item) => [1, item] as const);

  test('[B18] is told of the run that goes on, and of no other', async () => {
    const ready = [{ item: 'data', waited_ms: 5 }];
    expect(await standing([...FIRST_RUN, [2, 'data']])).toEqual({ ready, awaited: 'strategy' });
    expect(await standing(FIRST_RUN)).toEqual({ ready: [], awaited: 'data' });
    const whole = READINESS.map((item) => [2, item] as const);
    expect(await standing(whole)).toMatchObject({ awaited: null });
    expect(await standing(FIRST_RUN, true)).toBeNull();
  });
});

describe('[B18] a black-out window', () => {
  const [fromMs, toMs] = [Date.UTC(2024, 0, 1, 12), Date.UTC(2024, 0, 1, 14)];

  async function standing(ts: number, hasEnded = false, symbols: readonly string[] | null = null) {
    const folder = await aSession(hasEnded);
    const window = { kind: 'once', reason: 'news', symbols, fromMs, toMs } as const;
    const blackout: BlackoutPlan = { windows: [window], offsets: [] };
    writeFileSync(join(folder.path, 'engine.json'), encode({ blackout }));
    const store = {
      head: () => Promise.resolve({ seq: 9, hash: '' }),
      readJournal: async function* () {
        yield await Promise.resolve({ seq: 9, ts });
      },
    };
    return standingBlackout(folder, store as unknown as SqliteStore);
  }

  test('[B18] holds entries of a running session, as of its last row', async () => {
    expect(await standing(fromMs)).toEqual(['blackout: news (until 2024-01-01T14:00:00.000Z)']);
    expect(await standing(toMs)).toEqual([]);
    expect(await standing(fromMs, true)).toEqual([]);
    expect(await standing(fromMs, false, ['ETH/USDT:USDT'])).toEqual([]);
  });
});
