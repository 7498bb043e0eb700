// Where a plugin package lies on disk. The node_modules folders are walked by hand: Node's resolver
// hides the package.json of a package whose exports have only an import condition.
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PLUGIN_PREFIX = 'runner-strategy-';

/** The folder of this file: the host's own packages are found by walking up from it. */
export const HOST_FOLDER = dirname(fileURLToPath(import.meta.url));

/** The export condition under which a workspace package gives its TypeScript. */
export const SOURCE_CONDITION = '@strategy-runner/source';

export const RUNS_FROM_SOURCES = import.meta.url.endsWith('.ts');

/** The package's folder with links followed, or undefined. The nearest node_modules wins. */
export function findPackage(name: string, from: string): string | undefined {
  for (const folder of nodeModulesFolders(from)) {
    const root = join(folder, name);
    if (existsSync(join(root, 'package.json'))) return realpathSync(root);
  }
  return undefined;
}

/** The full names that a short or scoped name may stand for, in the order they are tried. */
export function packageNames(spec: string): readonly string[] {
  const [, scope = '', name = spec] = /^(@[^/]+\/)(.+)$/.exec(spec) ?? [];
  if (name.startsWith(PLUGIN_PREFIX)) return [spec];
  const prefixed = `${scope}${PLUGIN_PREFIX}${name}`;
  // An unscoped short name means the bundled plugin before a package that happens to be called so.
  return scope === '' ? [prefixed, spec] : [spec, prefixed];
}

/** Short names of the plugin packages that are visible from a folder, sorted. */
export function visiblePluginNames(from: string): readonly string[] {
  const names = nodeModulesFolders(from)
    .flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []))
    .filter((name) => name.startsWith(PLUGIN_PREFIX))
    .map((name) => name.slice(PLUGIN_PREFIX.length));
  return [...new Set(names)].sort();
}

/** Short names of the plugins that came with the host, sorted. */
export function bundledPluginNames(): readonly string[] {
  return visiblePluginNames(HOST_FOLDER);
}

function nodeModulesFolders(from: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = from; ; folder = dirname(folder)) {
    folders.push(join(folder, 'node_modules'));
    if (dirname(folder) === folder) return folders;
  }
}
