import { realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolvePlugin } from '../../../../adapters/src/plugin-source/resolve-plugin.js';
import { STRATEGY, aFolder, aManifest, aPackage, below, errorOf } from './a-plugin.js';

describe('a package', () => {
  const cwd = aFolder({
    ...below('node_modules/runner-strategy-dip', aPackage()),
    ...below('node_modules/@acme/runner-strategy-grid', aPackage('@acme/runner-strategy-grid')),
    ...below('node_modules/plain-name', aPackage('plain-name')),
    'deep/er/readme.md': '',
  });

  test.each([
    ['runner-strategy-dip', 'runner-strategy-dip'],
    ['dip', 'runner-strategy-dip'],
    ['@acme/runner-strategy-grid', '@acme/runner-strategy-grid'],
    ['@acme/grid', '@acme/runner-strategy-grid'],
    ['plain-name', 'plain-name'],
  ])('is found as %s from a folder below', (spec, name) => {
    const root = join(cwd, 'node_modules', name);
    expect(resolvePlugin(spec, { cwd: join(cwd, 'deep/er') })).toEqual({
      kind: 'package',
      root,
      packageName: name,
      version: '1.2.3',
      manifestPath: join(root, 'runner.plugin.json'),
      manifest: aManifest({ id: name }),
      entryPath: join(root, 'index.ts'),
    });
  });

  test('is found where its exports have only an import condition', () => {
    const folder = aFolder(
      below(
        'node_modules/runner-strategy-esm',
        aPackage(
          'runner-strategy-esm',
          {},
          {
            'package.json': {
              name: 'runner-strategy-esm',
              version: '2.0.0',
              exports: { '.': { import: './index.ts' } },
              runner: { manifest: './runner.plugin.json' },
            },
          },
        ),
      ),
    );
    expect(resolvePlugin('esm', { cwd: folder })).toMatchObject({ version: '2.0.0' });
  });

  test('is followed through a link, so that its own dependencies are found', () => {
    const home = aFolder(aPackage());
    const folder = aFolder({ 'node_modules/.keep': '' });
    symlinkSync(home, join(folder, 'node_modules/runner-strategy-dip'));
    expect(resolvePlugin('dip', { cwd: folder }).root).toBe(realpathSync(home));
  });

  test('says that a package without a manifest is no plugin', async () => {
    const error = await errorOf(() => resolvePlugin('vitest', { cwd: process.cwd() }));
    expect(error).toMatchObject({ code: 'PLUGIN_INVALID', exitCode: 65 });
    expect(error.message).toContain('is not a plugin: it has no manifest');
  });

  test('refuses a manifest whose id is not the package', async () => {
    const folder = aFolder(
      below('node_modules/runner-strategy-dip', aPackage('runner-strategy-dip', { id: 'other' })),
    );
    const error = await errorOf(() => resolvePlugin('dip', { cwd: folder }));
    expect(error.code).toBe('PLUGIN_INVALID');
    expect(error.message).toContain('id is "other", the package is "runner-strategy-dip"');
  });
});

describe('a folder', () => {
  test('is read through the manifest that package.json names', () => {
    const root = aFolder({
      ...aPackage(),
      'package.json': {
        name: 'runner-strategy-dip',
        version: '3.0.0',
        runner: { manifest: './meta/p.json' },
      },
      'meta/p.json': aManifest({ entry: { type: 'module', path: './main.ts' } }),
      'meta/main.ts': STRATEGY,
    });
    expect(resolvePlugin('.', { cwd: root })).toMatchObject({
      kind: 'folder',
      version: '3.0.0',
      manifestPath: join(root, 'meta/p.json'),
      entryPath: join(root, 'meta/main.ts'),
    });
  });

  test('needs no package.json beside its manifest', () => {
    const root = aFolder({
      'runner.plugin.json': aManifest({ version: '0.9.0' }),
      'index.ts': STRATEGY,
    });
    const found = resolvePlugin(root, { cwd: '/' });
    expect(found).toMatchObject({ kind: 'folder', root, version: '0.9.0' });
    expect(found).not.toHaveProperty('packageName');
  });

  test('is also found by its bare name where no package has it', () => {
    const cwd = aFolder(below('my-idea', aPackage()));
    expect(resolvePlugin('my-idea', { cwd })).toMatchObject({
      kind: 'folder',
      root: join(cwd, 'my-idea'),
    });
  });

  test('has no entry file when its entry is a command', () => {
    const entry = { type: 'stdio', command: ['python3', 'main.py'], protocol: 'jsonl/1' };
    const root = aFolder(aPackage(undefined, { entry }));
    expect(resolvePlugin(root, { cwd: root })).not.toHaveProperty('entryPath');
  });

  test.each<[string, object, string]>([
    ['no manifest', { 'package.json': { name: 'x' } }, 'has no manifest'],
    [
      'a runner field without a manifest',
      { 'package.json': { runner: {} } },
      '"runner" does not name',
    ],
    [
      'a named manifest that is absent',
      { 'package.json': { runner: { manifest: './no.json' } } },
      'does not exist',
    ],
    [
      'a manifest outside of it',
      { 'package.json': { runner: { manifest: '../no.json' } } },
      'is outside',
    ],
    [
      'a manifest that is not JSON',
      { 'runner.plugin.json': '{ "id": }' },
      'cannot be read as JSON',
    ],
    ['a manifest that is a list', { 'runner.plugin.json': '[]' }, 'is not a JSON object'],
    ['a package.json that is not JSON', { 'package.json': 'x' }, 'cannot be read as JSON'],
    [
      'an unknown field',
      { 'runner.plugin.json': aManifest({ colour: 1 }) },
      '/colour is not a known field',
    ],
    ['no entry', { 'runner.plugin.json': aManifest({ entry: undefined }) }, 'no entry says'],
    [
      'an entry that was not built',
      { 'runner.plugin.json': aManifest({ entry: { type: 'module', path: './dist/index.js' } }) },
      'the entry ./dist/index.js does not exist',
    ],
    [
      'an entry outside of it',
      { 'runner.plugin.json': aManifest({ entry: { type: 'module', path: './../x.js' } }) },
      'is outside of the plugin',
    ],
  ])('with %s is PLUGIN_INVALID', async (_case, files, text) => {
    const root = aFolder(files as Record<string, string>);
    const error = await errorOf(() => resolvePlugin(root, { cwd: root }));
    expect(error).toMatchObject({ code: 'PLUGIN_INVALID', exitCode: 65 });
    expect(error.message).toContain(text);
  });

  test('without a manifest names the source file that could be run alone', async () => {
    const root = aFolder({ 'src/index.ts': STRATEGY });
    const error = await errorOf(() => resolvePlugin(root, { cwd: root }));
    expect(error.next).toContain(`--strategy ${join(root, 'src/index.ts')}`);
  });
});

