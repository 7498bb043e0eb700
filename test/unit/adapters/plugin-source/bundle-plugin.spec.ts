import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bundlePlugin } from '../../../../adapters/src/plugin-source/bundle-plugin.js';
import { STRATEGY, aFolder, errorOf, writeFiles } from './a-plugin.js';
import type { Files } from './a-plugin.js';

async function bundle(files: Files, entry = 'index.ts', at = '.') {
  const root = join(
    aFolder(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [join(at, name), text])),
    ),
    at,
  );
  return bundlePlugin({ root, entryPath: join(root, entry) });
}

describe('the code hash', () => {
  const plugin: Files = {
    'index.ts': `
      import { defineStrategy } from '@strategy-runner/contracts';
      import calc from 'calc';
      import indicator from './lib/index.js';
      import legacy from './legacy.cjs';
      export default defineStrategy({
        create: () => ({ onBar: () => (calc() + indicator + legacy ? [] : undefined) }),
      });`,
    'lib/index.ts': 'const lib: number = 1; export default lib;',
    'legacy.cjs': 'module.exports = 3;',
    'package.json': { type: 'module' },
  };
  const calc: Files = {
    'node_modules/calc/package.json': { name: 'calc', version: '1.0.0' },
    'node_modules/calc/index.js': 'module.exports = () => 2;',
  };

  test('is the sha256 of the bundle', async () => {
    const { text, codeHash } = await bundle({ ...plugin, ...calc });
    expect(codeHash).toBe(createHash('sha256').update(text).digest('hex'));
  });

  test('is the same for the same plugin at another path', async () => {
    const here = await bundle({ ...plugin, ...calc });
    const there = await bundle({ ...plugin, ...calc }, 'index.ts', 'some/where/else');
    expect(there.codeHash).toBe(here.codeHash);
  });

  test('is the same wherever the dependency is installed', async () => {
    const inside = await bundle({ ...plugin, ...calc });
    const parent = aFolder(calc);
    for (const place of ['plugin', 'deeper/down/plugin']) {
      const root = join(parent, place);
      writeFiles(root, plugin);
      const hoisted = await bundlePlugin({ root, entryPath: join(root, 'index.ts') });
      expect(hoisted.text).toBe(inside.text);
    }
  });

  test('does not depend on a tsconfig of a folder above', async () => {
    const files = { 'index.ts': 'export class A { a = 1; }' };
    const root = join(
      aFolder({
        'tsconfig.json': { compilerOptions: { useDefineForClassFields: false, target: 'es5' } },
      }),
      'p',
    );
    writeFiles(root, files);
    const below = await bundlePlugin({ root, entryPath: join(root, 'index.ts') });
    expect(below.codeHash).toBe((await bundle(files)).codeHash);
  });

  test('changes with a dependency', async () => {
    const one = await bundle({ ...plugin, ...calc });
    const other = await bundle({
      ...plugin,
      ...calc,
      'node_modules/calc/index.js': 'module.exports = () => 4;',
    });
    expect(other.codeHash).not.toBe(one.codeHash);
  });

  test('changes with an imported file', async () => {
    const one = await bundle({ ...plugin, ...calc });
    const other = await bundle({ ...plugin, ...calc, 'lib/index.ts': 'export default 9;' });
    expect(other.codeHash).not.toBe(one.codeHash);
  });

  test('does not change with a comment or the layout', async () => {
    const one = await bundle({ 'index.ts': STRATEGY });
    const other = await bundle({
      'index.ts': `// a remark\n\n${STRATEGY.replaceAll(', ', ',\n  ')}`,
    });
    expect(other.codeHash).toBe(one.codeHash);
  });
});

