// What any process may ask and tell about an account without the lock and without the network: its
// flags, who runs it, and commands for the run that holds it. Reading fails closed.
import type { Clock } from '@strategy-runner/core';
import { RunnerError } from '../errors.js';
import { makePrivateFolders } from '../private-files/private-file.js';
import { accountUnwritable } from './account-error.js';
import { type AccountFile, readAccountFile } from './account-file.js';
import { type AccountId, accountFolder } from './account-folder.js';
import {
  type AccountHolder,
  type AccountLock,
  type LockRequest,
  accountHolder,
  lockAccount,
  lockFolder,
} from './account-lock.js';
import { leaveCommand } from './command-files.js';
import {
  type AccountFlags,
  type Flag,
  type FlagName,
  type FlagReading,
  readFlag,
  removeFlag,
  writeFlag,
} from './flag-file.js';
import { setDamagedAside } from './set-damaged-aside.js';

export interface Operator {
  readonly by: string;
  readonly reason: string;
}

export interface AccountStoreInit {
  readonly stateDir: string;
  readonly id: AccountId;
  readonly clock: Clock;
}

export class AccountStore {
  readonly id: AccountId;
  readonly folder: string;
  readonly #stateDir: string;
  readonly #clock: Clock;

  constructor({ stateDir, id, clock }: AccountStoreInit) {
    this.id = { exchange: id.exchange.toLowerCase(), account: id.account };
    this.folder = accountFolder(stateDir, id);
    this.#stateDir = stateDir;
    this.#clock = clock;
  }

  /** Never throws: what cannot be read comes back as a kill, with the error in `damage`. */
  async readFlags(): Promise<AccountFlags> {
    const [kill, stop, pause] = await Promise.all([
      readFlag(this.folder, 'kill', this.id),
      readFlag(this.folder, 'stop', this.id),
      readFlag(this.folder, 'pause', this.id),
    ]);
    const record = await this.#record();
    const broken = [kill, stop, pause].find((reading) => !reading.ok);
    const damage = record instanceof RunnerError ? record : null;
    const error = broken?.ok === false ? broken.error : damage;
    const flags = { stop: flagIn(stop), pause: flagIn(pause) };
    if (error === null) return { kill: flagIn(kill), ...flags, damage: null };
    const { message } = error;
    const closed: Flag = { at: '1970-01-01T00:00:00.000Z', by: 'account store', reason: message };
    return { kill: flagIn(kill) ?? closed, ...flags, damage: error };
  }

  /** Durable when it returns. Needs no lock and waits for nobody. */
  async setFlag(name: FlagName, { by, reason }: Operator): Promise<Flag> {
    const flag: Flag = { at: new Date(this.#clock.now()).toISOString(), by, reason };
    await this.#written(async () => {
      await makePrivateFolders(this.folder);
      await writeFlag(this.folder, name, { ...this.id, ...flag });
    });
    return flag;
  }

  /** Takes pause and stop back and tells the run, this one or the next. */
  async resume(operator: Operator): Promise<void> {
    await this.#written(async () => {
      await removeFlag(this.folder, 'pause');
      await removeFlag(this.folder, 'stop');
      await leaveCommand(this.folder, this.#clock.now(), { command: 'resume', ...operator });
    });
  }

  /** Tells the run that a hold has been seen to; pause and stop stay as they are. */
  async acknowledge(operator: Operator, ack: string): Promise<void> {
    await this.#written(() =>
      leaveCommand(this.folder, this.#clock.now(), { command: 'resume', ...operator, ack }),
    );
  }

  /**
   * Takes a kill back while nothing runs, and sets aside what cannot be read. Answers with the
   * paths of the latter. `held`: this process has the account's lock. Errors: ACCOUNT_BUSY (75),
   * ACCOUNT_STORE_UNWRITABLE (77).
   */
  async resetKill(operator: Operator, held?: AccountLock): Promise<readonly string[]> {
    const lock = held === undefined ? await lockFolder(this.folder, this.id) : undefined;
    try {
      return await this.#written(async () => {
        const nowMs = this.#clock.now();
        const aside = await setDamagedAside(this.folder, this.id, nowMs);
        await removeFlag(this.folder, 'kill');
        await leaveCommand(this.folder, nowMs, { command: 'reset_kill', ...operator });
        return aside;
      });
    } finally {
      await lock?.release();
    }
  }

  /** Errors: ACCOUNT_BUSY (75), ACCOUNT_STORE_DAMAGED (65), ACCOUNT_STORE_UNWRITABLE (77). */
  lock(request: Omit<LockRequest, 'stateDir' | 'id' | 'since'>): Promise<AccountLock> {
    const since = new Date(this.#clock.now()).toISOString();
    return lockAccount({ ...request, stateDir: this.#stateDir, id: this.id, since });
  }

  /** Who runs the account now; null = nobody. */
  holder(): Promise<AccountHolder | 'unnamed' | null> {
    return accountHolder(this.#stateDir, this.id);
  }

  /** Whether a run has ever held the account; a damaged record counts as one. */
  async isKnown(): Promise<boolean> {
    return (await this.#record()) !== undefined;
  }

  async #record(): Promise<AccountFile | RunnerError | undefined> {
    try {
      return await readAccountFile(this.folder, this.id);
    } catch (error) {
      return error as RunnerError;
    }
  }

  async #written<Result>(write: () => Promise<Result>): Promise<Result> {
    try {
      return await write();
    } catch (error) {
      throw accountUnwritable(this.folder, error);
    }
  }
}

function flagIn(reading: FlagReading): Flag | null {
  return reading.ok ? reading.flag : null;
}
