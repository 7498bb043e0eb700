import { describe, expect, test } from 'vitest';
import { aSource, readSources } from './source.js';
import {
  defaultExportFindings,
  leftoverFindings,
  nameFindings,
  openingFindings,
  sizeFindings,
  typeFindings,
} from './tidy.js';

const PACKAGES = ['contracts', 'core', 'adapters', 'plugins'];
const packageFiles = readSources(PACKAGES);
const allFiles = [...packageFiles, ...readSources(['test'])];

test('the project has sources to look at', () => {
  expect(packageFiles.length).toBeGreaterThan(0);
});

describe('size', () => {
  test('finds a file of 401 lines and none of 400', () => {
    const text = (lines: number) => 'a;\n'.repeat(lines);
    expect(sizeFindings([aSource('core/src/a.ts', text(401))])).toEqual([
      'core/src/a.ts:1 has 401 lines, max 400',
    ]);
    expect(sizeFindings([aSource('core/src/a.ts', text(400))])).toEqual([]);
  });

  test('finds a line of 101 columns, but not a long link', () => {
    const link = `// https://example.org/${'a'.repeat(90)}`;
    const text = `${'a'.repeat(100)}\n${'a'.repeat(101)}\n${link}\n`;
    expect(sizeFindings([aSource('core/src/a.ts', text)])).toEqual([
      'core/src/a.ts:2 has 101 columns, max 100',
    ]);
  });

  test('of every file is within the limits', () => {
    expect(sizeFindings(allFiles)).toEqual([]);
  });
});

describe('names', () => {
  test.each(['utils/a.ts', 'order/helpers.ts', 'misc/a.ts', 'common.ts', 'string-util.ts'])(
    'finds the grab-bag %s',
    (path) => {
      expect(nameFindings([`core/src/${path}`])).toHaveLength(1);
    },
  );

  test('finds a name that is not kebab-case', () => {
    expect(nameFindings(['core/src/riskEngine.ts', 'core/src/risk_engine.ts'])).toEqual([
      'core/src/riskEngine.ts: riskEngine.ts is not kebab-case',
      'core/src/risk_engine.ts: risk_engine.ts is not kebab-case',
    ]);
  });

  test('of all source files and folders name a concept', () => {
    const paths = allFiles.map(({ path }) => path);
    expect(nameFindings([...paths, 'core/src/risk/max-notional.spec.ts'])).toEqual([]);
  });
});

describe('opening line', () => {
  test.each(["import a from 'a';\n// Role.", '//\n', '\n// The role comes a line late.'])(
    'is found missing in %j',
    (text) => {
      expect(openingFindings([aSource('core/src/a.ts', text)])).toEqual([
        'core/src/a.ts:1 does not open with a comment that says its role',
      ]);
    },
  );

  test('may follow the line that names the interpreter', () => {
    const text = '#!/usr/bin/env node\n// Starts the built program.\n';
    expect(openingFindings([aSource('adapters/bin/runner.js', text)])).toEqual([]);
  });

  test('says the role of every source file', () => {
    expect(openingFindings(allFiles)).toEqual([]);
  });
});

describe('leftovers', () => {
  test.each(['TODO', 'FIXME', 'XXX', 'HACK'])('finds %s in a comment, not in text', (word) => {
    const text = `const a = '${word}';\n/* later:\n ${word} */`;
    expect(leftoverFindings([aSource('core/src/a.ts', text)])).toEqual([
      `core/src/a.ts:3 leaves a ${word}`,
    ]);
  });

  test('do not exist', () => {
    expect(leftoverFindings(allFiles)).toEqual([]);
  });
});

describe('types', () => {
  test.each(['let a: any;', 'b as any', 'new Map<string, any>()', 'type A = any;', 'x: any[]'])(
    'finds any in %s',
    (text) => {
      expect(typeFindings([aSource('core/src/a.ts', text)])).toEqual(['core/src/a.ts:1 says any']);
    },
  );

  test.each(['export enum Side { Long }', 'const enum Side { Long }', 'declare namespace A {}'])(
    'finds %s',
    (text) => {
      expect(typeFindings([aSource('core/src/a.ts', text)])).toHaveLength(1);
    },
  );

  test('finds a comment that silences the compiler', () => {
    expect(typeFindings([aSource('core/src/a.ts', '// @ts-ignore because\nf();')])).toEqual([
      'core/src/a.ts:1 says @ts-ignore',
    ]);
  });

  test('lets the word any stand in text, keys and calls', () => {
    const text = "await Promise.any(all); any({ any: 'any' }); // any of them";
    expect(typeFindings([aSource('core/src/a.ts', text)])).toEqual([]);
  });

  test('are said in every source file', () => {
    expect(typeFindings(allFiles)).toEqual([]);
  });
});

describe('default exports', () => {
  test.each(['export default 1;', 'export { a as default };'])('finds %s', (text) => {
    expect(defaultExportFindings([aSource('core/src/a.ts', text)])).toEqual([
      'core/src/a.ts:1 has a default export',
    ]);
  });

  test('are a plugin or a config file', () => {
    const text = 'export default 1;';
    expect(defaultExportFindings([aSource('plugins/dip/src/index.ts', text)])).toEqual([]);
    expect(defaultExportFindings([aSource('adapters/vite.config.ts', text)])).toEqual([]);
  });

  test('exist nowhere else', () => {
    expect(defaultExportFindings(packageFiles)).toEqual([]);
  });
});
