// One runner per account, and per API key: two account names with the same key would trade one
// account. Both locks are the kernel's and end with the process. The epoch rises with every taking.
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { EXIT, RunnerError } from '../errors.js';
import { type FileLock, isFileLocked, lockFile } from '../private-files/file-lock.js';
import { makePrivateFolders, replacePrivateFile } from '../private-files/private-file.js';
import { accountFlags, accountUnwritable } from './account-error.js';
import { type AccountFile, readAccountFile, writeAccountFile } from './account-file.js';
import { type AccountId, accountFolder, accountName, keyFolder } from './account-folder.js';

// A command that only looks who holds the lock is through within this time.
const LOOK_MS = 1000;

export interface AccountHolder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  readonly session: string;
  readonly exchange: string;
  readonly account: string;
  readonly epoch: number;
}

export interface LockRequest {
  readonly stateDir: string;
  readonly id: AccountId;
  /** Left out where there is none: paper. */
  readonly apiKey?: string;
  readonly session: string;
  /** ISO time of the wall clock. */
  readonly since: string;
}

export interface AccountLock {
  readonly epoch: number;
  readonly everTraded: readonly string[];
  /** False once the folder was removed or another took over: stop sending. */
  isStillHeld(): Promise<boolean>;
  /** Remembers symbols for good. Errors: ACCOUNT_STORE_UNWRITABLE (77). */
  noteTraded(symbols: readonly string[]): Promise<void>;
  release(): Promise<void>;
}

/** Errors: ACCOUNT_BUSY (75), ACCOUNT_STORE_DAMAGED (65), ACCOUNT_STORE_UNWRITABLE (77). */
export async function lockAccount(request: LockRequest): Promise<AccountLock> {
  const { stateDir, id, apiKey } = request;
  const folder = accountFolder(stateDir, id);
  const folders = [
    folder,
    ...(apiKey === undefined ? [] : [keyFolder(stateDir, id.exchange, apiKey)]),
  ];
  const locks: FileLock[] = [];
  try {
    for (const place of folders) locks.push(await lockFolder(place, id));
    const known = await readAccountFile(folder, id);
    const file = nextFile(id, known);
    await writeAccountFile(folder, file).catch(unwritable(folder));
    for (const place of folders) await writeHolder(place, request, file.epoch);
    return new HeldAccount(folder, file, locks);
  } catch (error) {
    for (const lock of locks) await lock.release();
    throw error;
  }
}

/** Who runs the account now; null = nobody. */
export async function accountHolder(
  stateDir: string,
  id: AccountId,
): Promise<AccountHolder | 'unnamed' | null> {
  const folder = accountFolder(stateDir, id);
  if (!(await isFileLocked(lockPath(folder)))) return null;
  return (await readHolder(folder)) ?? 'unnamed';
}

class HeldAccount implements AccountLock {
  readonly #folder: string;
  readonly #locks: readonly FileLock[];
  #file: AccountFile;
  #writing: Promise<void> = Promise.resolve();

  constructor(folder: string, file: AccountFile, locks: readonly FileLock[]) {
    this.#folder = folder;
    this.#file = file;
    this.#locks = locks;
  }

  get epoch(): number {
    return this.#file.epoch;
  }

  get everTraded(): readonly string[] {
    return this.#file.ever_traded;
  }

  async isStillHeld(): Promise<boolean> {
    for (const lock of this.#locks) {
      if (!(await lock.isStillThere())) return false;
    }
    const file = await readAccountFile(this.#folder, this.#file).catch(() => undefined);
    return file?.epoch === this.#file.epoch;
  }

  async noteTraded(symbols: readonly string[]): Promise<void> {
    const all = new Set([...this.#file.ever_traded, ...symbols]);
    if (all.size === this.#file.ever_traded.length) return this.#writing;
    this.#file = { ...this.#file, ever_traded: [...all].sort() };
    const write = (): Promise<void> =>
      writeAccountFile(this.#folder, this.#file).catch(unwritable(this.#folder));
    // One after the other, whatever became of the one before; each writes the newest.
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }

  async release(): Promise<void> {
    await this.#writing.catch(() => undefined);
    for (const lock of this.#locks) await lock.release();
  }
}

/** Errors: ACCOUNT_BUSY (75), ACCOUNT_STORE_UNWRITABLE (77). */
export async function lockFolder(folder: string, id: AccountId): Promise<FileLock> {
  const lock = await makePrivateFolders(folder)
    .then(() => lockFile(lockPath(folder), LOOK_MS))
    .catch(unwritable(folder));
  if (lock === undefined) throw busy(id, await readHolder(folder));
  return lock;
}

function nextFile(id: AccountId, known: AccountFile | undefined): AccountFile {
  const { exchange, account } = id;
  return {
    schema: 'runner.account/1',
    exchange: exchange.toLowerCase(),
    account,
    epoch: (known?.epoch ?? 0) + 1,
    ever_traded: known?.ever_traded ?? [],
  };
}

async function writeHolder(folder: string, request: LockRequest, epoch: number): Promise<void> {
  const { id, session, since } = request;
  const { exchange, account } = id;
  const place = { pid: process.pid, host: hostname(), since };
  const holder: AccountHolder = { ...place, session, exchange, account, epoch };
  const text = `${JSON.stringify(holder)}\n`;
  await replacePrivateFile(holderPath(folder), text).catch(unwritable(folder));
}

// For people only: whoever takes the lock writes it down a moment later.
export async function readHolder(folder: string): Promise<AccountHolder | undefined> {
  try {
    const holder = JSON.parse(await readFile(holderPath(folder), 'utf8')) as AccountHolder;
    return typeof holder.pid === 'number' ? holder : undefined;
  } catch {
    return undefined;
  }
}

function busy(id: AccountId, holder: AccountHolder | undefined): RunnerError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid}`;
  const isSame = holder === undefined || accountName(holder) === accountName(id);
  const what = isSame ? '' : `, as ${accountName(holder)} with the same API key`;
  const named = holder === undefined || isSame ? id : holder;
  return new RunnerError({
    code: 'ACCOUNT_BUSY',
    exitCode: EXIT.busy,
    message: `account ${accountName(id)} is being run by ${who}${what}`,
    ...(holder === undefined
      ? {}
      : { why: `It runs session ${holder.session} on ${holder.host} since ${holder.since}` }),
    next: `wait for it to end, or runner stop ${accountFlags(named)} --reason <text>`,
    context: { holder },
  });
}

const lockPath = (folder: string): string => join(folder, 'lock.sqlite');
const holderPath = (folder: string): string => join(folder, 'lock.json');

function unwritable(folder: string): (cause: unknown) => never {
  return (cause) => {
    throw accountUnwritable(folder, cause);
  };
}
