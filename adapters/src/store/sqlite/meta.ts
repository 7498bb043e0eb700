// What a session's database knows about itself, so that its tables can be made again by anybody who
// has nothing but the file.
import { damaged } from '../store-error.js';
import type { Connection } from '../../private-files/connection.js';
import type { LedgerSettings } from './projections/projection-state.js';

export interface StoreMeta extends LedgerSettings {
  readonly sessionId: string;
}

/** Writes the facts of a session that begins; for one that exists, checks that it is the same. */
export async function establishMeta(
  connection: Connection,
  path: string,
  session: StoreMeta | undefined,
): Promise<StoreMeta> {
  const known = await findMeta(connection);
  if (known === undefined) {
    if (session === undefined) throw damaged(path, 'It does not say which session it belongs to');
    const { sessionId, initialCash, spotSymbols } = session;
    await connection.run(
      `INSERT INTO meta (key, value)
       VALUES ('session_id', ?), ('initial_cash', ?), ('spot_symbols', ?)`,
      sessionId,
      initialCash,
      JSON.stringify(spotSymbols),
    );
    return { sessionId, initialCash, spotSymbols };
  }
  if (session !== undefined && session.sessionId !== known.sessionId) {
    throw damaged(path, `It belongs to session ${known.sessionId}, not to ${session.sessionId}`);
  }
  return known;
}

export async function readMeta(connection: Connection, path: string): Promise<StoreMeta> {
  const known = await findMeta(connection);
  if (known === undefined) throw damaged(path, 'It does not say which session it belongs to');
  return known;
}

async function findMeta(connection: Connection): Promise<StoreMeta | undefined> {
  const rows = await connection.all<{ readonly key: string; readonly value: string }>(
    'SELECT key, value FROM meta',
  );
  const values = new Map(rows.map(({ key, value }) => [key, value]));
  const sessionId = values.get('session_id');
  const initialCash = values.get('initial_cash');
  if (sessionId === undefined || initialCash === undefined) return undefined;
  const spotSymbols = JSON.parse(values.get('spot_symbols') ?? '[]') as readonly string[];
  return { sessionId, initialCash, spotSymbols };
}
