// What the style page asks of a file and a script can see: size, names, opening line, no leftovers.
import { finding, findPattern, type SourceFile } from './source.js';

const LINES_MAX = 400;
const COLUMNS_MAX = 100;
const OPENING_CHARACTERS_MIN = 20;
const GRAB_BAG = /(?:^|-)(?:utils?|helpers?|misc|common|types)$/;
const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

export function sizeFindings(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) => {
    const lines = file.text.replace(/\n$/, '').split('\n');
    const count = lines.length;
    const tooLong = count > LINES_MAX ? [`${file.path}:1 has ${String(count)} lines, max 400`] : [];
    const tooWide = lines.flatMap((line, index) =>
      // A link cannot be broken.
      line.length > COLUMNS_MAX && !/https?:\/\/\S{40}/.test(line)
        ? [`${file.path}:${String(index + 1)} has ${String(line.length)} columns, max 100`]
        : [],
    );
    return [...tooLong, ...tooWide];
  });
}

export function nameFindings(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) =>
    path.split('/').flatMap((segment) => {
      const [stem = ''] = segment.split('.');
      if (GRAB_BAG.test(stem)) return [`${path}: ${segment} names no concept`];
      return stem === '' || KEBAB_CASE.test(stem) ? [] : [`${path}: ${segment} is not kebab-case`];
    }),
  );
}

/** A spec is introduced by its titles; every other source says its role in its first line. */
export function openingFindings(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => !path.endsWith('.spec.ts'))
    .filter(({ text }) => {
      const [opening = ''] = text.replace(/^#!.*\n/, '').split('\n');
      return !/^(\/\/|\/\*)/.test(opening) || opening.length < OPENING_CHARACTERS_MIN;
    })
    .map(({ path }) => `${path}:1 does not open with a comment that says its role`);
}

export function leftoverFindings(files: readonly SourceFile[]): readonly string[] {
  const leftover = /(?<![\w-])(?:TODO|FIXME|XXX|HACK)(?![\w-])/;
  return files.flatMap((file) =>
    findPattern(file, 'comments', leftover, ([word]) => `leaves a ${word}`),
  );
}

export function typeFindings(files: readonly SourceFile[]): readonly string[] {
  // As a bare word `any` can only be the type; members, calls and keys share the name.
  const anyType = /(?<![.\w$#])any(?![\w$]|\s*\(|\??\s*:)/;
  const banned = /(?<![.\w$])(?:enum|namespace)\s+[A-Za-z_$][\w$]*\s*\{/;
  return files
    .filter(({ path }) => /\.m?ts$/.test(path))
    .flatMap((file) => [
      ...findPattern(file, 'code', anyType, () => 'says any'),
      ...findPattern(file, 'code', banned, ([text]) => `declares ${text.replace(/\s*\{$/, '')}`),
      ...findPattern(file, 'comments', /@ts-(?:ignore|nocheck)/, ([text]) => `says ${text}`),
    ]);
}

/** A plugin is its default export, and tools read a config's; other modules name what they give. */
export function defaultExportFindings(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => /^(contracts|core|adapters)\//.test(path))
    .filter(({ path }) => !/\.config\.m?[jt]s$/.test(path))
    .flatMap((file) =>
      [...file.code.matchAll(/\bexport\s+default\b|\bas\s+default\b/g)].map(({ index }) =>
        finding(file, index, 'has a default export'),
      ),
    );
}
