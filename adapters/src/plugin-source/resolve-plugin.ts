// Turns what a person typed after --strategy into files on disk; no plugin code is read. A spec is
// a path when it looks like one, else a package; a folder of that name is the last resort.
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { EXIT, RunnerError } from '../errors.js';
import { closestName } from './closest-name.js';
import {
  bundledPluginNames,
  findPackage,
  HOST_FOLDER,
  packageNames,
  visiblePluginNames,
} from './find-package.js';
import { pluginInvalid, pluginNotFound } from './plugin-error.js';
import { DEFAULT_MANIFEST, NO_VERSION, readPluginFolder } from './read-manifest.js';
import type { PluginFolder } from './read-manifest.js';

export interface PluginPackage extends PluginFolder {
  readonly kind: 'bundled' | 'package' | 'folder';
  /** Folder of the plugin, links followed. */
  readonly root: string;
}

/** One source file; its manifest, if it has one, is inline and known only once it is loaded. */
export interface PluginFile {
  readonly kind: 'file';
  readonly root: string;
  readonly version: string;
  readonly entryPath: string;
}

export type ResolvedPlugin = PluginPackage | PluginFile;

const FILE_EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];

export function resolvePlugin(spec: string, { cwd }: { readonly cwd: string }): ResolvedPlugin {
  if (spec.trim() === '') {
    throw new RunnerError({
      code: 'USAGE',
      message: '--strategy is empty',
      next: `--strategy <name, package, folder or file>; ${bundledText()}`,
      exitCode: EXIT.usage,
    });
  }
  if (looksLikePath(spec)) return resolvePath(spec, cwd) ?? missingPath(spec, cwd);
  return resolvePackage(spec, cwd) ?? resolveFolder(spec, cwd) ?? missingPackage(spec, cwd);
}

function looksLikePath(spec: string): boolean {
  if (/^@[^/\\]+\/[^/\\]+$/.test(spec)) return false;
  return /^\.|[/\\]/.test(spec) || /\.(?:[cm]?[jt]s|json|py)$/.test(spec);
}

function resolvePackage(spec: string, cwd: string): PluginPackage | undefined {
  if (!/^(?:@[\w.-]+\/)?[\w.-]+$/.test(spec)) return undefined;
  for (const name of packageNames(spec)) {
    const hostRoot = findPackage(name, HOST_FOLDER);
    const root = findPackage(name, resolve(cwd)) ?? hostRoot;
    if (root === undefined) continue;
    const isBundled = root === hostRoot && name !== spec;
    return { kind: isBundled ? 'bundled' : 'package', root, ...readPluginFolder(root) };
  }
  return undefined;
}

/** A bare word may also be a folder in the working directory, where no package has that name. */
function resolveFolder(spec: string, cwd: string): ResolvedPlugin | undefined {
  const isFolder = statSync(resolve(cwd, spec), { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? resolvePath(spec, cwd) : undefined;
}

function resolvePath(spec: string, cwd: string): ResolvedPlugin | undefined {
  const given = resolve(cwd, spec);
  const found = statSync(given, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  const path = realpathSync(given);
  if (found.isDirectory()) return { kind: 'folder', root: path, ...readPluginFolder(path) };
  const name = basename(path);
  if (name === 'package.json' || name === basename(DEFAULT_MANIFEST)) {
    throw pluginInvalid({
      message: `${given} describes a plugin and is not one itself`,
      next: `--strategy ${dirname(given)}`,
    });
  }
  if (!found.isFile() || !FILE_EXTENSIONS.includes(extname(path))) {
    throw pluginInvalid({
      message: `${given} is not a plugin`,
      why: `A plugin is a package, a folder or one ${FILE_EXTENSIONS.join(', ')} file`,
      next: '--strategy <a folder with a manifest, or a source file>',
    });
  }
  return { kind: 'file', root: dirname(path), version: NO_VERSION, entryPath: path };
}

function missingPath(spec: string, cwd: string): never {
  const path = resolve(cwd, spec);
  const closest = closestName(basename(path), entriesOf(dirname(path)));
  throw pluginNotFound({
    message: `there is no file or folder ${path}`,
    ...(closest === undefined ? {} : { why: `Beside it is ${closest}` }),
    next:
      closest === undefined
        ? `correct the path; ${bundledText()}`
        : `--strategy ${join(dirname(spec), closest)}`,
    context: { spec, path },
  });
}

function missingPackage(spec: string, cwd: string): never {
  const bundled = bundledPluginNames();
  const closest = closestName(spec.replace(/^runner-strategy-/, ''), [
    ...bundled,
    ...visiblePluginNames(resolve(cwd)),
  ]);
  const names = packageNames(spec);
  const hint = closest === undefined ? '' : `. Did you mean "${closest}"?`;
  const places = `in node_modules of ${resolve(cwd)}, the folders above it, or the runner`;
  throw pluginNotFound({
    message: `there is no plugin "${spec}"`,
    why: `No package ${names.join(' or ')} ${places}; no folder ${spec}; ${bundledText()}${hint}`,
    next: closest === undefined ? `npm install ${names[0]}` : `--strategy ${closest}`,
    context: { spec, packages: names, cwd: resolve(cwd), bundled },
  });
}

function bundledText(): string {
  return `bundled plugins: ${bundledPluginNames().join(', ') || 'none'}`;
}

function entriesOf(folder: string): readonly string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : [];
}