describe('what a plugin may import', () => {
  test('is the contract from the host, where the plugin has no copy', async () => {
    const { text } = await bundle({
      'index.ts': `import { CONTRACT_VERSION } from '@strategy-runner/contracts';
        import { validateIntentBody } from '@strategy-runner/contracts/validators';
        export const is = [CONTRACT_VERSION, validateIntentBody];`,
    });
    expect(text).toContain('CONTRACT_VERSION="1.0"');
    expect(text).not.toContain('import');
  });

  test('is its own copy of the contract, where it has one', async () => {
    const { text } = await bundle({
      'index.ts': `export { mine } from '@strategy-runner/contracts';`,
      'node_modules/@strategy-runner/contracts/package.json': { main: 'i.js', type: 'module' },
      'node_modules/@strategy-runner/contracts/i.js': 'export const mine = "own copy";',
    });
    expect(text).toContain('own copy');
  });

  test('is a package that is called like a built-in module', async () => {
    const { text } = await bundle({
      'index.ts': `export { on } from 'events';`,
      'node_modules/events/package.json': { main: 'i.js', type: 'module' },
      'node_modules/events/i.js': 'export const on = "an npm package";',
    });
    expect(text).toContain('an npm package');
  });

  test('is a type of a built-in module, which leaves nothing behind', async () => {
    const { text } = await bundle({
      'index.ts': `import type { Stats } from 'node:fs'; export const of = (s: Stats) => s;`,
    });
    expect(text).not.toContain('node:fs');
  });

  test.each([
    [`import 'node:fs';`, 'node:fs'],
    [`import { readFileSync } from 'fs'; readFileSync('x');`, 'fs'],
    [`export * from 'child_process';`, 'child_process'],
    [`const load = () => import('node:net'); load();`, 'node:net'],
    [`import x from 'https://cdn.example/x.js'; x();`, 'https://cdn.example/x.js'],
    [`import { get } from './legacy.cjs'; get();`, 'http'],
  ])('is nothing outside of the bundle: %s', async (source, module) => {
    const files = {
      'index.ts': `\n${source}`,
      'legacy.cjs': `\nexports.get = require('http').get;`,
    };
    const error = await errorOf(() => bundle(files));
    expect(error).toMatchObject({ code: 'PLUGIN_INVALID', exitCode: 65 });
    expect(error.message).toMatch(/^\/.*(?:index\.ts|legacy\.cjs):2:\d+: imports "/);
    expect(error.message).toContain(`imports "${module}"`);
    expect(error.why).toContain('A plugin is pure');
  });
});

describe('a plugin that cannot be bundled', () => {
  test.each<[string, string, RegExp]>([
    [
      'a syntax error',
      'export default {\n  create( => 1\n};',
      /index\.ts:2:11: Expected identifier/,
    ],
    ['a missing file', `import './gone.js';`, /index\.ts:1:8: Could not resolve "\.\/gone\.js"/],
    ['a missing package', `import 'not-there';`, /index\.ts:1:8: Could not resolve "not-there"/],
    [
      'a missing export',
      `import { no } from './b.js'; no();`,
      /index\.ts:1:10: No matching export/,
    ],
    ['top-level await', 'await new Promise(() => {});', /index\.ts:1:1: Top-level await/],
    ['several errors', `import './a1.js';\nimport './a2.js';`, /\(and 1 more\)$/],
  ])('for %s says file, line and column without a stack', async (_case, source, message) => {
    const error = await errorOf(() =>
      bundle({ 'index.ts': source, 'b.ts': 'export const b = 1;' }),
    );
    expect(error).toMatchObject({ code: 'PLUGIN_INVALID', exitCode: 65 });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
  });
});

test('a bundle names its files in order, relative to the plugin', async () => {
  const { files } = await bundle({
    'index.ts': `export * from './b.js';`,
    'b.ts': 'export const b = 1;',
  });
  expect(files).toEqual(['b.ts', 'index.ts']);
});

describe('the process', () => {
  const asked = (code: string) => bundle({ 'index.ts': `export const found = ${code};` });

  test.each([
    ['process', 'void 0'],
    ['globalThis.process', 'void 0'],
    ['globalThis["process"]', 'void 0'],
    ['global.process', 'void 0'],
    ['process.env.NODE_ENV', '"production"'],
  ])('is not there for a plugin that asks for %s', async (code, text) => {
    expect((await asked(code)).text).toContain(`found=${text};`);
  });

  test('leaves a variable of that name alone', async () => {
    const { text } = await asked('[1].map((process) => process + 1)');
    expect(text).toContain('process=>process+1');
  });
});
