// The bundles of one run on an exchange: one when a kill has been taken in, one when the run has
// ended, however it came. The last is written when everything else has been given back: the
// account, its connections and the session are free meanwhile.
import type { Clock } from '@strategy-runner/core';
import { EXIT, exitCodeOf } from '../errors.js';
import type { SessionFolder } from '../store/session-folder.js';
import { writeEndBundle } from './end-bundle.js';
import { KillBundle } from './kill-bundle.js';
import type { RunWatch } from './run-watch.js';
import type { StopSignals } from './stop-signals.js';

/** A million rows take about 20 s; a supervisor waits 90 s before it kills. */
const END_WITHIN_MS = 30_000;

export interface RunBundlesOptions {
  /** Not with --no-end-bundle. */
  readonly isWanted: boolean;
  readonly clock: Clock;
  readonly watch: Pick<RunWatch, 'log'>;
  readonly signals: Pick<StopSignals, 'untilAgain'>;
}

export interface Bundled<Result> {
  readonly result: Result;
  /** Path; null where none was written. */
  readonly bundle: string | null;
}

export class RunBundles {
  readonly #options: RunBundlesOptions;
  #folder: SessionFolder | undefined;
  #kill: KillBundle | undefined;

  constructor(options: RunBundlesOptions) {
    this.#options = options;
  }

  /** From here on there is something to bundle. */
  begin(folder: SessionFolder): void {
    const { clock, watch } = this.#options;
    this.#folder = folder;
    this.#kill = new KillBundle({ folder, clock, log: watch.log });
  }

  readonly onKilled = (): void => {
    if (this.#options.isWanted) this.#kill?.write();
  };

  /** Writes the last one when the work has ended. A start that is refused has run nothing. */
  async after<Result>(work: () => Promise<Result>): Promise<Bundled<Result>> {
    let result: Result;
    try {
      result = await work();
    } catch (error) {
      await this.#kill?.stop();
      if (exitCodeOf(error) !== EXIT.refused) await this.#end();
      throw error;
    }
    await this.#kill?.stop();
    return { result, bundle: await this.#end() };
  }

  async #end(): Promise<string | null> {
    const { isWanted, clock, watch, signals } = this.#options;
    const folder = this.#folder;
    if (!isWanted || folder === undefined) return null;
    const written = await signals.untilAgain((signal) =>
      writeEndBundle({ folder, clock, signal, withinMs: END_WITHIN_MS }),
    );
    if (written.path === null) {
      const { why, next } = written;
      watch.log.warn({ event: 'bundle_not_written', why, next }, 'no bundle was written');
    } else watch.log.info({ event: 'bundle_written', path: written.path });
    return written.path;
  }
}
