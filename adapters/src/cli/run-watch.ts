// What a plugin does behind the host's back while a run goes on: it prints, it leaves promises and
// timers that fail. All of it goes to the log, and the faults to the run's warnings.
import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { divertConsole } from '../log/plugin-console.js';
import { type StrayFault, watchStrayFaults } from '../plugin-runtime/stray-faults.js';

/** A plugin may leave one behind at each of a million bars. */
const MAX_FAULTS = 1000;

export class RunWatch {
  /** The log of the run; replaced once it is known whose run it is. */
  log: Logger;
  readonly faults: StrayFault[] = [];
  readonly #restoreConsole: () => void;
  readonly #allowExit: () => void;

  constructor(log: Logger) {
    this.log = log;
    this.#restoreConsole = divertConsole((text) =>
      this.log.warn({ event: 'plugin_console' }, text),
    );
    this.#allowExit = watchStrayFaults((fault) => {
      if (this.faults.length < MAX_FAULTS) this.faults.push(fault);
      this.log.error({ event: 'plugin_fault', code: fault.code }, fault.message);
    });
  }

  /** What was left to fail at once has failed when this resolves. */
  async settled(): Promise<readonly StrayFault[]> {
    await setImmediate();
    await setImmediate();
    return this.faults;
  }

  release(): void {
    this.#restoreConsole();
    this.#allowExit();
  }
}
