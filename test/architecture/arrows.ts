// The arrows between packages: adapters → core → contracts and plugins → contracts, nothing else,
// and no circles of files inside a package. Project references and workspace links allow both.
import { posix } from 'node:path';
import { isBuiltin } from 'node:module';
import { layerOf, type Layer, type WorkspacePackage } from './packages.js';
import { importsOf, type ImportSite, type SourceFile } from './source.js';

const MAY_IMPORT: Readonly<Record<Layer, readonly Layer[]>> = {
  contracts: [],
  core: ['contracts'],
  adapters: ['core', 'contracts'],
  plugins: ['contracts'],
};

export function arrowFindings(
  files: readonly SourceFile[],
  packages: readonly WorkspacePackage[],
): readonly string[] {
  return files.flatMap((file) => {
    const owner = packages.find(({ folder }) => file.path.startsWith(`${folder}/`));
    if (owner === undefined) return [`${file.path}:1 belongs to no workspace package`];
    return importsOf(file).flatMap((site) => {
      const complaint = complain(file, site, owner, packages);
      return complaint === undefined ? [] : [`${file.path}:${String(site.line)} ${complaint}`];
    });
  });
}

function complain(
  file: SourceFile,
  { specifier }: ImportSite,
  owner: WorkspacePackage,
  packages: readonly WorkspacePackage[],
): string | undefined {
  const layer = layerOf(owner.folder);
  if (specifier === undefined) {
    return layer === 'adapters' ? undefined : `computes an import in ${layer}`;
  }
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(file.path), specifier);
    return target.startsWith(`${owner.folder}/`) ? undefined : `${specifier} leaves the package`;
  }
  if (specifier.startsWith('node:') && isBuiltin(specifier)) {
    return layer === 'adapters' ? undefined : `${layer} imports ${specifier}`;
  }
  return complainAboutPackage(packageName(specifier), owner, packages);
}

function complainAboutPackage(
  name: string,
  owner: WorkspacePackage,
  packages: readonly WorkspacePackage[],
): string | undefined {
  if (name === owner.manifest.name) return undefined;
  const layer = layerOf(owner.folder);
  const target = packages.find(({ manifest }) => manifest.name === name);
  if (target !== undefined && !MAY_IMPORT[layer].includes(layerOf(target.folder))) {
    return `${layer} may not import ${layerOf(target.folder)} (${name})`;
  }
  const { dependencies, optionalDependencies, peerDependencies } = owner.manifest;
  const declared = { ...dependencies, ...optionalDependencies, ...peerDependencies };
  return name in declared ? undefined : `${name} is not declared in ${owner.folder}/package.json`;
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** One finding per circle of files. Types count: a circle of types is one module in two files. */
export function circleFindings(files: readonly SourceFile[]): readonly string[] {
  const targets = new Map(files.map((file) => [file.path, relativeTargets(file, files)]));
  const done = new Set<string>();
  const findings: string[] = [];

  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      findings.push(`${path}:1 import circle ${[...trail.slice(start), path].join(' → ')}`);
      return;
    }
    if (done.has(path)) return;
    for (const next of targets.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };

  for (const path of targets.keys()) visit(path, []);
  return findings;
}

function relativeTargets(file: SourceFile, files: readonly SourceFile[]): readonly string[] {
  const known = new Set(files.map(({ path }) => path));
  return importsOf(file).flatMap(({ specifier }) => {
    if (specifier === undefined || !specifier.startsWith('.')) return [];
    const target = posix.join(posix.dirname(file.path), specifier);
    const source = target.replace(/\.(m?)js$/, '.$1ts');
    return [source, target].filter((path) => known.has(path)).slice(0, 1);
  });
}
