// account.json: the epoch of the lock and what must outlive every session. Only the holder of the
// lock writes it, so that nothing is ever read, changed and written back by two at once.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../private-files/error-code.js';
import { replacePrivateFile } from '../private-files/private-file.js';
import { accountDamaged, reasonOf } from './account-error.js';
import type { AccountId } from './account-folder.js';

export interface AccountFile extends AccountId {
  readonly schema: 'runner.account/1';
  /** Rises with every taking of the lock; a write under an older one is somebody else's. */
  readonly epoch: number;
  /** Symbols that this account has ever traded: a reconciliation reads them all (R25). */
  readonly ever_traded: readonly string[];
}

export const accountFilePath = (folder: string): string => join(folder, 'account.json');

/** Undefined where no run has ever held the account. Errors: ACCOUNT_STORE_DAMAGED (65). */
export async function readAccountFile(
  folder: string,
  id: AccountId,
): Promise<AccountFile | undefined> {
  const path = accountFilePath(folder);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw accountDamaged(id, path, reasonOf(error));
  }
  const file = parse(text);
  if (file === undefined) throw accountDamaged(id, path, 'Its content is not what was written');
  return file;
}

export async function writeAccountFile(folder: string, file: AccountFile): Promise<void> {
  await replacePrivateFile(accountFilePath(folder), `${JSON.stringify(file, null, 2)}\n`);
}

function parse(text: string): AccountFile | undefined {
  const content = json(text);
  if (typeof content !== 'object' || content === null) return undefined;
  const { schema, exchange, account, epoch, ever_traded } = content as Partial<AccountFile>;
  const isWhole =
    schema === 'runner.account/1' &&
    typeof exchange === 'string' &&
    typeof account === 'string' &&
    typeof epoch === 'number' &&
    Number.isSafeInteger(epoch) &&
    Array.isArray(ever_traded) &&
    ever_traded.every((symbol) => typeof symbol === 'string');
  return isWhole ? { schema, exchange, account, epoch, ever_traded } : undefined;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
