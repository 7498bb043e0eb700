// From what was typed to a client that may be used: which account, whether it is killed, whether
// the gates let real orders leave, the account's lock, its keys, and a connection to its exchange.
// Everything that can be refused is refused before the first request.
import { hostname, userInfo } from 'node:os';
import type { Clock } from '@strategy-runner/core';
import type { Logger } from 'pino';
import { AccountStore } from '../account-store/account-store.js';
import type { AccountLock } from '../account-store/account-lock.js';
import type { SharedLock } from '../account-store/shared-lock.js';
import { SharedBudget } from '../account-store/request-budget.js';
import { type ChosenAccount, accountOf } from '../api/account.js';
import { EventRelay } from '../api/event-relay.js';
import type { ResolvedConfig } from '../api/run-config.js';
import { EXIT, RunnerError } from '../errors.js';
import { confirmAccount } from '../safety/confirm-account.js';
import { type GateDecision, checkGates } from '../safety/gates.js';
import type { CcxtClient } from '../venue/ccxt/client.js';
import { type Credentials, readCredentials } from '../venue/ccxt/credentials.js';
import { type VenueIdentity, checkIdentity } from '../venue/ccxt/identity-check.js';
import { backoffMs, pause } from '../venue/ccxt/pause.js';
import { stateDirOf } from './state-dir.js';
import { takeLocks } from './take-lock.js';
import { processTerminal } from './terminal.js';

export interface AccessRequest {
  readonly exchange: string;
  readonly account: string | undefined;
  readonly resolved: ResolvedConfig;
  /** Orders will leave: gates, lock and keys are needed. */
  readonly sendsOrders: boolean;
  readonly isForce: boolean;
  /** A cold start is refused while a kill is up, unless it takes it back with a reason (B11). */
  readonly coldStart?: { readonly resetReason: string | undefined };
  /** What the lock is held for, in words. */
  readonly purpose: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends the waiting for an exchange that is down. */
  readonly signal: AbortSignal;
}

export interface ExchangeAccess {
  readonly account: ChosenAccount;
  readonly accountStore: AccountStore;
  readonly client: CcxtClient;
  readonly relay: EventRelay;
  readonly decision: GateDecision;
  readonly lock: AccountLock | null;
  /** Held beside it where several machines may run the account. */
  readonly sharedLock: SharedLock | null;
  /** Gives back client, budget and lock. */
  close(): Promise<void>;
}

const BACKOFF = { firstMs: 500, maxMs: 30_000 };
const WEIGHT_PER_MINUTE = 2400;
const MINUTE_MS = 60_000;

/** Undefined when it was told to stop while the exchange was down. */
export async function openAccess(request: AccessRequest): Promise<ExchangeAccess | undefined> {
  const { exchange, resolved, sendsOrders, clock, log, signal } = request;
  const account = accountOf(resolved.config, { exchange, account: request.account });
  const id = { exchange, account: account.name };
  const accountStore = new AccountStore({ stateDir: stateDirOf(), id, clock });
  const { coldStart } = request;
  if (sendsOrders && coldStart !== undefined && coldStart.resetReason === undefined) {
    await refuseKilled(accountStore);
  }
  await sayFlags(accountStore, log);
  const credentials = sendsOrders ? readCredentials(account.name, process.env) : NO_KEYS;
  const { config } = account;
  const { apiKey } = credentials;
  const session = request.purpose;
  const asked = { accountStore, config, apiKey, session, clock, log };
  const locks = sendsOrders ? await takeLocks(asked) : null;
  const { lock = null, sharedLock = null } = locks ?? {};
  const closing: (() => Promise<unknown>)[] = [async () => locks?.release()];
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).reverse()) await one();
  };
  try {
    const identity = await identityOf(account, { log, signal });
    if (identity === undefined) {
      await close();
      return undefined;
    }
    const decision = await passGates(request, account, identity);
    const relay = new EventRelay();
    const budget = await budgetOf(account, { clock, log });
    closing.push(() => budget.close());
    const { createClient } = await import('../venue/ccxt/create-client.js');
    const client = await createClient({
      account: account.config,
      credentials,
      emit: relay.emit,
      budget,
      log,
      ...(identity.isLocalExchange ? { market: identity.market } : {}),
    });
    closing.push(() => client.close());
    if (await connect(client, { log, signal, clock })) {
      return { account, accountStore, client, relay, decision, lock, sharedLock, close };
    }
    await close();
    return undefined;
  } catch (error) {
    await close();
    throw error;
  }
}

const NO_KEYS: Credentials = { apiKey: '', secret: '' };

