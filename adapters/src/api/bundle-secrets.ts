// Nothing secret leaves with a bundle. Two nets: settings whose name says that they are secret, and
// the values of the credentials that this process has been given, wherever they would stand.
import { createReadStream } from 'node:fs';
import { bundleRefused } from './bundle-error.js';

/** A credential of the environment, by the name that it may be called by. */
export interface KnownSecret {
  readonly name: string;
  readonly value: string;
}

const SECRET_NAME =
  /(?:secret|passw(?:or)?d|passphrase|api_?key|private_?key|(?:access|auth|bot|bearer)_?token)/i;
const REMOVED = '[removed]';
/** Shorter ones would be found anywhere. */
const VALUE_LENGTH_MIN = 8;

/** JSON without the values of secret settings, and where they stood. */
export function withoutSecrets(content: unknown): {
  readonly content: unknown;
  readonly removed: readonly string[];
} {
  const removed: string[] = [];
  const clean = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) return value.map((item, place) => clean(item, `${path}/${place}`));
    if (typeof value !== 'object' || value === null) return value;
    const fields = Object.entries(value).map(([name, item]): [string, unknown] => {
      const at = `${path}/${name}`;
      const isSecret = SECRET_NAME.test(name) && typeof item === 'string' && item !== '';
      if (isSecret) removed.push(at);
      return [name, isSecret ? REMOVED : clean(item, at)];
    });
    return Object.fromEntries(fields);
  };
  return { content: clean(content, ''), removed };
}

/** As they may stand in a file: plain, and as JSON has them. */
export function needlesOf(secrets: readonly KnownSecret[]): readonly KnownSecret[] {
  return secrets
    .filter(({ value }) => value.length >= VALUE_LENGTH_MIN)
    .flatMap(({ name, value }) =>
      [...new Set([value, JSON.stringify(value).slice(1, -1)])].map((text) => ({
        name,
        value: text,
      })),
    );
}

/** Errors: BUNDLE_REFUSED (77), naming the file and the variable, never the value. */
export async function assertHoldsNone(
  { name, path }: { readonly name: string; readonly path: string },
  needles: readonly KnownSecret[],
): Promise<void> {
  const searched = needles.map((needle) => ({ ...needle, bytes: Buffer.from(needle.value) }));
  const longest = Math.max(0, ...searched.map(({ bytes }) => bytes.length));
  if (longest === 0) return;
  let tail: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    const text: Buffer = Buffer.concat([tail, chunk as Buffer]);
    const found = searched.find(({ bytes }) => text.includes(bytes));
    if (found !== undefined) throw holdsSecret(name, found.name);
    // What a chunk's end cuts in two is whole in the next look.
    tail = text.subarray(Math.max(0, text.length - longest + 1));
  }
}

export function holdsSecret(file: string, secret: string): Error {
  const next = `take the value of ${secret} out of the session's files, or change it at its source`;
  return bundleRefused(file, `the value of ${secret}`, next);
}

/** Errors: BUNDLE_REFUSED (77) for a plugin that has a secret among its settings. */
export function assertPluginShareable(plugin: unknown): void {
  const [found] = withoutSecrets(plugin).removed;
  if (found === undefined) return;
  const next = 'runner bundle <session> --no-plugin leaves the plugin and its settings out';
  throw bundleRefused('plugin.json', `the plugin's setting ${found}`, next);
}
