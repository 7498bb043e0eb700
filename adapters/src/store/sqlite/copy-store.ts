// A copy of a session's database as of one moment, also while a runner writes to it, and a look for
// words in it. The copy has no write-ahead log: one file is all of it.
import { withFile } from './open-file.js';

const BUSY_TIMEOUT_MS = 5000;

/** `to` must not exist. */
export function copyStore(from: string, to: string): Promise<void> {
  const options = { access: 'read', busyTimeoutMs: BUSY_TIMEOUT_MS } as const;
  return withFile(from, options, async (connection) => {
    await connection.run('VACUUM INTO ?', to);
    await connection.close();
  });
}

/** Columns with what venue, plugin and people said, of which all other tables are made. */
const SAID = {
  journal: ['payload'],
  snapshots: ['state', 'plugin', 'bars'],
  meta: ['value'],
} as const;

/**
 * The first of the words that the database holds. A long text is spread over pages that do not
 * follow each other, so a look at the bytes of the file would miss it.
 */
export function findWord(path: string, words: readonly string[]): Promise<string | undefined> {
  const options = { access: 'read', busyTimeoutMs: BUSY_TIMEOUT_MS } as const;
  return withFile(path, options, async (connection) => {
    let found: string | undefined;
    for (const word of words) {
      for (const [table, columns] of Object.entries(SAID)) {
        const where = columns.map((column) => `instr(${column}, ?1) > 0`).join(' OR ');
        const row = await connection.get(`SELECT 1 FROM ${table} WHERE ${where} LIMIT 1`, word);
        if (row !== undefined) found ??= word;
      }
    }
    await connection.close();
    return found;
  });
}
