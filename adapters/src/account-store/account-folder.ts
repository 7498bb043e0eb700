// Where what belongs to an account lies: one folder per exchange and account name, outside every
// sessions folder, so that two of those never defeat the lock and a new session forgets no kill.
import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';

export interface AccountId {
  /** Name of the exchange as the client knows it, `binanceusdm`; `sim` for paper. */
  readonly exchange: string;
  /** The operator's name for the account. */
  readonly account: string;
}

/** `$XDG_STATE_HOME/strategy-runner`, which the XDG rules want absolute, or below the home. */
export function resolveStateDir(xdgStateHome: string | undefined, home: string): string {
  const isGiven = xdgStateHome !== undefined && isAbsolute(xdgStateHome);
  return join(isGiven ? xdgStateHome : join(home, '.local', 'state'), 'strategy-runner');
}

export function accountFolder(stateDir: string, { exchange, account }: AccountId): string {
  return join(stateDir, 'accounts', shortHash(exchange.toLowerCase(), account));
}

/** Of an API key, which itself is never written: two account names with one key share it. */
export function keyFolder(stateDir: string, exchange: string, apiKey: string): string {
  return join(stateDir, 'keys', keyFingerprint(exchange, apiKey));
}

/** By which a key is known where it may not stand itself. */
export function keyFingerprint(exchange: string, apiKey: string): string {
  return shortHash(exchange.toLowerCase(), apiKey);
}

/** Of everything that counts requests of this machine to one host. */
export function addressFolder(stateDir: string, host: string): string {
  return join(stateDir, 'addresses', shortHash(host.toLowerCase()));
}

export function accountName({ exchange, account }: AccountId): string {
  return `${exchange.toLowerCase()} ${account}`;
}

function shortHash(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);
}