describe('a file', () => {
  test.each(['idea.ts', 'idea.mts', 'idea.js', 'idea.mjs'])('may be %s', (name) => {
    const cwd = aFolder({ [name]: STRATEGY });
    expect(resolvePlugin(name, { cwd })).toEqual({
      kind: 'file',
      root: cwd,
      version: '0.0.0',
      entryPath: join(cwd, name),
    });
  });

  test('may not be of another kind', async () => {
    const cwd = aFolder({ 'idea.py': '' });
    const error = await errorOf(() => resolvePlugin('./idea.py', { cwd }));
    expect(error).toMatchObject({ code: 'PLUGIN_INVALID' });
    expect(error.why).toContain('.ts, .mts, .js, .mjs');
  });

  test.each(['package.json', 'runner.plugin.json'])(
    'that is %s leads to its folder',
    async (name) => {
      const cwd = aFolder(aPackage());
      const error = await errorOf(() => resolvePlugin(name, { cwd }));
      expect(error).toMatchObject({ code: 'PLUGIN_INVALID', next: `--strategy ${cwd}` });
    },
  );
});

describe('what is not there', () => {
  test('is PLUGIN_NOT_FOUND with the places searched and the names that exist', async () => {
    const cwd = aFolder(below('node_modules/runner-strategy-dip-buyer', aPackage()));
    const error = await errorOf(() => resolvePlugin('dip-buyr', { cwd }));
    expect(error).toMatchObject({ code: 'PLUGIN_NOT_FOUND', exitCode: 66 });
    expect(error.message).toBe('there is no plugin "dip-buyr"');
    expect(error.why).toContain(
      `No package runner-strategy-dip-buyr or dip-buyr in node_modules of ${cwd}`,
    );
    expect(error.why).toContain('bundled plugins: ');
    expect(error.why).toContain('Did you mean "dip-buyer"?');
    expect(error.next).toBe('--strategy dip-buyer');
  });

  test('says what to install where nothing is like it', async () => {
    const error = await errorOf(() => resolvePlugin('@acme/zzzzzzzz', { cwd: aFolder() }));
    expect(error).toMatchObject({ code: 'PLUGIN_NOT_FOUND', next: 'npm install @acme/zzzzzzzz' });
  });

  test('names a path in full, and its likely neighbour', async () => {
    const cwd = aFolder({ 'ideas/momentum.ts': STRATEGY });
    const error = await errorOf(() => resolvePlugin('./ideas/momentun.ts', { cwd }));
    expect(error).toMatchObject({
      code: 'PLUGIN_NOT_FOUND',
      message: `there is no file or folder ${join(cwd, 'ideas/momentun.ts')}`,
      why: 'Beside it is momentum.ts',
    });
    expect(error.next).toBe('--strategy ideas/momentum.ts');
  });

  test('lists the bundled plugins for a path like nothing else', async () => {
    const error = await errorOf(() => resolvePlugin('/nowhere/at/all', { cwd: '/' }));
    expect(error.next).toContain('bundled plugins: ');
  });

  test('is a usage error when nothing was typed', async () => {
    const error = await errorOf(() => resolvePlugin(' ', { cwd: '/' }));
    expect(error).toMatchObject({ code: 'USAGE', exitCode: 64 });
  });

  test('includes names that no package can have', async () => {
    const error = await errorOf(() => resolvePlugin('two words', { cwd: aFolder() }));
    expect(error.code).toBe('PLUGIN_NOT_FOUND');
  });
});
