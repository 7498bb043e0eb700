// Which account of which exchange a run trades on, from the config and from what was typed.
import { EXIT, RunnerError } from '../errors.js';
import type { AccountConfig } from '../venue/ccxt/account-config.js';
import type { RunConfig } from './run-config.js';

export interface ChosenAccount {
  readonly name: string;
  readonly config: AccountConfig;
}

export const ACCOUNT_DEFAULTS: Omit<AccountConfig, 'exchange'> = {
  call_deadline_ms: 10_000,
  recv_window_ms: 10_000,
  reconcile_interval_ms: 30_000,
  outage_kill_after_ms: null,
};

const DEFAULT_NAME = 'main';

/**
 * The named account; else the only one of the exchange; else, where none is configured, `main` at
 * the exchange's own addresses. Errors: ACCOUNT_UNKNOWN (78).
 */
export function accountOf(
  { accounts }: Pick<RunConfig, 'accounts'>,
  { exchange, account }: { readonly exchange: string; readonly account: string | undefined },
): ChosenAccount {
  const fitting = Object.keys(accounts).filter((name) => accounts[name]!.exchange === exchange);
  const name = account ?? (fitting.length === 1 ? fitting[0]! : DEFAULT_NAME);
  const settings = accounts[name];
  if (settings === undefined) {
    if (fitting.length === 0 && account === undefined) return withDefaults(name, { exchange });
    throw unknown(`no account ${name} of ${exchange}`, fitting);
  }
  if (settings.exchange !== exchange) {
    throw unknown(`account ${name} is one of ${settings.exchange}, not of ${exchange}`, fitting);
  }
  return withDefaults(name, settings);
}

function withDefaults(
  name: string,
  settings: Partial<AccountConfig> & Pick<AccountConfig, 'exchange'>,
): ChosenAccount {
  return { name, config: { ...ACCOUNT_DEFAULTS, ...settings } };
}

function unknown(message: string, fitting: readonly string[]): RunnerError {
  return new RunnerError({
    code: 'ACCOUNT_UNKNOWN',
    exitCode: EXIT.configuration,
    message,
    ...(fitting.length === 0 ? {} : { why: `The config has ${fitting.join(', ')}` }),
    next: 'name one with --account, or add it to accounts in the config file',
  });
}
