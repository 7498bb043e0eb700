import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { loadPlugin } from '../../../../adapters/src/plugin-source/load-plugin.js';
import { aFolder, aPackage } from './a-plugin.js';

// A file of its own: whatever another spec has loaded would stay loaded.
const loadedAjvFiles = () =>
  Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('/ajv/'));

test('ajv is loaded for a plugin with a config schema, and only then', async () => {
  await loadPlugin('.', { cwd: aFolder(aPackage()) });
  expect(loadedAjvFiles()).toEqual([]);
  await loadPlugin('.', {
    cwd: aFolder(aPackage(undefined, { config_schema: { type: 'object' } })),
  });
  expect(loadedAjvFiles()).not.toEqual([]);
});
