// MANIFEST.json, the first member of a bundle: which files follow, how long they are and what they
// hash to. It shows damage and mix-ups; who changes a file and its hash together is not found by
// it, but by the journal's own chain.
import { bundleDamaged } from './bundle-error.js';

export const MANIFEST_NAME = 'MANIFEST.json';
/** More than any session has. */
const FILES_MAX = 200;

export interface BundledFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface BundleManifest {
  readonly schema: 'runner.bundle/1';
  readonly session_id: string;
  /** Version of the host that made the bundle. */
  readonly host_version: string;
  readonly has_plugin: boolean;
  /** Settings whose value was taken out because of their name, as `<file>:<path>`. */
  readonly removed: readonly string[];
  readonly files: readonly BundledFile[];
}

const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

export function parseManifest(path: string, text: string): BundleManifest {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw bundleDamaged(path, `Its ${MANIFEST_NAME} is not JSON`, error);
  }
  if (!isManifest(content)) throw bundleDamaged(path, `Its ${MANIFEST_NAME} is not a bundle's`);
  return content;
}

function isManifest(content: unknown): content is BundleManifest {
  if (typeof content !== 'object' || content === null) return false;
  const { schema, session_id: id, files } = content as Partial<Record<string, unknown>>;
  if (schema !== 'runner.bundle/1' || typeof id !== 'string' || !PLAIN.test(id)) return false;
  return Array.isArray(files) && files.length <= FILES_MAX && files.every(isBundledFile);
}

function isBundledFile(file: unknown): file is BundledFile {
  if (typeof file !== 'object' || file === null) return false;
  const { name, bytes, sha256 } = file as Partial<Record<string, unknown>>;
  return (
    typeof name === 'string' &&
    PLAIN.test(name) &&
    Number.isSafeInteger(bytes) &&
    (bytes as number) >= 0 &&
    typeof sha256 === 'string'
  );
}
