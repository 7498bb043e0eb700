// Bundles a plugin with everything it imports into one module whose sha256 is its code hash. The
// text depends on the code alone: the same plugin in another folder has the same hash.
import { createHash } from 'node:crypto';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import type { BuildOptions, Message, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { HOST_FOLDER, RUNS_FROM_SOURCES, SOURCE_CONDITION } from './find-package.js';
import { pluginInvalid } from './plugin-error.js';

export interface PluginBundle {
  readonly text: string;
  /** sha256 of the text, hex. */
  readonly codeHash: string;
  /** Files in the bundle, relative to the plugin's folder, sorted. */
  readonly files: readonly string[];
}

export interface BundleRequest {
  /** Folder of the plugin, links followed. */
  readonly root: string;
  readonly entryPath: string;
}

export async function bundlePlugin({ root, entryPath }: BundleRequest): Promise<PluginBundle> {
  const { build } = await import('esbuild');
  const options = { ...BUILD_OPTIONS, absWorkingDir: root, entryPoints: [entryPath] };
  const { outputFiles, metafile } = await build(options).catch((error: unknown) => {
    throw isBuildFailure(error) ? bundleError(error.errors, root) : error;
  });
  const files = Object.keys(metafile.inputs).sort();
  const text = withoutPlaces(outputFiles[0]?.text ?? '', files);
  return { text, codeHash: createHash('sha256').update(text).digest('hex'), files };
}

const CONTRACTS = /^@strategy-runner\/contracts(?:\/|$)/;

const pureImports: Plugin = {
  name: 'pure-imports',
  setup(build) {
    build.onResolve({ filter: /^(?:[a-z-]+:|\/\/)/i }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('data:') ? undefined : refusal(path),
    );
    build.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...site }) => {
      if (pluginData === IS_ASKING || site.kind === 'entry-point') return undefined;
      if (!CONTRACTS.test(path) && !isBuiltin(path)) return undefined;
      const own = await ask(build, path, site);
      if (own.errors.length === 0) return own;
      // An npm package may be called like a built-in module (events); the module is refused.
      if (isBuiltin(path)) return refusal(path);
      // A file anywhere on disk has no node_modules; the host's copy of the contract serves it.
      const fromHost = await ask(build, path, { ...site, resolveDir: HOST_FOLDER });
      return fromHost.errors.length === 0 ? fromHost : undefined;
    });
  },
};

const IS_ASKING = Symbol('asking esbuild itself');

const BUILD_OPTIONS = {
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  conditions: RUNS_FROM_SOURCES ? [SOURCE_CONDITION, 'module'] : ['module'],
  target: 'node20',
  // A plugin computes; whatever it would wait for at import is not there.
  supported: { 'top-level-await': false },
  // A plugin is pure: the process it runs in is not there for it. Libraries ask for this one name.
  define: {
    'process.env.NODE_ENV': '"production"',
    process: 'undefined',
    'globalThis.process': 'undefined',
    'global.process': 'undefined',
  },
  // A tsconfig in some folder above would change the code with the place.
  tsconfigRaw: '{}',
  charset: 'utf8',
  minifyWhitespace: true,
  legalComments: 'none',
  write: false,
  metafile: true,
  logLevel: 'silent',
  plugins: [pureImports],
} satisfies BuildOptions;

function ask(
  build: PluginBuild,
  path: string,
  site: Pick<Parameters<PluginBuild['resolve']>[1] & object, 'kind' | 'importer' | 'resolveDir'>,
) {
  return build.resolve(path, {
    kind: site.kind ?? 'import-statement',
    importer: site.importer ?? '',
    resolveDir: site.resolveDir ?? '',
    pluginData: IS_ASKING,
  });
}

function refusal(path: string): OnResolveResult {
  return { errors: [{ text: `imports "${path}"`, detail: REFUSED }] };
}

const REFUSED = 'refused import';

/** esbuild names a wrapped module by its path; where a dependency is installed is no part of it. */
function withoutPlaces(text: string, files: readonly string[]): string {
  let placeless = text;
  for (const file of files) {
    const inPackages = file.lastIndexOf('node_modules/');
    if (inPackages <= 0) continue;
    placeless = placeless.replaceAll(
      `({${JSON.stringify(file)}(`,
      `({${JSON.stringify(file.slice(inPackages))}(`,
    );
  }
  return placeless;
}

function bundleError(errors: readonly Message[], root: string) {
  const [first] = errors;
  const location = first?.location;
  const place = location
    ? `${join(root, location.file)}:${location.line}:${location.column + 1}: `
    : '';
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const isRefused = first?.detail === REFUSED;
  return pluginInvalid({
    message: `${place}${first?.text ?? 'the plugin cannot be bundled'}${more}`,
    ...(isRefused
      ? { why: 'A plugin is pure: it has no file, network, clock or process, only its context' }
      : {}),
    next: isRefused ? 'remove the import; what the plugin may see is in ctx' : 'correct the source',
    context: { file: location?.file, line: location?.line, errors: errors.length },
  });
}

function isBuildFailure(error: unknown): error is { readonly errors: readonly Message[] } {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}
