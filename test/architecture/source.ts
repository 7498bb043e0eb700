// Reads the project's own sources for the architecture rules, each character known to be code,
// comment or literal. Offsets never move between the views, so a finding's line is exact.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CODE, COMMENT, LITERAL, scan, type Region } from './scan.js';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Comments and the insides of literals are blank. */
  readonly code: string;
  /** Only comments are blank. */
  readonly statements: string;
  /** Everything but comments is blank. */
  readonly comments: string;
}

export interface ImportSite {
  /** The specifier as written, or undefined when it is computed at run time. */
  readonly specifier: string | undefined;
  readonly line: number;
}

const SOURCE_NAME = /\.(ts|mts|js|mjs)$/;
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(['node_modules', 'dist', 'generated']);

/** A source file made of text; specs use it to feed a rule a sample that breaks it. */
export function aSource(path: string, text: string): SourceFile {
  const regions = scan(text);
  return {
    path,
    text,
    code: keep(text, regions, [CODE]),
    statements: keep(text, regions, [CODE, LITERAL]),
    comments: keep(text, regions, [COMMENT]),
  };
}

/** Every source file below the folders, without what is generated, built or installed. */
export function readSources(folders: readonly string[], root = ROOT): readonly SourceFile[] {
  return folders
    .flatMap((folder) => listFiles(root, folder))
    .filter((path) => SOURCE_NAME.test(path))
    .map((path) => aSource(path, readFileSync(join(root, path), 'utf8')));
}

/** The paths of all files below a folder; a missing folder holds none. */
export function listFiles(root: string, folder: string): readonly string[] {
  const entries = readFolder(join(root, folder));
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return SKIPPED_FOLDERS.has(entry.name) ? [] : listFiles(root, path);
  });
}

function readFolder(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** One finding per match of the pattern in the given view of the file. */
export function findPattern(
  file: SourceFile,
  view: 'code' | 'statements' | 'comments',
  pattern: RegExp,
  describe: (match: RegExpMatchArray) => string,
): readonly string[] {
  const matches = [...file[view].matchAll(new RegExp(pattern, 'g'))];
  return matches.map((match) => finding(file, match.index, describe(match)));
}

export function finding(file: SourceFile, offset: number, message: string): string {
  return `${file.path}:${String(lineOf(file.text, offset))} ${message}`;
}

const IMPORT_FORMS: readonly RegExp[] = [
  /\bfrom\s*(['"])(?<specifier>[^'"]*)\1/g,
  /\bimport\s*(['"])(?<specifier>[^'"]*)\1/g,
  /(?<![.\w$])(?:import|require)\s*\(\s*(?:(['"`])(?<specifier>[^'"`$]*)\1\s*[,)])?/g,
];

/** Static, side-effect, dynamic and type imports, and re-exports. */
export function importsOf(file: SourceFile): readonly ImportSite[] {
  const sites = IMPORT_FORMS.flatMap((form) =>
    [...file.statements.matchAll(form)]
      // A keyword inside a literal is text, not an import.
      .filter((match) => file.code.startsWith(match[0].slice(0, 4), match.index))
      .map((match) => ({
        specifier: match.groups?.['specifier'],
        line: lineOf(file.text, match.index),
      })),
  );
  return sites.toSorted((a, b) => a.line - b.line);
}

function keep(text: string, regions: readonly Region[], kept: readonly Region[]): string {
  let view = '';
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    view += character === '\n' || kept.includes(regions[i] ?? CODE) ? character : ' ';
  }
  return view;
}
