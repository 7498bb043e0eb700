import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionRun } from '@strategy-runner/contracts';
import { describe, expect, test } from 'vitest';
import { lockFile } from '../../../../adapters/src/private-files/file-lock.js';
import { createSession } from '../../../../adapters/src/store/session-folder.js';
import { listSessions, stateOf } from '../../../../adapters/src/store/session-list.js';
import { SqliteStore } from '../../../../adapters/src/store/sqlite/sqlite-store.js';
import { aFolder, aMetadata } from './a-folder.js';
import { aTradedJournal } from './a-journal.js';

const TIME = '2024-01-01T00:00:00.000Z';

function aRun(run: number, change: Partial<SessionRun> = {}): SessionRun {
  return { run, started_at: TIME, ended_at: TIME, start: 'cold', exit: '0', ...change };
}

describe('listSessions', () => {
  test('lists nothing where there is no folder, and nothing in an empty one', async () => {
    const folder = await aFolder();
    expect(await listSessions(join(folder, 'none'))).toEqual([]);
    expect(await listSessions(folder)).toEqual([]);
  });

  test('lists sessions by id, with what they hold, also while one is being written', async () => {
    const sessionsDir = await aFolder();
    const later = await createSession({ sessionsDir, metadata: aMetadata({ session_id: 'b' }) });
    const earlier = await createSession({ sessionsDir, metadata: aMetadata({ session_id: 'a' }) });
    const { rows, engine, session } = aTradedJournal();
    const store = await SqliteStore.open({ path: earlier.databasePath, session });
    await store.append(rows);
    await store.rows('fills');
    const listed = await listSessions(sessionsDir);
    await store.close();
    const counted = (kind: string): number => rows.filter((row) => row.kind === kind).length;
    expect(listed).toEqual([
      {
        kind: 'session',
        id: 'a',
        path: earlier.path,
        metadata: earlier.metadata,
        state: 'stopped',
        counts: {
          rows: rows.length,
          intents: counted('intent_accepted') + counted('intent_denied'),
          orders: counted('order_created'),
          fills: counted('fill'),
          openPositions: engine.state.positions.size,
          pendingEntries: 1,
        },
      },
      {
        kind: 'session',
        id: 'b',
        path: later.path,
        metadata: later.metadata,
        state: 'stopped',
        counts: null,
      },
    ]);
  });

  test('shows a damaged session as damaged and the others all the same', async () => {
    const sessionsDir = await aFolder();
    const fine = await createSession({ sessionsDir, metadata: aMetadata({ session_id: 'fine' }) });
    const cut = await createSession({ sessionsDir, metadata: aMetadata({ session_id: 'cut' }) });
    await writeFile(join(cut.path, 'session.json'), '{');
    const noise = await createSession({
      sessionsDir,
      metadata: aMetadata({ session_id: 'noise' }),
    });
    await writeFile(
      noise.databasePath,
      'this is not a database, and long enough to look at'.repeat(50),
    );
    const blank = await createSession({
      sessionsDir,
      metadata: aMetadata({ session_id: 'blank' }),
    });
    await writeFile(blank.databasePath, '');
    await mkdir(join(sessionsDir, 'no-metadata'));
    await mkdir(join(sessionsDir, '.hidden'));
    await writeFile(join(sessionsDir, 'README.md'), 'not a session');
    const listed = await listSessions(sessionsDir);
    const told = listed.map((one) => [one.id, one.kind === 'damaged' ? one.error.code : one.state]);
    expect(told).toEqual([
      ['blank', 'SCHEMA_OLDER'],
      ['cut', 'STORE_DAMAGED'],
      [fine.id, 'stopped'],
      ['no-metadata', 'SESSION_NOT_FOUND'],
      ['noise', 'STORE_DAMAGED'],
    ]);
  });
});

describe('the state of a session', () => {
  const crashed = { runs: [aRun(1, { ended_at: null })] };

  test.each([
    ['stopped before its first run', {}, 'stopped'],
    ['crashed without the end of its last run', crashed, 'crashed'],
    ['stopped after a run that ended', { runs: [aRun(1)] }, 'stopped'],
    [
      'crashed again after a crash and a new start',
      { runs: [aRun(1, { ended_at: null }), aRun(2, { ended_at: null })] },
      'crashed',
    ],
    ['ended when it says so', { ended_at: TIME, runs: [aRun(1)] }, 'ended'],
  ])('is %s', async (_case, change, state) => {
    expect(await stateOf({ path: await aFolder(), metadata: aMetadata(change) })).toBe(state);
  });

  test.each([
    ['once its run is written down', crashed],
    ['from the moment in which a process has taken it', {}],
  ])('is running while a process holds it: %s', async (_case, change) => {
    const path = await aFolder();
    const session = { path, metadata: aMetadata(change) };
    const lock = await lockFile(join(path, 'lock.sqlite'));
    expect(await stateOf(session)).toBe('running');
    await lock?.release();
    expect(await stateOf(session)).not.toBe('running');
  });
});
