// Where log lines go: stderr, and the log of a session once there is one. What was said before is
// kept for it. A file that cannot be written is given up and said once: the run goes on.
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { type DestinationStream, destination, pino } from 'pino';

/** Lines said before the session is known; a start that lasts for hours must not fill memory. */
const EARLY_MAX = 1000;
/** A start with a larger file puts it aside as `<name>.1.log`, in place of an earlier one. */
const FILE_MAX_BYTES = 16 * 1024 * 1024;

export class LogOutput implements DestinationStream {
  readonly #stderr = destination({ dest: 2, sync: true });
  #early: string[] | null = [];
  #file: number | null = null;

  write(line: string): void {
    this.#stderr.write(line);
    if (this.#file !== null) this.#append(line);
    else if (this.#early !== null && this.#early.length < EARLY_MAX) this.#early.push(line);
  }

  /** From now on every line is also appended to `<path>.log`; only its owner may read it. */
  keepIn(path: string): void {
    const early = this.#early ?? [];
    this.#early = null;
    try {
      this.#file = openLog(path);
    } catch (error) {
      return this.#giveUp(error);
    }
    for (const line of early) this.#append(line);
  }

  /** Stderr alone from here on. */
  release(): void {
    this.#early = null;
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #append(line: string): void {
    if (this.#file === null) return;
    try {
      writeSync(this.#file, line);
    } catch (error) {
      this.release();
      this.#giveUp(error);
    }
  }

  #giveUp(error: unknown): void {
    const log = pino({ base: {}, timestamp: pino.stdTimeFunctions.isoTime }, this.#stderr);
    const said = { event: 'log_unwritten', why: String(error) };
    log.warn(said, 'the log is not kept in the session from here on; the run goes on');
  }
}

function openLog(path: string): number {
  const file = openSync(`${path}.log`, 'a', 0o600);
  if (fstatSync(file).size <= FILE_MAX_BYTES) return file;
  closeSync(file);
  renameSync(`${path}.log`, `${path}.1.log`);
  return openSync(`${path}.log`, 'a', 0o600);
}
