// What a plugin does behind the host's back while a run goes on: it prints, it leaves promises and
// timers that fail. All of it goes to the log, and the faults to the run's warnings.
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { LogOutput } from '../log/log-output.js';
import type { LogContext } from '../log/log.js';
import { divertConsole } from '../log/plugin-console.js';
import { type StrayFault, watchStrayFaults } from '../plugin-runtime/stray-faults.js';
import type { SessionFolder } from '../store/session-folder.js';

/** A plugin may leave one behind at each of a million bars. */
const MAX_FAULTS = 1000;

export class RunWatch {
  /** The log of the run; replaced once it is known whose run it is. */
  log: Logger;
  readonly faults: StrayFault[] = [];
  readonly #output: LogOutput | undefined;
  readonly #restoreConsole: () => void;
  readonly #allowExit: () => void;

  constructor(log: Logger, output?: LogOutput) {
    this.log = log;
    this.#output = output;
    this.#restoreConsole = divertConsole((text) =>
      this.log.warn({ event: 'plugin_console' }, text),
    );
    this.#allowExit = watchStrayFaults((fault) => {
      if (this.faults.length < MAX_FAULTS) this.faults.push(fault);
      this.log.error({ event: 'plugin_fault', code: fault.code }, fault.message);
    });
  }

  /** The log is of that session from now on, and is kept in it as `runner.log`. */
  isOf({ path, id }: Pick<SessionFolder, 'path' | 'id'>, context: LogContext): void {
    this.log = this.log.child({ session: id, ...context });
    this.#output?.keepIn(join(path, 'runner'));
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
    this.#output?.release();
  }
}
