// Brings what operators told the account to the run that holds its lock: first the commands that
// wait, oldest first, then every flag that is up and not yet told. Whatever the order in which two
// terminals spoke, the run ends as the flags say.
import type { AccountStore } from './account-store.js';
import { type AccountCommand, pendingCommands, removeCommand } from './command-files.js';
import { type AccountFlags, FLAG_NAMES, type FlagName } from './flag-file.js';

const POLL_MS = 500;

export interface WatchOptions {
  readonly store: AccountStore;
  /** Removed for good only once this has returned: told again after a crash. */
  readonly onCommand: (command: AccountCommand) => void | Promise<void>;
  /** The commands could not be read, or `onCommand` threw; flags are still watched. */
  readonly onFault: (error: unknown) => void;
  readonly pollMs?: number;
}

export interface FlagWatch {
  /** What the last look has found. */
  readonly flags: AccountFlags;
  /** Looks now, once a look under way has ended. */
  look(): Promise<void>;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

/** Resolves after the first look: what was up at the start has been told by then. */
export async function watchFlags(options: WatchOptions): Promise<FlagWatch> {
  const watcher = new Watcher(options, await options.store.readFlags());
  await watcher.look();
  watcher.start();
  return watcher;
}

class Watcher implements FlagWatch {
  readonly #options: WatchOptions;
  /** When each flag that has been told was raised, by whom and why. */
  readonly #told = new Map<FlagName, string>();
  #flags: AccountFlags;
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: WatchOptions, flags: AccountFlags) {
    this.#options = options;
    this.#flags = flags;
  }

  get flags(): AccountFlags {
    return this.#flags;
  }

  start(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      void this.look().then(() => this.start());
    }, this.#options.pollMs ?? POLL_MS);
  }

  look(): Promise<void> {
    this.#looking = this.#lookAfter(this.#looking);
    return this.#looking;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  async #lookAfter(before: Promise<void>): Promise<void> {
    await before;
    if (this.#isStopped) return;
    await this.#guarded(() => this.#takeCommands());
    await this.#guarded(() => this.#tellFlags());
  }

  async #takeCommands(): Promise<void> {
    for (const pending of await pendingCommands(this.#options.store.folder)) {
      const { command } = pending;
      await this.#options.onCommand(command);
      // A flag raised meanwhile is told after it, even one that was told before.
      if (command.command === 'resume' && command.ack === undefined) {
        this.#told.delete('pause');
        this.#told.delete('stop');
      }
      if (command.command === 'reset_kill') this.#told.delete('kill');
      await removeCommand(pending);
    }
  }

  async #tellFlags(): Promise<void> {
    this.#flags = await this.#options.store.readFlags();
    for (const name of FLAG_NAMES) {
      const flag = this.#flags[name];
      if (flag === null) {
        this.#told.delete(name);
        continue;
      }
      const { at, by, reason } = flag;
      const raised = JSON.stringify([at, by, reason]);
      if (this.#told.get(name) === raised) continue;
      await this.#options.onCommand({ command: name, by, reason });
      this.#told.set(name, raised);
    }
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.onFault(error);
    }
  }
}
