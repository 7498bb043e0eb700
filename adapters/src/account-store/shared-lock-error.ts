// What the lock across machines says when it cannot be had, or is had no more. No text here ever
// holds the address: whoever quotes the server takes it out first.
import { EXIT, RunnerError } from '../errors.js';
import { accountFlags } from './account-error.js';
import { type AccountId, accountName } from './account-folder.js';
import type { AccountHolder } from './account-lock.js';

/** SQLSTATEs of a server that answers and will not: login, database, rights, a read-only copy. */
export const REFUSALS = /^(?:28|3D|42501|25006)/;

export function busyElsewhere(id: AccountId, holder: AccountHolder | undefined): RunnerError {
  const isSame = holder === undefined || accountName(holder) === accountName(id);
  const what = isSame ? '' : `, as ${accountName(holder)} with the same API key`;
  const named = holder === undefined || isSame ? id : holder;
  const where = holder === undefined ? 'there' : `on ${holder.host}`;
  return new RunnerError({
    code: 'ACCOUNT_BUSY',
    exitCode: EXIT.busy,
    message: `account ${accountName(id)} is being run by ${nameOf(holder)}${what}`,
    ...(holder === undefined
      ? { why: 'The lock in Postgres is held; its holder has not said yet who it is' }
      : { why: `It runs session ${holder.session} since ${holder.since}` }),
    next: `wait for it to end, or ${where}: runner stop ${accountFlags(named)} --reason <text>`,
    context: { holder },
  });
}

/** Somebody has had the lock since it was lost. */
export function takenElsewhere(id: AccountId, holder: AccountHolder | undefined): RunnerError {
  return lostLock(
    id,
    `has been taken by ${nameOf(holder)}`,
    'look there who runs it now; here, once that has ended, start the session again',
  );
}

export function unproven(
  id: AccountId,
  { afterMs, detail }: { readonly afterMs: number; readonly detail: string },
): RunnerError {
  const seconds = Math.round(afterMs / 1000);
  return lostLock(
    id,
    `could not be proven for ${seconds} s: ${detail}`,
    'see to the Postgres of lock.postgres_url_env, then start the session again',
  );
}

export function serverUnavailable(detail: string): RunnerError {
  return new RunnerError({
    code: 'LOCK_SERVER_UNAVAILABLE',
    exitCode: EXIT.venueUnavailable,
    message: 'the lock of the account cannot be taken: its Postgres does not answer',
    why: `It says: ${detail}. Nothing was sent to the exchange`,
    next: 'start it, or check the address in the variable of lock.postgres_url_env',
  });
}

export function serverRefused(detail: string): RunnerError {
  return new RunnerError({
    code: 'LOCK_SERVER_REFUSED',
    exitCode: EXIT.configuration,
    message: 'the lock of the account cannot be taken: its Postgres refuses',
    why: `It says: ${detail}. Nothing was sent to the exchange`,
    next: 'check user, password, database and rights (docs/LIVE.md) in lock.postgres_url_env',
  });
}

function lostLock(id: AccountId, what: string, next: string): RunnerError {
  return new RunnerError({
    code: 'ACCOUNT_LOCK_LOST',
    exitCode: EXIT.busy,
    message: `the lock of account ${accountName(id)} ${what}`,
    why: 'Two runners on one account would send every order twice; what rests there stays',
    next,
  });
}

function nameOf(holder: AccountHolder | undefined): string {
  return holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
}
