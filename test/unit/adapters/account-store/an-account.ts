// An account in a state folder of its own, gone after the test, on a clock that the test moves.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { AccountStore } from '../../../../adapters/src/account-store/account-store.js';

export const ID = { exchange: 'binanceusdm', account: 'main' } as const;
export const OPERATOR = { by: 'ann@desk', reason: 'news' } as const;
export const START_MS = Date.UTC(2024, 0, 1);

export class HandClock {
  ms = START_MS;
  now(): number {
    return this.ms;
  }
}

export async function aStateDir(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'runner-accounts-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

export interface TestAccount {
  readonly store: AccountStore;
  readonly stateDir: string;
  readonly clock: HandClock;
  /** The same account, as another process sees it. */
  again(): AccountStore;
}

export async function anAccount(): Promise<TestAccount> {
  const stateDir = await aStateDir();
  const clock = new HandClock();
  const again = (): AccountStore => new AccountStore({ stateDir, id: ID, clock });
  return { store: again(), stateDir, clock, again };
}
