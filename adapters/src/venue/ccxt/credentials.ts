// Keys of an exchange account: from systemd's credentials folder or the environment, never from a
// flag or a config file. They are read once and never printed; what is missing is named.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, RunnerError } from '../../errors.js';

export interface Credentials {
  readonly apiKey: string;
  readonly secret: string;
  readonly password?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const PARTS = {
  apiKey: { file: 'api_key', name: 'API_KEY' },
  secret: { file: 'api_secret', name: 'API_SECRET' },
  password: { file: 'api_password', name: 'API_PASSWORD' },
} as const;

/**
 * A file `<account>.api_key` in `$CREDENTIALS_DIRECTORY` comes first, then
 * `RUNNER_<ACCOUNT>_API_KEY`, then `RUNNER_API_KEY`; likewise secret and password.
 */
export function readCredentials(account: string, env: Environment): Credentials {
  const read = (part: keyof typeof PARTS): string | undefined => {
    const { file, name } = PARTS[part];
    return (
      fromFile(env['CREDENTIALS_DIRECTORY'], `${account}.${file}`) ??
      filled(env[`RUNNER_${inCapitals(account)}_${name}`]) ??
      filled(env[`RUNNER_${name}`])
    );
  };
  const apiKey = read('apiKey');
  const secret = read('secret');
  const password = read('password');
  if (apiKey === undefined || secret === undefined) throw missing(account, apiKey === undefined);
  return { apiKey, secret, ...(password === undefined ? {} : { password }) };
}

function missing(account: string, isKeyMissing: boolean): RunnerError {
  const { file, name } = isKeyMissing ? PARTS.apiKey : PARTS.secret;
  return new RunnerError({
    code: 'CREDENTIALS_MISSING',
    message: `account ${account} has no ${isKeyMissing ? 'API key' : 'API secret'}`,
    why: 'Keys come from the environment or from systemd credentials, never from flags or config.',
    next:
      `set RUNNER_${inCapitals(account)}_${name} (or RUNNER_${name}), or load the credential ` +
      `${account}.${file}`,
    exitCode: EXIT.configuration,
    context: { account },
  });
}

function fromFile(folder: string | undefined, name: string): string | undefined {
  if (folder === undefined || folder === '') return undefined;
  try {
    return filled(readFileSync(join(folder, name), 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new RunnerError({
      code: 'CREDENTIALS_MISSING',
      message: `the credential ${name} cannot be read`,
      why: error instanceof Error ? error.message : String(error),
      next: 'check the credentials of the unit (LoadCredential=) and their permissions',
      exitCode: EXIT.configuration,
    });
  }
}

/** The account's name as it stands in the names of its variables. */
export function inCapitals(account: string): string {
  return account.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

function filled(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === undefined || trimmed === '' ? undefined : trimmed;
}
