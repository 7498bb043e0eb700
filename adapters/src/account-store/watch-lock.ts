// A lock that was taken away ends the run: two that trade one account send every order twice. The
// kernel keeps the lock as long as its file is there; somebody may remove the folder all the same.
import { EXIT, RunnerError } from '../errors.js';
import { accountFlags } from './account-error.js';
import type { AccountId } from './account-folder.js';
import type { AccountLock } from './account-lock.js';

const POLL_MS = 2000;

export interface LockWatch {
  /** Rejects once the lock is lost; never resolves. Errors: ACCOUNT_LOCK_LOST (75). */
  readonly lost: Promise<never>;
  stop(): void;
}

export function watchLock(
  lock: Pick<AccountLock, 'isStillHeld'>,
  id: AccountId,
  pollMs = POLL_MS,
): LockWatch {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const lost = new Promise<never>((_, reject) => {
    const look = async (): Promise<void> => {
      // A file that could not be read once is no proof.
      const isHeld = (await lock.isStillHeld()) || (await lock.isStillHeld());
      if (isStopped) return;
      if (isHeld) wait();
      else reject(lostLock(id));
    };
    const wait = (): void => {
      timer = setTimeout(() => void look(), pollMs);
    };
    wait();
  });
  // Whoever waits for it hears of it; nobody has to.
  lost.catch(() => undefined);
  return {
    lost,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

function lostLock(id: AccountId): RunnerError {
  return new RunnerError({
    code: 'ACCOUNT_LOCK_LOST',
    exitCode: EXIT.busy,
    message: 'the lock of the account is gone: its folder was removed, or somebody took it over',
    why: 'Two runners on one account would send every order twice; what rests there stays',
    next: `runner status ${accountFlags(id)} shows who runs it; else start the session again`,
  });
}
