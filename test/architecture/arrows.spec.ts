// Each rule is first shown to find a sample that breaks it, then run over the real tree.
import { describe, expect, test } from 'vitest';
import { arrowFindings, circleFindings } from './arrows.js';
import { readPackages, type WorkspacePackage } from './packages.js';
import { aSource, readSources } from './source.js';

const PACKAGES: readonly WorkspacePackage[] = [
  { folder: 'contracts', manifest: { name: '@s/contracts' } },
  { folder: 'core', manifest: { name: '@s/core', dependencies: { '@s/contracts': '1.0.0' } } },
  {
    folder: 'adapters',
    manifest: { name: 'runner', dependencies: { '@s/core': '1.0.0', '@s/contracts': '1.0.0' } },
  },
  {
    folder: 'plugins/dip',
    manifest: { name: 'runner-strategy-dip', peerDependencies: { '@s/contracts': '^1.0.0' } },
  },
];

const check = (path: string, text: string) => arrowFindings([aSource(path, text)], PACKAGES);

describe('arrows between packages', () => {
  test.each([
    [
      'contracts/src/a.ts',
      "import { x } from '@s/core';",
      'contracts may not import core (@s/core)',
    ],
    ['core/src/a.ts', "import { x } from 'runner';", 'core may not import adapters (runner)'],
    ['core/src/a.ts', "export * from 'runner/deep';", 'core may not import adapters (runner)'],
    [
      'plugins/dip/src/index.ts',
      "import type { X } from '@s/core';",
      'plugins may not import core (@s/core)',
    ],
    [
      'adapters/src/a.ts',
      "await import('runner-strategy-dip');",
      'adapters may not import plugins (runner-strategy-dip)',
    ],
  ])('finds a forbidden arrow in %s: %s', (path, text, message) => {
    expect(check(path, text)).toEqual([`${path}:1 ${message}`]);
  });

  test('finds a relative import that leaves the package', () => {
    expect(check('core/src/a.ts', "\nimport '../../adapters/src/b.js';")).toEqual([
      'core/src/a.ts:2 ../../adapters/src/b.js leaves the package',
    ]);
  });

  test('finds an import that the package does not declare', () => {
    expect(check('adapters/src/a.ts', "import pino from 'pino';")).toEqual([
      'adapters/src/a.ts:1 pino is not declared in adapters/package.json',
    ]);
  });

  test('finds a built-in without its prefix, because it reads like a package', () => {
    expect(check('adapters/src/a.ts', "import { join } from 'path';")).toEqual([
      'adapters/src/a.ts:1 path is not declared in adapters/package.json',
    ]);
  });

  test.each(['contracts', 'core', 'plugins'])('finds a built-in module in %s', (layer) => {
    const path = layer === 'plugins' ? 'plugins/dip/src/a.ts' : `${layer}/src/a.ts`;
    expect(check(path, "import { readFileSync } from 'node:fs';")).toEqual([
      `${path}:1 ${layer} imports node:fs`,
    ]);
  });

  test('finds an import below adapters whose target is computed', () => {
    expect(check('core/src/a.ts', 'const x = await import(name);')).toEqual([
      'core/src/a.ts:1 computes an import in core',
    ]);
  });

  test('allows the four arrows, own names, built-ins in adapters and quoted imports', () => {
    const findings = [
      check('core/src/a.ts', "import { x } from '@s/contracts/validators';"),
      check('adapters/src/a.ts', "import '@s/core'; import 'node:fs'; import '@s/contracts';"),
      check('adapters/src/a.ts', 'const plugin = await import(url);'),
      check('plugins/dip/index.ts', "import { defineStrategy } from '@s/contracts';"),
      check('contracts/src/testing/a.ts', "import { v } from '@s/contracts/validators';"),
      check('core/src/a.ts', "const text = `import x from 'runner'`; // from 'runner'"),
    ];
    expect(findings.flat()).toEqual([]);
  });

  test('hold in the project', () => {
    const packages = readPackages();
    const folders = packages.map(({ folder }) => folder);
    expect(folders).toEqual(expect.arrayContaining(['contracts', 'core', 'adapters']));
    // Build scripts and the sample's generator are tools, not the program.
    const program = readSources(folders).filter(({ path }) => !/\/(scripts|data)\//.test(path));
    expect(program.length).toBeGreaterThan(0);
    expect(arrowFindings(program, packages)).toEqual([]);
  });
});

describe('import circles', () => {
  test('finds a circle over three files and names its path', () => {
    const files = [
      aSource('core/src/a.ts', "import { b } from './b.js';"),
      aSource('core/src/b.ts', "import type { c } from './c/index.js';"),
      aSource('core/src/c/index.ts', "export { a } from '../a.js';"),
    ];
    expect(circleFindings(files)).toEqual([
      'core/src/a.ts:1 import circle ' +
        'core/src/a.ts → core/src/b.ts → core/src/c/index.ts → core/src/a.ts',
    ]);
  });

  test('finds no circle where two files share a third', () => {
    const files = [
      aSource('core/src/a.ts', "import './b.js'; import './c.js';"),
      aSource('core/src/b.ts', "import './c.js';"),
      aSource('core/src/c.ts', 'export const c = 1;'),
    ];
    expect(circleFindings(files)).toEqual([]);
  });

  test('do not exist in the project', () => {
    const files = readSources(['contracts', 'core', 'adapters', 'plugins', 'test']);
    expect(circleFindings(files)).toEqual([]);
  });
});
