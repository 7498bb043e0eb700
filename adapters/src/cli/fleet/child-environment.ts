// The environment of one run: the keys of its own account and of no other. What it must not have is
// set empty rather than left out, so that a `.env` file does not bring it back.
import { inCapitals } from '../../venue/ccxt/credentials.js';

type Variables = Readonly<Record<string, string | undefined>>;

export interface KeysOf {
  /** Null where none are needed: fills are simulated. */
  readonly account: string | null;
  /** Further variables that hold a secret of an account, by account. */
  readonly named: Readonly<Record<string, readonly string[]>>;
}

const KEY = /^RUNNER_(?:(?<account>[A-Z0-9_]+)_)?API_(?<part>KEY|SECRET|PASSWORD)$/;

export function environmentOf({ account, named }: KeysOf, env: Variables): Record<string, string> {
  const own = account === null ? undefined : inCapitals(account);
  const ofOthers = new Set(
    Object.entries(named).flatMap(([name, variables]) => (name === account ? [] : variables)),
  );
  for (const name of account === null ? [] : (named[account] ?? [])) ofOthers.delete(name);
  const isNeeded = (name: string): boolean => {
    if (ofOthers.has(name)) return false;
    const { account: whose, part } = KEY.exec(name)?.groups ?? {};
    if (part === undefined) return true;
    if (own === undefined) return false;
    // The common one is for an account that has none of its own.
    const isCommon = whose === undefined;
    return isCommon ? (env[`RUNNER_${own}_API_${part}`] ?? '') === '' : whose === own;
  };
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, isNeeded(name) ? value : ''] as const],
  );
  const variables = Object.fromEntries(kept);
  // The folder of systemd holds the keys of all; what trades nothing needs none of them.
  return own === undefined ? { ...variables, CREDENTIALS_DIRECTORY: '' } : variables;
}
