// A promise counts when a test that runs carries its id. Titles are read without running anything,
// so a claim whose test was deleted, renamed or skipped is found in milliseconds.
import { lineOf, type SourceFile } from '../architecture/source.js';

export interface Requirement {
  readonly title: string;
  readonly claimed: boolean;
  /** What a reader types to see it work; may be empty until it is claimed. */
  readonly command: string;
}

export type RequirementTable = Readonly<Record<string, Requirement>>;

export interface Tag {
  readonly id: string;
  readonly path: string;
  readonly line: number;
}

const ID = /^[RLPDBXU][1-9]\d*$/;
const TITLE_CHARACTERS_MAX = 90;
const CALL = /(?<![.\w$])(?:describe|test|it)(?<modifiers>(?:\.\w+)*)\s*(?:<[^()]*>)?\(/g;
const NOT_RUN: ReadonlySet<string> = new Set(['skip', 'todo']);
// `test.each(rows)(title, …)`: the title is in the second pair of parentheses.
const CURRIED: ReadonlySet<string> = new Set(['each', 'for', 'skipIf', 'runIf']);

export function tableFindings(table: RequirementTable): readonly string[] {
  return Object.entries(table).flatMap(([id, { title, claimed, command }]) => [
    ...(ID.test(id) ? [] : [`${id} is no id`]),
    ...(title === '' ? [`${id} has no title`] : []),
    ...(title.length > TITLE_CHARACTERS_MAX ? [`${id} has a title of over 90 characters`] : []),
    ...(claimed && command === '' ? [`${id} is claimed without a command that shows it`] : []),
  ]);
}

export function claimFindings(
  table: RequirementTable,
  specs: readonly SourceFile[],
): readonly string[] {
  const tags = specs.flatMap(tagsOf);
  const tagged = new Set(tags.map(({ id }) => id));
  return [
    ...tags
      .filter(({ id }) => table[id] === undefined)
      .map(({ id, path, line }) => `${path}:${String(line)} tags [${id}], which is no requirement`),
    ...Object.entries(table)
      .filter(([id, { claimed }]) => claimed && !tagged.has(id))
      .map(([id]) => `${id} is claimed, but no test title carries [${id}]`),
  ];
}

/** The `[R1]` style tags in the titles of tests and groups that run. */
export function tagsOf(file: SourceFile): readonly Tag[] {
  return [...file.code.matchAll(CALL)].flatMap((call) => {
    const modifiers = (call.groups?.['modifiers'] ?? '').split('.');
    if (modifiers.some((modifier) => NOT_RUN.has(modifier))) return [];
    let start = call.index + call[0].length;
    if (modifiers.some((modifier) => CURRIED.has(modifier))) {
      const next = file.code.indexOf('(', endOfArguments(file.code, start));
      start = next < 0 ? file.code.length : next + 1;
    }
    const title = file.statements.slice(start, endOfArgument(file.code, start));
    const line = lineOf(file.text, call.index);
    return [...title.matchAll(/\[([A-Z]\d{1,3})\]/g)].map(([, id = '']) => ({
      id,
      path: file.path,
      line,
    }));
  });
}

function endOfArguments(code: string, start: number): number {
  let end = endOfArgument(code, start);
  while (code.charAt(end) === ',') end = endOfArgument(code, end + 1);
  return end;
}

/** The offset of the comma or closing bracket that ends the argument which begins at `start`. */
function endOfArgument(code: string, start: number): number {
  let depth = 0;
  for (let i = start; i < code.length; i += 1) {
    const character = code.charAt(i);
    if (depth === 0 && /[,)\]}]/.test(character)) return i;
    if (/[([{]/.test(character)) depth += 1;
    if (/[)\]}]/.test(character)) depth -= 1;
  }
  return code.length;
}

/** README shows the claimed rows, each as the table has it, and no other. */
export function pageFindings(table: RequirementTable, page: string): readonly string[] {
  const rows = page.split('\n').flatMap((line, index) => {
    const [id = '', title = '', command = ''] = cellsOf(line);
    return ID.test(id) ? [{ id, title, command, at: `README.md:${String(index + 1)}` }] : [];
  });
  const shown = rows.map(({ id }) => id);
  return [
    ...rows.flatMap(({ id, title, command, at }) => {
      const row = table[id];
      if (row === undefined || !row.claimed) return [`${at} shows ${id}, which is not claimed`];
      const isEqual = title === row.title && command === `\`${row.command}\``;
      return isEqual ? [] : [`${at} shows ${id} in other words than the table`];
    }),
    ...Object.entries(table)
      .filter(([id, { claimed }]) => claimed && !shown.includes(id))
      .map(([id]) => `README.md does not show ${id}, which is claimed`),
  ];
}

function cellsOf(line: string): readonly string[] {
  if (!line.startsWith('|')) return [];
  return line
    .split(/(?<!\\)\|/)
    .slice(1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}
