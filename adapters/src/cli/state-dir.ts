// Where accounts are kept on this machine, from the environment.
import { homedir } from 'node:os';
import type { SessionMetadata } from '@strategy-runner/contracts';
import type { Clock } from '@strategy-runner/core';
import { resolveStateDir } from '../account-store/account-folder.js';
import { AccountStore } from '../account-store/account-store.js';

/** `$XDG_STATE_HOME/strategy-runner`, by default below ~/.local/state. */
export function stateDirOf(): string {
  return resolveStateDir(process.env['XDG_STATE_HOME'], homedir());
}

/** Where the account of a session keeps what operators tell it. */
export function accountStoreOf(
  { exchange, account }: Pick<SessionMetadata, 'exchange' | 'account'>,
  clock: Clock,
): AccountStore {
  return new AccountStore({ stateDir: stateDirOf(), id: { exchange, account }, clock });
}
