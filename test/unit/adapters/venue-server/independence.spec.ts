import { describe, expect, test } from 'vitest';
import { aSource, importsOf, readSources, type SourceFile } from '../../../architecture/source.js';

/** What the local exchange may not know: the runner's own packages, and folders beside it. */
function sharedImports(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap(({ specifier = '', line }) =>
      /^(?:@strategy-runner\/|strategy-runner|\.\.\/)/.test(specifier)
        ? [`${file.path}:${String(line)} imports ${specifier}`]
        : [],
    ),
  );
}

describe('the local exchange', () => {
  test('is found to share code with the runner where it imports any', () => {
    const text = "import { decimal } from '@strategy-runner/core';\nimport '../venue/a.js';";
    expect(sharedImports([aSource('adapters/src/venue-server/a.ts', text)])).toEqual([
      'adapters/src/venue-server/a.ts:1 imports @strategy-runner/core',
      'adapters/src/venue-server/a.ts:2 imports ../venue/a.js',
    ]);
  });

  test('shares no code with the runner, so it cannot repeat its mistakes', () => {
    const files = readSources(['adapters/src/venue-server']);
    expect(files.length).toBeGreaterThan(20);
    expect(sharedImports(files)).toEqual([]);
  });
});
