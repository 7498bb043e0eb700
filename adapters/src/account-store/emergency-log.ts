// Journal rows of a run whose journal could no longer be written: appended as JSON lines in the
// account's folder, which lies on another path than the session. For people, and for the next
// start, which notes the gap; never read back into an engine.
import { appendFileSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { EmergencyLog, JournalRow } from '@strategy-runner/core';

const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;

export class FileEmergencyLog implements EmergencyLog {
  readonly #folder: string;
  readonly #path: string;
  readonly #onFault: (error: unknown) => void;

  constructor(
    accountFolder: string,
    sessionId: string,
    run: number,
    onFault: (error: unknown) => void,
  ) {
    this.#folder = folderOf(accountFolder);
    this.#path = join(this.#folder, `${sessionId}.${run}.jsonl`);
    this.#onFault = onFault;
  }

  /** Synchronous and without a throw: what closes risk must not wait for this, nor fail with it. */
  append(rows: readonly JournalRow[]): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: PRIVATE_FOLDER });
      const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      appendFileSync(this.#path, text, { mode: PRIVATE_FILE, flush: true });
    } catch (error) {
      this.#onFault(error);
    }
  }
}

export interface EmergencyRows {
  readonly path: string;
  readonly rows: number;
}

/** What earlier runs of the session have left. */
export function emergencyRows(accountFolder: string, sessionId: string): readonly EmergencyRows[] {
  const folder = folderOf(accountFolder);
  return namesIn(folder)
    .filter((name) => name.startsWith(`${sessionId}.`) && name.endsWith('.jsonl'))
    .map((name) => {
      const path = join(folder, name);
      return { path, rows: readFileSync(path, 'utf8').split('\n').length - 1 };
    });
}

/** Where they will be kept. */
export function emergencyAside({ path }: EmergencyRows): string {
  return `${path}.noted`;
}

/** They have been noted in the journal: kept, and not told again. */
export function setEmergencyAside(rows: EmergencyRows): string {
  const kept = emergencyAside(rows);
  renameSync(rows.path, kept);
  return kept;
}

function folderOf(accountFolder: string): string {
  return join(accountFolder, 'emergency');
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
