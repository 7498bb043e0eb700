// How much a session holds, for a listing: read beside a running writer, without reading its
// journal.
import { withFile } from './open-file.js';
import { assertCurrent, readVersion } from './schema.js';

const BUSY_TIMEOUT_MS = 1000;

export interface SessionCounts {
  /** Rows of the journal. */
  readonly rows: number;
  /** Accepted and denied. */
  readonly intents: number;
  readonly orders: number;
  readonly fills: number;
  readonly openPositions: number;
  readonly pendingEntries: number;
}

const COUNTS = `
  SELECT
    (SELECT coalesce(max(seq), 0) FROM journal) AS rows,
    (SELECT count(*) FROM intents) AS intents,
    (SELECT count(*) FROM orders) AS orders,
    (SELECT count(*) FROM fills) AS fills,
    (SELECT count(*) FROM positions WHERE status = 'open') AS openPositions,
    (SELECT count(*) FROM pending_entries) AS pendingEntries`;

export function readSessionCounts(path: string): Promise<SessionCounts> {
  const options = { access: 'read', busyTimeoutMs: BUSY_TIMEOUT_MS } as const;
  return withFile(path, options, async (connection) => {
    assertCurrent(path, await readVersion(connection, path));
    const counts = (await connection.get<SessionCounts>(COUNTS))!;
    await connection.close();
    return counts;
  });
}
