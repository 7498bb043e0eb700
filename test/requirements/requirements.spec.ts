import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aSource, readSources, ROOT } from '../architecture/source.js';
import {
  claimFindings,
  pageFindings,
  tableFindings,
  tagsOf,
  type Requirement,
  type RequirementTable,
} from './claims.js';

const TABLE_PATH = join(ROOT, 'test/requirements/requirements.json');
const SCRIPT = join(ROOT, 'test/requirements/generate.mjs');
const PAGE_PATH = join(ROOT, 'README.md');
const table = JSON.parse(readFileSync(TABLE_PATH, 'utf8')) as RequirementTable;

const aClaim = (change: Partial<Requirement> = {}): Requirement => ({
  title: 'Runs',
  claimed: true,
  command: 'runner backtest',
  ...change,
});
const SAMPLE: RequirementTable = {
  R1: aClaim(),
  R2: aClaim({ title: 'Waits', claimed: false, command: '' }),
  X16: aClaim({ title: 'Explains a | b', command: 'runner explain | less' }),
};

describe('the table', () => {
  test('is found wrong where an id, a title or a command is', () => {
    const wrong = {
      Q1: aClaim(),
      R1: aClaim({ title: '' }),
      R2: aClaim({ title: 'a'.repeat(91) }),
      R3: aClaim({ command: '' }),
    };
    expect(tableFindings(wrong)).toEqual([
      'Q1 is no id',
      'R1 has no title',
      'R2 has a title of over 90 characters',
      'R3 is claimed without a command that shows it',
    ]);
    expect(tableFindings(SAMPLE)).toEqual([]);
  });

  test('holds every requirement, without a gap in the numbers', () => {
    const counts = { R: 25, L: 23, P: 11, D: 13, B: 18, X: 20, U: 15 };
    const ids = Object.entries(counts).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, index) => `${letter}${String(index + 1)}`),
    );
    expect(Object.keys(table)).toEqual(ids);
    expect(tableFindings(table)).toEqual([]);
  });
});

describe('a tag', () => {
  test.each([
    "test('runs [R1]', () => {});",
    'describe("[R1] runs", () => {});',
    "test.each([\n  ['a', f(1, 2)],\n])('runs %s [R1]', () => {});",
    "test.each<Row>([1])('runs [R1]', () => {});",
    "test.skipIf(isAbsent('x'))(`runs [R1]`, () => {});",
    "it.concurrent('runs ' +\n  'at last [R1]', () => {});",
  ])('is read from %j', (text) => {
    expect(tagsOf(aSource('test/a.spec.ts', text))).toEqual([
      { id: 'R1', path: 'test/a.spec.ts', line: 1 },
    ]);
  });

  test.each([
    "test.skip('runs [R1]', () => {});",
    "test.todo('runs [R1]');",
    "// test('runs [R1]', () => {});",
    "const text = `test('runs [R1]', () => {})`;",
    "test('runs', () => { expect(x).toBe('[R1]'); });",
    "expect(pattern.test('[R1]')).toBe(true);",
  ])('is not read from %j', (text) => {
    expect(tagsOf(aSource('test/a.spec.ts', text))).toEqual([]);
  });
});

describe('a claim', () => {
  test('is found without a test, and a tag without a requirement', () => {
    const spec = aSource('test/a.spec.ts', "\ntest('runs [R1] and [R99]', () => {});");
    expect(claimFindings(SAMPLE, [spec])).toEqual([
      'test/a.spec.ts:2 tags [R99], which is no requirement',
      'X16 is claimed, but no test title carries [X16]',
    ]);
  });

  test('has a test in this project, and every tag a requirement', () => {
    const specs = readSources(['test']).filter(({ path }) => path.endsWith('.spec.ts'));
    expect(specs.length).toBeGreaterThan(0);
    expect(claimFindings(table, specs)).toEqual([]);
  });
});

describe('the rows of README', () => {
  test('are found wrong where they differ from the table', () => {
    const page = [
      '| id | what | command |',
      '| R1 | Walks | `runner backtest` |',
      '| R2 | Waits | `runner live` |',
    ].join('\n');
    expect(pageFindings(SAMPLE, page)).toEqual([
      'README.md:2 shows R1 in other words than the table',
      'README.md:3 shows R2, which is not claimed',
      'README.md does not show X16, which is claimed',
    ]);
  });

  test('are the claimed rows of the table', () => {
    expect(pageFindings(table, readFileSync(PAGE_PATH, 'utf8'))).toEqual([]);
  });
});

describe('the generator', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runner-requirements-'));
    writeFileSync(inFolder('requirements.json'), JSON.stringify(SAMPLE));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const inFolder = (name: string) => join(folder, name);
  const generate = (...options: readonly string[]) =>
    spawnSync(
      process.execPath,
      [
        SCRIPT,
        '--table',
        inFolder('requirements.json'),
        '--page',
        inFolder('README.md'),
        ...options,
      ],
      { encoding: 'utf8', timeout: 30_000 },
    );

  test('writes the claimed rows between the markers and touches nothing else', () => {
    const begin = '<!-- requirements:begin -->';
    const end = '<!-- requirements:end -->';
    writeFileSync(inFolder('README.md'), `# P\n\n${begin}\nold\n${end}\n\nAfter.\n`);
    expect(generate('--check').status).toBe(2);
    expect(generate().status).toBe(0);
    const page = readFileSync(inFolder('README.md'), 'utf8');
    expect(page).toBe(
      [
        `# P\n\n${begin}\n`,
        '| id  | what            | command that shows it    |',
        '| --- | --------------- | ------------------------ |',
        '| R1  | Runs            | `runner backtest`        |',
        '| X16 | Explains a \\| b | `runner explain \\| less` |',
        `\n${end}\n\nAfter.\n`,
      ].join('\n'),
    );
    expect(pageFindings(SAMPLE, page)).toEqual([]);
    expect(generate('--check').status).toBe(0);
  });

  test('says which markers it needs where the page has none', () => {
    writeFileSync(inFolder('README.md'), '# P\n');
    const { status, stderr } = generate();
    expect(status).toBe(65);
    expect(stderr).toContain('<!-- requirements:begin -->');
  });
});
