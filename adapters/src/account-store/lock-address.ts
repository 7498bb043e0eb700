// The address of the shared lock's Postgres, with its password: found by name in systemd's
// credentials or the environment, held against its form, and taken out of every text.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, RunnerError } from '../errors.js';
import { codeOf } from '../private-files/error-code.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LockAddress {
  readonly url: string;
  /** The same text without address, password or what of them it quotes. */
  readonly scrub: (text: string) => string;
}

const REMOVED = '[removed]';
/** Shorter pieces would be found anywhere. */
const PIECE_LENGTH_MIN = 4;

/** A credential file comes before a variable. Errors: LOCK_URL_INVALID (78). */
export function lockAddress(name: string, env: Environment): LockAddress {
  const text = fromFile(env['CREDENTIALS_DIRECTORY'], name) ?? env[name]?.trim();
  if (text === undefined || text === '') {
    throw invalid(
      `${name}, which lock.postgres_url_env names, is not set`,
      `set ${name} to postgres://<user>:<password>@<host>/<database>, or load it as a credential`,
    );
  }
  const url = parsed(text);
  if (url === undefined) {
    throw invalid(
      `${name} holds no address of a Postgres`,
      'write postgres://<user>:<password>@<host>:<port>/<database>; in a password write %40 for ' +
        '@, %2F for /, %3A for : and %23 for #',
    );
  }
  return { url: text, scrub: scrubber(text, url) };
}

// What is not escaped ends up in host or path, from where it would be quoted in an error.
function parsed(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPostgres = url.protocol === 'postgres:' || url.protocol === 'postgresql:';
  const isWhole = /^\/[^/@]*$/.test(url.pathname) && url.hash === '';
  const hasHost = url.hostname !== '' || url.searchParams.has('host');
  return isPostgres && isWhole && hasHost ? url : undefined;
}

function scrubber(text: string, url: URL): (text: string) => string {
  const passwords = [url.password, url.searchParams.get('password') ?? ''];
  const pieces = [text, ...passwords.flatMap((password) => [password, decoded(password)])]
    .filter((piece) => piece.length >= PIECE_LENGTH_MIN)
    .toSorted((a, b) => b.length - a.length);
  return (said) => pieces.reduce((left, piece) => left.replaceAll(piece, REMOVED), said);
}

function decoded(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}

function fromFile(folder: string | undefined, name: string): string | undefined {
  if (folder === undefined || folder === '') return undefined;
  try {
    const text = readFileSync(join(folder, name), 'utf8').trim();
    return text === '' ? undefined : text;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw invalid(
      `the credential ${name} cannot be read: ${codeOf(error)}`,
      'check the credentials of the unit (LoadCredential=) and their permissions',
    );
  }
}

function invalid(message: string, next: string): RunnerError {
  return new RunnerError({
    code: 'LOCK_URL_INVALID',
    exitCode: EXIT.configuration,
    message,
    why: 'Without it nobody knows whether another machine runs the account',
    next,
  });
}
