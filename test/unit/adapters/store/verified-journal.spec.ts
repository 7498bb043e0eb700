import { join } from 'node:path';
import type { JournalHead, JournalRow } from '@strategy-runner/core';
import { expect, test } from 'vitest';
import { SqliteStore } from '../../../../adapters/src/store/sqlite/sqlite-store.js';
import { verified } from '../../../../adapters/src/store/verified-journal.js';
import { aFolder } from './a-folder.js';
import { SESSION, headOf, rowsOfBars } from './a-journal.js';
import { script } from './sqlite/a-database.js';

const ROWS = rowsOfBars(10);

interface Look {
  readonly damage?: string;
  readonly anchor?: JournalHead | null;
  readonly fromSeq?: number;
}

/** Stores ten rows, damages the file, and reads it as recovery does. */
async function read({ damage, anchor = null, fromSeq = 1 }: Look) {
  const path = join(await aFolder(), 'session.sqlite');
  const whole = await SqliteStore.open({ path, session: SESSION });
  await whole.append(ROWS);
  await whole.close();
  if (damage !== undefined) await script(path, damage);
  const store = await SqliteStore.open({ path, session: SESSION });
  try {
    const trusted = verified({ store, path, sessionId: SESSION.sessionId, anchor });
    await trusted.latestSnapshot();
    const seen: JournalRow[] = [];
    for await (const row of trusted.readJournal(fromSeq)) seen.push(row);
    return seen;
  } finally {
    await store.close();
  }
}

test('a whole journal is read, from its beginning and from behind a snapshot', async () => {
  expect(await read({ anchor: headOf(ROWS) })).toEqual(ROWS);
  expect(await read({ anchor: headOf(ROWS.slice(0, 3)), fromSeq: 6 })).toEqual(ROWS.slice(5));
  expect(await read({ fromSeq: 11 })).toEqual([]);
});

test.each<[string, Look, string]>([
  [
    'a row that was changed',
    { damage: `UPDATE journal SET payload = payload || ' ' WHERE seq = 7` },
    'Row 7: its content does not fit its hash',
  ],
  [
    'the row of the snapshot that was changed',
    { damage: `UPDATE journal SET payload = '{}' WHERE seq = 5`, fromSeq: 6 },
    'Row 5: its content does not fit its hash',
  ],
  [
    'a row that continues another',
    { damage: `UPDATE journal SET prev_hash = 'x' WHERE seq = 7`, fromSeq: 6 },
    'Row 7: it does not continue the row before it',
  ],
  [
    'a journal that was cut short',
    { damage: 'DELETE FROM journal WHERE seq > 8', anchor: headOf(ROWS) },
    'Its last row is 8, session.json has row 10',
  ],
  [
    'a journal of another history',
    { anchor: { seq: 4, hash: 'f'.repeat(64) } },
    'Row 4: its hash is not the one that session.json has',
  ],
  [
    'a snapshot behind the end of the journal',
    {
      damage: `INSERT INTO snapshots (seq, ts, state, plugin, bars) VALUES (10, 0, '', NULL, '');
        DELETE FROM journal WHERE seq > 8`,
    },
    'Its snapshot is of row 10, its last row is 8',
  ],
])('%s is refused and named', async (_what, look, why) => {
  await expect(read(look)).rejects.toMatchObject({ code: 'STORE_DAMAGED', exitCode: 65, why });
});
