// Where accounts are kept on this machine, from the environment.
import { homedir } from 'node:os';
import { resolveStateDir } from '../account-store/account-folder.js';

/** `$XDG_STATE_HOME/strategy-runner`, by default below ~/.local/state. */
export function stateDirOf(): string {
  return resolveStateDir(process.env['XDG_STATE_HOME'], homedir());
}
