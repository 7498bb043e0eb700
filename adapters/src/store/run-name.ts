// Under which name of a config file a session is run, kept in its folder. On paper it tells two
// runs of one strategy and symbol apart; on an account it is for people.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replacePrivateFile } from '../private-files/private-file.js';
import { writeFailed } from './store-error.js';

export const RUN_FILE = 'run.json';

export function runFileText(run: string): string {
  return `${JSON.stringify({ schema: 'runner.run/1', run })}\n`;
}

/** Undefined where it is run under none. */
export async function readRunName(sessionPath: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(sessionPath, RUN_FILE), 'utf8');
    const { run } = JSON.parse(text) as { readonly run?: unknown };
    return typeof run === 'string' ? run : undefined;
  } catch {
    return undefined;
  }
}

/** Errors: STORE_WRITE_FAILED (1). */
export async function writeRunName(sessionPath: string, run: string): Promise<void> {
  if ((await readRunName(sessionPath)) === run) return;
  const path = join(sessionPath, RUN_FILE);
  await replacePrivateFile(path, runFileText(run)).catch((error: unknown) => {
    throw writeFailed(path, error);
  });
}
