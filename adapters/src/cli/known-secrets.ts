// The secrets that this process can see: what the environment calls one, and the credentials that
// systemd has given. A bundle is looked through for them.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KnownSecret } from '../api/bundle-secrets.js';

const SECRET_VARIABLE = /SECRET|PASSW(?:OR)?D|PASSPHRASE|API_?KEY|PRIVATE_?KEY|TOKEN|CREDENTIAL/i;
/** They say where a secret is, not what it is. */
const PLACE_VARIABLE = /_(?:FILE|PATH|DIR|DIRECTORY)$/i;
const CREDENTIALS_FOLDER = 'CREDENTIALS_DIRECTORY';

export function secretsOf(env: NodeJS.ProcessEnv): readonly KnownSecret[] {
  const variables = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && value !== '' && (isNamedSecret(name) || hasPassword(value))
      ? [{ name, value }]
      : [],
  );
  return [...variables, ...credentialFiles(env[CREDENTIALS_FOLDER])];
}

function isNamedSecret(name: string): boolean {
  return SECRET_VARIABLE.test(name) && !PLACE_VARIABLE.test(name);
}

/** An address such as that of a database, whatever its variable is called. */
function hasPassword(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { password, searchParams } = new URL(value);
  return password !== '' || searchParams.has('password');
}

function credentialFiles(folder: string | undefined): readonly KnownSecret[] {
  if (folder === undefined || folder === '') return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => ({ name, value: readFileSync(join(folder, name), 'utf8').trim() }));
}
