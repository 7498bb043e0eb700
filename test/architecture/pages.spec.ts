import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listFiles, ROOT } from './source.js';

/** The folders right below `parent` that hold files, but no row in the table of the page. */
function undescribed(page: string, parent: string, paths: readonly string[]): readonly string[] {
  const below = paths.map((path) => path.slice(parent.length + 1).split('/'));
  const folders = new Set(below.flatMap(([folder = '', file]) => (file ? [folder] : [])));
  return [...folders].filter((folder) => !page.includes(`\n| \`${folder}/\``));
}

describe('the page of a package', () => {
  test('is found wanting where it leaves out a folder', () => {
    const page = '\n| `risk/` | limits | I/O |\nThe `order/` folder.';
    const paths = ['core/src/risk/risk-engine.ts', 'core/src/order/a.ts', 'core/src/engine.ts'];
    expect(undescribed(page, 'core/src', paths)).toEqual(['order']);
  });

  test.each([
    ['core/src', 'core/README.md'],
    ['adapters/src', 'adapters/README.md'],
    ['test', 'test/README.md'],
  ])('says what every folder of %s is for', (parent, page) => {
    const paths = listFiles(ROOT, parent);
    expect(paths.length).toBeGreaterThan(0);
    expect(undescribed(readFileSync(join(ROOT, page), 'utf8'), parent, paths)).toEqual([]);
  });
});
