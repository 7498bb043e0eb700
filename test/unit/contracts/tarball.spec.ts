import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'contracts-tarball-'));
let packed: readonly string[] = [];

/** The first example of the author's guide. */
const [, strategy = ''] =
  /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'contracts/README.md'), 'utf8')) ?? [];

const check = `import { CONTRACT_VERSION } from '@strategy-runner/contracts';
import { readFileSync } from 'node:fs';
import { createStrategyHarness } from '@strategy-runner/contracts/testing';
import strategy from './strategy.js';

const address = import.meta.resolve('@strategy-runner/contracts/schemas/intent-body.schema.json');
const schema = JSON.parse(readFileSync(new URL(address), 'utf8'));
const harness = createStrategyHarness(strategy, { config: { length: 3 } });
const kinds = harness.feed(1, 2, 3, 4).map(({ kind }) => kind);
console.log(JSON.stringify({ CONTRACT_VERSION, kinds, schema: schema.title }));
`;

function run(command: string, args: readonly string[], cwd = folder): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

beforeAll(() => {
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [tarball] = JSON.parse(run('npm', pack, join(root, 'contracts'))) as [
    { readonly filename: string; readonly files: readonly { readonly path: string }[] },
  ];
  packed = tarball.files.map(({ path }) => path);
  writeFileSync(join(folder, 'package.json'), '{ "name": "author", "type": "module" }');
  const install = [
    'install',
    '--offline',
    '--no-audit',
    '--no-fund',
    join(folder, tarball.filename),
  ];
  run('npm', install);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the package holds what it promises and no sources', () => {
  expect(packed).toEqual(
    expect.arrayContaining([
      'README.md',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/testing/index.js',
      'dist/validators.js',
      'dist/validators.d.ts',
      'schemas/intent.schema.json',
    ]),
  );
  expect(packed.filter((path) => /^(src|scripts|node_modules)\//.test(path))).toEqual([]);
});

test('the package brings no other package along', () => {
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, unknown>>;
  };
  expect(Object.keys(lock.packages)).toEqual(['', 'node_modules/@strategy-runner/contracts']);
});

test('the strategy of the guide compiles against the package alone and runs under node', () => {
  writeFileSync(join(folder, 'strategy.ts'), strategy);
  writeFileSync(join(folder, 'check.mjs'), check);
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--types', ''];
  const target = ['--target', 'es2023', '--module', 'nodenext', '--skipLibCheck', 'false'];
  run(join(root, 'node_modules/.bin/tsc'), [...strict, ...target, 'strategy.ts']);
  expect(JSON.parse(run(process.execPath, ['check.mjs']))).toEqual({
    CONTRACT_VERSION: '1.0',
    kinds: ['open'],
    schema: 'IntentBody',
  });
});

test('a strategy that leaves out a size does not compile', () => {
  const wrong = strategy.replace(/ {2}sizing_policy.*\n/, '');
  writeFileSync(join(folder, 'wrong.ts'), wrong);
  const target = ['--target', 'es2023', '--module', 'nodenext', '--types', '', '--noEmit'];
  expect(() => run(join(root, 'node_modules/.bin/tsc'), [...target, 'wrong.ts'])).toThrow(
    expect.objectContaining({ stdout: expect.stringContaining("'sizing_policy' is missing") }),
  );
});
