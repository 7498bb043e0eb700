// `runner bundle <session>`: one archive that somebody else can replay and explain, without keys.
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeBundle } from '../../api/bundle.js';
import type { KnownSecret } from '../../api/bundle-secrets.js';
import { EXIT } from '../../errors.js';
import { openSession } from '../../store/session-folder.js';
import { sessionsDirOf } from '../run-args.js';

export interface BundleArgs {
  readonly session: string;
  readonly sessions?: string;
  readonly out?: string;
  readonly plugin: boolean;
  readonly json: boolean;
}

export async function runBundleCommand(args: BundleArgs): Promise<number> {
  const folder = await openSession(sessionsDirOf(args.sessions), args.session);
  const out = resolve(args.out ?? `${folder.id}.tar.gz`);
  const secrets = secretsOf(process.env);
  const made = await makeBundle({ folder, out, hasPlugin: args.plugin, secrets });
  const { path, bytes, sha256, manifest } = made;
  if (args.json) {
    const document = { path, bytes, sha256, ...manifest };
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return EXIT.ok;
  }
  const removed = manifest.removed.map((setting) => `  removed  ${setting}`);
  const files = manifest.files.map(({ name, bytes: size }) => `  ${name}  ${size} bytes`);
  const head = `${path}  ${bytes} bytes, sha256 ${sha256}`;
  process.stdout.write(`${[head, ...files, ...removed, `next: ${nextOf(made)}`].join('\n')}\n`);
  return EXIT.ok;
}

function nextOf({ path, manifest }: Awaited<ReturnType<typeof makeBundle>>): string {
  const command = manifest.has_plugin ? 'replay' : 'journal verify';
  return `runner ${command} ${path}`;
}

const SECRET_VARIABLE = /SECRET|PASSW(?:OR)?D|PASSPHRASE|API_?KEY|PRIVATE_?KEY|TOKEN|CREDENTIAL/i;
/** They say where a secret is, not what it is. */
const PLACE_VARIABLE = /_(?:FILE|PATH|DIR|DIRECTORY)$/i;
const CREDENTIALS_FOLDER = 'CREDENTIALS_DIRECTORY';

/** What the environment calls a secret, and the credentials that systemd has given. */
function secretsOf(env: NodeJS.ProcessEnv): readonly KnownSecret[] {
  const variables = Object.entries(env).flatMap(([name, value]) =>
    SECRET_VARIABLE.test(name) && !PLACE_VARIABLE.test(name) && value ? [{ name, value }] : [],
  );
  return [...variables, ...credentialFiles(env[CREDENTIALS_FOLDER])];
}

function credentialFiles(folder: string | undefined): readonly KnownSecret[] {
  if (folder === undefined || folder === '') return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => ({ name, value: readFileSync(join(folder, name), 'utf8').trim() }));
}
