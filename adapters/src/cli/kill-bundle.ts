// The bundle that is written when a kill has been taken in while the run goes on. Another process
// with less priority packs a copy of the store as of one moment: the engine's own does not wait.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Clock } from '@strategy-runner/core';
import type { Logger } from 'pino';
import { type PackPlace, keepBundle } from '../api/kept-bundles.js';
import { RunnerError, formatError } from '../errors.js';
import type { SessionFolder } from '../store/session-folder.js';

const RUNNER = fileURLToPath(new URL('../../bin/runner.js', import.meta.url));

/** A million rows take half a minute on a busy machine; what hangs would hold up the next one. */
const LIMIT_MS = 300_000;

export interface KillBundleOptions {
  readonly folder: Pick<SessionFolder, 'path'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** The command by which a session is packed; default: this one. */
  readonly runner?: string;
  /** Longest time that packing may take; default: five minutes. */
  readonly limitMs?: number;
}

export class KillBundle {
  readonly #options: KillBundleOptions;
  #child: ChildProcess | undefined;
  #isStopped = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: KillBundleOptions) {
    this.#options = options;
  }

  /** One after the other, should a kill be raised again meanwhile. */
  readonly write = (): void => {
    this.#writing = this.#writing.then(() => this.#write());
  };

  /** The run has ended, and writes one of its own: what is under way is given up. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#child?.kill('SIGKILL');
    await this.#writing;
  }

  async #write(): Promise<void> {
    const { folder, clock, log } = this.#options;
    if (this.#isStopped) return;
    try {
      const pack = (place: PackPlace): Promise<void> => this.#pack(place);
      const path = await keepBundle({ folder, nowMs: clock.now(), pack });
      log.warn({ event: 'bundle_written', path }, 'the session as it was at the kill');
    } catch (error) {
      if (this.#isStopped) return;
      const next = `runner bundle ${folder.path}`;
      const why = error instanceof RunnerError ? formatError(error) : String(error);
      log.warn({ event: 'bundle_not_written', why, next }, 'no bundle was written');
    }
  }

  async #pack({ out, scratch }: PackPlace): Promise<void> {
    const { folder, runner = RUNNER, limitMs = LIMIT_MS } = this.#options;
    const child = spawn(process.execPath, [runner, 'bundle', folder.path, '--out', out], {
      env: { ...process.env, TMPDIR: scratch },
      // A signal for the run, sent to all of a terminal, is not one for it.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: limitMs,
      killSignal: 'SIGKILL',
    });
    // An error that nobody hears would end the run.
    child.on('error', () => undefined);
    this.#child = child;
    if (this.#isStopped) child.kill('SIGKILL');
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    if (child.pid !== undefined) lower(child.pid);
    const [status] = (await once(child, 'close')) as readonly (number | null)[];
    this.#child = undefined;
    if (status !== 0)
      throw new Error(said.trim() || `runner bundle ended with ${status ?? 'a signal'}`);
  }
}

function lower(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // Gone already, or not allowed: it packs with the priority that it has.
  }
}
