// What an operator told an account and no run has heard yet: one file per command, written by any
// process and removed by the run that has taken it, so that a command given while nothing runs
// reaches the next start.
import { readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../private-files/error-code.js';
import { makePrivateFolders, replacePrivateFile } from '../private-files/private-file.js';

/** The part of the engine's `command` event that an operator decides. */
export interface AccountCommand {
  readonly command: 'pause' | 'resume' | 'stop' | 'kill' | 'reset_kill';
  readonly by: string;
  readonly reason: string;
  /** With `resume`: the trade id or divergence that is acknowledged. */
  readonly ack?: string;
}

export interface PendingCommand {
  readonly path: string;
  readonly atMs: number;
  readonly command: AccountCommand;
}

const LISTED = /^\d{16}-\d+-\d+\.json$/;
let given = 0;

const folderOf = (folder: string): string => join(folder, 'commands');

export async function leaveCommand(
  folder: string,
  atMs: number,
  command: AccountCommand,
): Promise<void> {
  given += 1;
  const order = [String(atMs).padStart(16, '0'), process.pid, String(given).padStart(6, '0')];
  await makePrivateFolders(folderOf(folder));
  await replacePrivateFile(
    join(folderOf(folder), `${order.join('-')}.json`),
    `${JSON.stringify(command)}\n`,
  );
}

/** Oldest first. What cannot be read is set aside: a flag says what must hold, never a command. */
export async function pendingCommands(folder: string): Promise<readonly PendingCommand[]> {
  const pending: PendingCommand[] = [];
  for (const name of await namesIn(folderOf(folder))) {
    const path = join(folderOf(folder), name);
    const command = commandOf(await readFile(path, 'utf8').catch(() => ''));
    if (command === undefined) await setAside(path);
    else pending.push({ path, atMs: Number(name.slice(0, 16)), command });
  }
  return pending;
}

export async function removeCommand({ path }: PendingCommand): Promise<void> {
  await rm(path, { force: true });
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => LISTED.test(name)).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function setAside(path: string): Promise<void> {
  try {
    await rename(path, `${path}.unreadable`);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

const COMMANDS: readonly unknown[] = ['resume', 'reset_kill'];

function commandOf(text: string): AccountCommand | undefined {
  try {
    const { command, by, reason, ack } = JSON.parse(text) as Partial<AccountCommand>;
    const isWhole = COMMANDS.includes(command) && isText(by) && isText(reason);
    if (!isWhole || (ack !== undefined && !isText(ack))) return undefined;
    return { command: command!, by, reason, ...(ack === undefined ? {} : { ack }) };
  } catch {
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
