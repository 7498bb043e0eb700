// A run of the config file says which session it is: to its supervisor, if it has one, and in the
// session's folder, where `runner status --config` finds it.
import { writeRunName } from '../../store/run-name.js';
import type { SessionFolder } from '../../store/session-folder.js';

/** While the session is locked. Errors: STORE_WRITE_FAILED (1). */
export async function announceSession(
  { id, path }: Pick<SessionFolder, 'id' | 'path'>,
  run: string | undefined,
): Promise<void> {
  // Whoever is gone meanwhile needs not hear it.
  if (process.connected) process.send?.({ session: id }, () => undefined);
  if (run !== undefined) await writeRunName(path, run);
}
