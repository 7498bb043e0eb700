import { describe, expect, test } from 'vitest';
import { modeFindings } from './mode.js';
import { COMPOSITION_ROOT } from './purity.js';
import { aSource, readSources } from './source.js';

describe('a branch on the mode', () => {
  test.each([
    ["if (mode === 'live') send();", "=== 'live'"],
    ['if ("paper" !== session.kind) send();', '"paper" !=='],
    ["switch (mode) { case 'backtest': break; }", "case 'backtest'"],
    ["const x = mode == 'live' ? 1 : 2;", "== 'live'"],
    ["if (['live', 'paper'].includes(mode)) send();", "['live', 'paper'].includes"],
    ['const venue = VENUES[options.mode];', '[options.mode]'],
    ['if (isLive) send();', 'isLive'],
  ])('is found: %s', (text, excerpt) => {
    const path = 'core/src/order/order-factory.ts';
    expect(modeFindings([aSource(path, text)])).toEqual([
      `${path}:1 branches on the mode: ${excerpt}`,
    ]);
  });

  test('is allowed in the composition root and where commands define their arguments', () => {
    const text = "const venue = mode === 'live' ? a : b;";
    expect(modeFindings([aSource(COMPOSITION_ROOT, text)])).toEqual([]);
    expect(modeFindings([aSource('adapters/src/cli/commands/live.ts', text)])).toEqual([]);
  });

  test('is not seen in types, comments and recorded metadata', () => {
    const text = "type Kind = 'live' | 'paper'; // kind === 'live'\nwrite({ kind: 'backtest' });";
    expect(modeFindings([aSource('core/src/session.ts', text)])).toEqual([]);
  });

  test('exists nowhere else in the project', () => {
    const files = readSources(['contracts/src', 'core/src', 'adapters/src', 'plugins']);
    expect(files.length).toBeGreaterThan(0);
    expect(modeFindings(files)).toEqual([]);
  });
});
