// The way back from files that cannot be read: they keep another name for whoever wants to look,
// and what is needed is written anew. Only for the holder of the lock.
import { rename } from 'node:fs/promises';
import { accountFilePath, readAccountFile, writeAccountFile } from './account-file.js';
import type { AccountId } from './account-folder.js';
import { readHolder } from './account-lock.js';
import { FLAG_NAMES, flagPath, readFlag } from './flag-file.js';

/** Answers with the new names. The symbols that the account has ever traded are lost with them. */
export async function setDamagedAside(
  folder: string,
  id: AccountId,
  nowMs: number,
): Promise<readonly string[]> {
  const aside: string[] = [];
  const move = async (path: string): Promise<void> => {
    const name = `${path}.damaged-${nowMs}`;
    await rename(path, name);
    aside.push(name);
  };
  for (const name of FLAG_NAMES) {
    if (!(await readFlag(folder, name, id)).ok) await move(flagPath(folder, name));
  }
  const isRecordDamaged = await readAccountFile(folder, id).then(
    () => false,
    () => true,
  );
  if (isRecordDamaged) {
    await move(accountFilePath(folder));
    const { exchange, account } = id;
    // The holder's note has the last epoch; without it, seconds are above any count of starts.
    const epoch = (await readHolder(folder))?.epoch ?? Math.floor(nowMs / 1000);
    const ever_traded: readonly string[] = [];
    await writeAccountFile(folder, {
      schema: 'runner.account/1',
      exchange,
      account,
      epoch,
      ever_traded,
    });
  }
  return aside;
}
