// The session of an account that was begun last. Only what says whose it is is read: a damaged one
// beside it does not matter, and no journal is opened.
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type SessionFolder, readSessionFolder } from './session-folder.js';

export async function newestSession(
  sessionsDir: string,
  { exchange, account }: { readonly exchange: string; readonly account: string },
): Promise<SessionFolder | undefined> {
  const path = resolve(sessionsDir);
  const names = await readdir(path).catch((): string[] => []);
  let newest: SessionFolder | undefined;
  for (const name of names) {
    const folder = await readSessionFolder(join(path, name)).catch(() => undefined);
    if (folder === undefined) continue;
    const { metadata } = folder;
    if (metadata.exchange !== exchange || metadata.account !== account) continue;
    const isLater = newest === undefined || metadata.started_at > newest.metadata.started_at;
    if (isLater) newest = folder;
  }
  return newest;
}
