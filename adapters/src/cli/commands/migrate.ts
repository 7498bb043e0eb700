// `runner migrate`: brings session stores to this version's layout. Safe to run twice; a store
// that a newer version wrote is left exactly as it is.
import { access } from 'node:fs/promises';
import { EXIT, RunnerError } from '../../errors.js';
import { openSession } from '../../store/session-folder.js';
import { listSessions } from '../../store/session-list.js';
import { migrateStore } from '../../store/sqlite/migrate-store.js';
import { sessionsDirOf } from '../run-args.js';

export interface MigrateArgs {
  readonly session?: string;
  readonly sessions?: string;
  readonly json: boolean;
}

interface Done {
  readonly session_id: string;
  readonly from: number;
  readonly to: number;
  readonly backup: string | null;
}

export async function runMigrateCommand(args: MigrateArgs): Promise<number> {
  const sessionsDir = sessionsDirOf(args.sessions);
  // A store of another version cannot be listed with what it holds, and is just the one to look at.
  const ids =
    args.session === undefined
      ? (await listSessions(sessionsDir)).map(({ id }) => id)
      : [args.session];
  const migrated: Done[] = [];
  let refused: RunnerError | undefined;
  for (const id of ids) {
    try {
      migrated.push(...(await migrateSession(sessionsDir, id)));
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      // One store that cannot be migrated must not keep the others from it.
      refused ??= error;
    }
  }
  if (refused === undefined || migrated.length > 0) {
    process.stdout.write(args.json ? json(migrated) : text(migrated));
  }
  if (refused !== undefined) throw refused;
  return EXIT.ok;
}

/** Nothing for a session without a store, such as a backtest's. */
async function migrateSession(sessionsDir: string, id: string): Promise<readonly Done[]> {
  const { databasePath } = await openSession(sessionsDir, id);
  const hasStore = await access(databasePath).then(
    () => true,
    () => false,
  );
  if (!hasStore) return [];
  const { from, to, backup = null } = await migrateStore(databasePath);
  return [{ session_id: id, from, to, backup }];
}

function json(migrated: readonly Done[]): string {
  return `${JSON.stringify({ schema: 'runner.migrate/1', migrated })}\n`;
}

function text(migrated: readonly Done[]): string {
  const lines = migrated.map(({ session_id, from, to, backup }) => {
    if (from === to) return `${session_id}  up to date (version ${to})`;
    return `${session_id}  version ${from} to ${to}${backup === null ? '' : `, backup ${backup}`}`;
  });
  return `${lines.length === 0 ? 'no stores to migrate' : lines.join('\n')}\n`;
}