async function refuseKilled(store: AccountStore): Promise<void> {
  const { kill } = await store.readFlags();
  if (kill === null) return;
  throw new RunnerError({
    code: 'KILLED',
    exitCode: EXIT.refused,
    message: `the kill switch of ${store.id.exchange} ${store.id.account} is up`,
    why: `${kill.by} raised it at ${kill.at}: ${kill.reason}`,
    next: 'start cold with --reset-kill --reason <why>, or leave --start out to only manage',
  });
}

/** Once nothing refuses the start any more: until then a kill stays as it is. */
export async function takeBackKill(
  { accountStore, lock }: Pick<ExchangeAccess, 'accountStore' | 'lock'>,
  reason: string,
  log: Logger,
): Promise<void> {
  const { kill } = await accountStore.readFlags();
  if (kill === null || lock === null) return;
  await accountStore.resetKill({ by: `${userInfo().username}@${hostname()}`, reason }, lock);
  log.warn({ event: 'kill_switch', reset: true, reason }, 'the kill was taken back');
}

// Read before any request: a kill that was raised elsewhere holds from the first moment on.
async function sayFlags(store: AccountStore, log: Logger): Promise<void> {
  const { kill, stop, pause: paused, damage } = await store.readFlags();
  if (damage !== null) log.error({ event: 'account_store_damaged' }, damage.message);
  for (const [name, flag] of Object.entries({ kill, stop, pause: paused })) {
    if (flag === null) continue;
    const { at, by, reason } = flag;
    log.warn({ event: 'kill_switch', flag: name, at, by, reason }, `${name} is up: no entries`);
  }
}

interface Waiting {
  readonly log: Logger;
  readonly signal: AbortSignal;
}

type Known = Pick<VenueIdentity & { isLocalExchange: false }, 'isLocalExchange'> | VenueIdentity;

async function identityOf(
  { config }: ChosenAccount,
  { log, signal }: Waiting,
): Promise<Known | undefined> {
  const { rest_url: restUrl, identity_key: key, call_deadline_ms: timeoutMs } = config;
  if (restUrl === undefined || key === undefined) return { isLocalExchange: false };
  for (let attempt = 1; ; attempt += 1) {
    const identity = await checkIdentity({ restUrl, key, timeoutMs });
    if (identity.isLocalExchange || !identity.isUnreachable) return identity;
    const waitMs = backoffMs(attempt, BACKOFF);
    const detail = identity.why;
    log.warn({ event: 'connection', state: 'down', attempt, detail, wait_ms: waitMs }, 'down');
    if (!(await pause(waitMs, signal))) return undefined;
  }
}

async function passGates(
  { exchange, sendsOrders, isForce, log }: AccessRequest,
  { name, config }: ChosenAccount,
  identity: Known,
): Promise<GateDecision> {
  const venue = {
    name: `${exchange} ${name}`,
    isLocalExchange: identity.isLocalExchange,
    isTestNetwork: config.test_network === true,
  };
  const decision = checkGates({ sendsOrders, env: process.env, venues: [venue] });
  log.info({ event: 'gates', ...decision }, `gates ${decision.gates}: ${decision.why}`);
  const terminal = processTerminal();
  await confirmAccount({ decision, exchange, account: name, isForce, terminal });
  return decision;
}

function budgetOf(
  { config }: ChosenAccount,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<SharedBudget> {
  const host = config.rest_url === undefined ? config.exchange : new URL(config.rest_url).host;
  return SharedBudget.open({
    stateDir: stateDirOf(),
    host,
    clock,
    limit: WEIGHT_PER_MINUTE,
    windowMs: MINUTE_MS,
    onFault: (error) => log.warn({ event: 'budget_unshared' }, String(error)),
  });
}

async function connect(
  client: CcxtClient,
  { log, signal, clock }: Waiting & { readonly clock: Clock },
): Promise<boolean> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const connected = await client.connect();
    if (connected.ok) return true;
    const { detail, verdict, untilMs } = connected.failure;
    if (verdict === 'auth') throw keyRefused(detail);
    const waitMs = Math.max(backoffMs(attempt, BACKOFF), (untilMs ?? 0) - clock.now());
    log.warn({ event: 'connection', state: 'down', attempt, detail, wait_ms: waitMs }, 'down');
    if (!(await pause(waitMs, signal))) return false;
  }
  return false;
}

function keyRefused(detail: string): RunnerError {
  return new RunnerError({
    code: 'CREDENTIALS_REJECTED',
    exitCode: EXIT.configuration,
    message: 'the exchange does not accept the API key',
    why: `It says: ${detail}`,
    next: 'check the key, its permissions and the addresses that it is allowed from',
  });
}
