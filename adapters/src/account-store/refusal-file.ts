// Until when the venue refuses this address: durable, and seen by every process before its next
// call, which asks for the file's time stamp only.
import { readFileSync, statSync } from 'node:fs';
import { replacePrivateFile } from '../private-files/private-file.js';

export interface Refusals {
  /** Nothing but `urgent` before, wall ms. */
  readonly refusedUntilMs: number;
  /** Nothing at all before, wall ms. */
  readonly bannedUntilMs: number;
}

const NONE: Refusals = { refusedUntilMs: 0, bannedUntilMs: 0 };

export function laterOf(a: Refusals, b: Refusals): Refusals {
  return {
    refusedUntilMs: Math.max(a.refusedUntilMs, b.refusedUntilMs),
    bannedUntilMs: Math.max(a.bannedUntilMs, b.bannedUntilMs),
  };
}

export class RefusalFile {
  readonly #path: string;
  #stamp = '';
  #stored: Refusals = NONE;

  constructor(path: string) {
    this.#path = path;
  }

  /** What any process has stored. A file that cannot be read leaves what was known. */
  read(): Refusals {
    const stats = statSync(this.#path, { throwIfNoEntry: false });
    const stamp = stats === undefined ? '' : `${stats.ino}:${stats.mtimeMs}`;
    if (stamp === this.#stamp) return this.#stored;
    this.#stamp = stamp;
    this.#stored = stats === undefined ? NONE : (parse(this.#path) ?? this.#stored);
    return this.#stored;
  }

  /** Never earlier than what another process has stored; the caller keeps others out meanwhile. */
  async raise(refusals: Refusals): Promise<void> {
    const next = laterOf(this.read(), refusals);
    await replacePrivateFile(this.#path, `${JSON.stringify(next)}\n`);
  }
}

function parse(path: string): Refusals | undefined {
  try {
    const content = JSON.parse(readFileSync(path, 'utf8')) as Partial<Refusals> | null;
    const { refusedUntilMs, bannedUntilMs } = content ?? {};
    const isWhole = Number.isFinite(refusedUntilMs) && Number.isFinite(bannedUntilMs);
    return isWhole ? (content as Refusals) : undefined;
  } catch {
    return undefined;
  }
}
