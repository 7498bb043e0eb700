// Kill, stop and pause: one small file each, there while the flag is up. Whoever raises one
// replaces a whole file and reads nothing first, so that a kill waits for nobody and is never
// overwritten by what another process had read before.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunnerError } from '../errors.js';
import { codeOf } from '../private-files/error-code.js';
import { replacePrivateFile } from '../private-files/private-file.js';
import { accountDamaged, reasonOf } from './account-error.js';
import type { AccountId } from './account-folder.js';

export const FLAG_NAMES = ['kill', 'stop', 'pause'] as const;
export type FlagName = (typeof FLAG_NAMES)[number];

export interface Flag {
  /** ISO time of the wall clock. */
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

export interface AccountFlags {
  readonly kill: Flag | null;
  readonly stop: Flag | null;
  readonly pause: Flag | null;
  /** Set where a file could not be read; `kill` is up then. */
  readonly damage: RunnerError | null;
}

export function flagPath(folder: string, name: FlagName): string {
  return join(folder, `${name}.json`);
}

export async function writeFlag(
  folder: string,
  name: FlagName,
  content: Flag & AccountId,
): Promise<void> {
  await replacePrivateFile(flagPath(folder, name), `${JSON.stringify(content, null, 2)}\n`);
}

export async function removeFlag(folder: string, name: FlagName): Promise<void> {
  await rm(flagPath(folder, name), { force: true });
}

export type FlagReading =
  | { readonly ok: true; readonly flag: Flag | null }
  | { readonly ok: false; readonly error: RunnerError };

export async function readFlag(
  folder: string,
  name: FlagName,
  id: AccountId,
): Promise<FlagReading> {
  const path = flagPath(folder, name);
  try {
    const flag = flagOf(JSON.parse(await readFile(path, 'utf8')));
    if (flag !== undefined) return { ok: true, flag };
    return { ok: false, error: accountDamaged(id, path, 'It does not say when, by whom and why') };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { ok: true, flag: null };
    return { ok: false, error: accountDamaged(id, path, reasonOf(error)) };
  }
}

function flagOf(content: unknown): Flag | undefined {
  if (typeof content !== 'object' || content === null) return undefined;
  const { at, by, reason } = content as Readonly<Record<string, unknown>>;
  const isWhole = typeof at === 'string' && typeof by === 'string' && typeof reason === 'string';
  return isWhole ? { at, by, reason } : undefined;
}
