// Whether the tables for people are what the journal makes of them: they are made anew beside the
// session, in a file of their own, and compared row by row by the database itself.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Connection } from '../../private-files/connection.js';
import { touchPrivateFile } from '../../private-files/private-file.js';
import { readMeta } from './meta.js';
import { PROJECTIONS, PROJECTION_NAMES, projectionsSql } from './projection-tables.js';
import { ProjectionWriter } from './projection-writer.js';

export interface ProjectionFinding {
  readonly table: string;
  /** Key of the first row that differs, is missing, or is too many. */
  readonly key: string;
  readonly what: 'differs' | 'is missing' | 'is not in the journal';
}

/** Reads only. The tables may follow behind the journal: they are compared as far as they go. */
export async function checkProjections(path: string): Promise<ProjectionFinding | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'runner-verify-'));
  const file = join(folder, 'projections.sqlite');
  await touchPrivateFile(file);
  const beside = await Connection.open(file, { isReadOnly: false, busyTimeoutMs: 0 });
  try {
    // First the tables, then the session, and that for reading: nothing here may reach into it.
    await beside.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; ${projectionsSql()}`);
    const session = `${pathToFileURL(path).href}?mode=ro`;
    await beside.run('ATTACH DATABASE ? AS session', session);
    const done = await beside.get<{ readonly seq: number }>('SELECT seq FROM session.projected');
    if (done === undefined) return undefined;
    // The journal is found in the session, since there is none beside it.
    const writer = new ProjectionWriter(beside, path, await readMeta(beside, path));
    await writer.rebuild(done.seq);
    for (const name of PROJECTION_NAMES) {
      const finding = await compare(beside, name);
      if (finding !== undefined) return finding;
    }
    return undefined;
  } finally {
    await beside.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function compare(
  beside: Connection,
  name: (typeof PROJECTION_NAMES)[number],
): Promise<ProjectionFinding | undefined> {
  const { name: table, key, columns } = PROJECTIONS[name];
  const fields = columns.join(', ');
  const is = `SELECT ${fields} FROM session.${table}`;
  const should = `SELECT ${fields} FROM main.${table}`;
  const first = async (sql: string): Promise<string | undefined> => {
    const found = await beside.get<{ readonly key: string }>(
      `SELECT ${key} AS key FROM (${sql}) ORDER BY ${key} LIMIT 1`,
    );
    return found === undefined ? undefined : String(found.key);
  };
  const wrong = await first(`${is} EXCEPT ${should}`);
  const lacking = await first(`${should} EXCEPT ${is}`);
  if (wrong === undefined && lacking === undefined) return undefined;
  if (wrong === undefined) return { table, key: lacking!, what: 'is missing' };
  const [expected] = await beside.all(`${should} WHERE ${key} = ?`, wrong);
  return { table, key: wrong, what: expected ? 'differs' : 'is not in the journal' };
}
