// The workspace packages as the architecture rules see them: folder, layer and declared imports.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './source.js';

export type Layer = 'contracts' | 'core' | 'adapters' | 'plugins';

export interface PackageManifest {
  readonly name?: string;
  readonly private?: boolean;
  readonly engines?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface WorkspacePackage {
  /** From the repository's root; empty for the root itself. */
  readonly folder: string;
  readonly manifest: PackageManifest;
}

export function readPackages(root = ROOT): readonly WorkspacePackage[] {
  const plugins = existsSync(join(root, 'plugins')) ? readdirSync(join(root, 'plugins')) : [];
  const folders = ['contracts', 'core', 'adapters', ...plugins.map((name) => `plugins/${name}`)];
  return folders
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => readPackage(folder, root));
}

export function readPackage(folder: string, root = ROOT): WorkspacePackage {
  const text = readFileSync(join(root, folder, 'package.json'), 'utf8');
  return { folder, manifest: JSON.parse(text) as PackageManifest };
}

export function layerOf(folder: string): Layer {
  const [first] = folder.split('/');
  if (first === 'contracts' || first === 'core' || first === 'adapters') return first;
  return 'plugins';
}
