// Contracts, core and plugins are functions of their inputs: no clock, chance, timer, process or
// input and output. Elsewhere the container, and the wall clock, have one file each.
import { findPattern, importsOf, type SourceFile } from './source.js';

export const COMPOSITION_ROOT = 'adapters/src/cli/compose.ts';
export const SYSTEM_CLOCK = 'adapters/src/clock/system-clock.ts';

const BANNED_GLOBALS = [
  'Date',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'console',
  'fetch',
  'globalThis',
  'performance',
  'crypto',
  'require',
  'eval',
];

// A member, or the key of an object or a type, only shares the name: `input.performance`.
const BANNED_GLOBAL = new RegExp(
  String.raw`(?<![.\w$#])(?:${BANNED_GLOBALS.join('|')})(?![\w$]|\??\s*:)`,
);
// `process` is also the engine's own method: declared, or called on an object.
const PROCESS = /(?<![.\w$#])process(?![\w$]|\s*\(|\??\s*:)/;
// Any use of Math but one of its members other than random: destructured or indexed, it may hide.
const CHANCE = /(?<![.\w$])Math(?![\w$]|\s*\.\s*(?!random\b)\w)/;

/** Over the sources of contracts, core and plugins. */
export function purityFindings(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) => [
    ...findPattern(file, 'code', BANNED_GLOBAL, ([name]) => `uses ${name}`),
    ...findPattern(file, 'code', PROCESS, () => 'uses process'),
    ...findPattern(file, 'code', CHANCE, () => 'reaches Math.random'),
    ...importsOf(file)
      .filter(({ specifier }) => specifier?.startsWith('node:'))
      .map(({ specifier, line }) => `${file.path}:${String(line)} imports ${String(specifier)}`),
  ]);
}

/** Over all sources: only the composition root knows the container. */
export function containerFindings(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => path !== COMPOSITION_ROOT)
    .flatMap((file) =>
      importsOf(file)
        .filter(({ specifier }) => /^(tsyringe|reflect-metadata)(\/|$)/.test(specifier ?? ''))
        .map(
          ({ specifier, line }) =>
            `${file.path}:${String(line)} imports ${String(specifier)}; ` +
            `only ${COMPOSITION_ROOT} may`,
        ),
    );
}

const WALL_CLOCK_READINGS = [
  String.raw`Date\s*\.\s*now\b`,
  String.raw`new\s+Date\b(?!\s*\(\s*[^\s)])`,
  String.raw`(?<!new\s+)Date\s*\(`,
  String.raw`performance\s*\.\s*timeOrigin\b`,
];
const WALL_CLOCK = new RegExp(String.raw`(?<![.\w$])(?:${WALL_CLOCK_READINGS.join('|')})`);

/** Over the sources of adapters: to parse or print a given time is fine, to ask for it is not. */
export function wallClockFindings(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => path !== SYSTEM_CLOCK)
    .flatMap((file) =>
      findPattern(file, 'code', WALL_CLOCK, ([text]) => `reads the wall clock: ${text.trim()}`),
    );
}
