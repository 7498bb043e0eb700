// What the account store says when it cannot do its work. A file that cannot be read is never taken
// for an empty one: the account counts as killed until an operator has looked.
import { EXIT, RunnerError } from '../errors.js';
import { codeOf } from '../private-files/error-code.js';
import { type AccountId, accountName } from './account-folder.js';

/** The words that name an account to a command. */
export function accountFlags({ exchange, account }: AccountId): string {
  return `--exchange ${exchange.toLowerCase()} --account ${account}`;
}

export function accountDamaged(id: AccountId, path: string, why: string): RunnerError {
  return new RunnerError({
    code: 'ACCOUNT_STORE_DAMAGED',
    exitCode: EXIT.badData,
    message: `${path} cannot be read as a file of account ${accountName(id)}`,
    why: `${why}. The account counts as killed`,
    next:
      'see at the venue what is open, stop the runner, then ' +
      `runner kill --reset ${accountFlags(id)} --reason <text> sets the damaged file aside`,
    context: { path },
  });
}

export function accountUnwritable(path: string, cause: unknown): RunnerError {
  if (cause instanceof RunnerError) return cause;
  return new RunnerError({
    code: 'ACCOUNT_STORE_UNWRITABLE',
    exitCode: EXIT.refused,
    message: `${path} cannot be written`,
    why: reasonOf(cause),
    next: 'name a folder of yours in XDG_STATE_HOME; a running process can be ended with SIGTERM',
    cause,
    context: { path },
  });
}

/** Why a file could not be read, in a few words. */
export function reasonOf(error: unknown): string {
  return codeOf(error) || (error instanceof Error ? error.message : String(error));
}
