import { describe, expect, test } from 'vitest';
import {
  COMPOSITION_ROOT,
  containerFindings,
  purityFindings,
  SYSTEM_CLOCK,
  wallClockFindings,
} from './purity.js';
import { aSource, readSources } from './source.js';

describe('contracts, core and plugins', () => {
  const check = (text: string) => purityFindings([aSource('core/src/a.ts', text)]);

  test.each([
    ['const t = Date.now();', 'uses Date'],
    ['const t = new Date(ms);', 'uses Date'],
    ['const f = flag ? Date.parse : g;', 'uses Date'],
    ['setTimeout(f, 1);', 'uses setTimeout'],
    ['const x = `${setInterval(f, 1)}`;', 'uses setInterval'],
    ['setImmediate(f);', 'uses setImmediate'],
    ['queueMicrotask(f);', 'uses queueMicrotask'],
    ['console.log(1);', 'uses console'],
    ['await fetch(url);', 'uses fetch'],
    ["globalThis['x'];", 'uses globalThis'],
    ['performance.now();', 'uses performance'],
    ['crypto.randomUUID();', 'uses crypto'],
    ["require('fs');", 'uses require'],
    ['eval(text);', 'uses eval'],
    ["process.env['A'];", 'uses process'],
    ['const { env } = process;', 'uses process'],
    ['Math.random();', 'reaches Math.random'],
    ["Math['random']();", 'reaches Math.random'],
    ['const { random } = Math;', 'reaches Math.random'],
    ["import { x } from 'node:fs';", 'imports node:fs'],
  ])('may not say %s', (text, message) => {
    expect(check(`\n${text}`)).toEqual([`core/src/a.ts:2 ${message}`]);
  });

  test('may use the same words for members, methods, keys, comments and text', () => {
    const text = [
      '// Date, process and console are banned here; setTimeout( too.',
      'interface Engine { process(event: E): R; readonly performance: number; fetch?: boolean }',
      'engine.process(event); this.process(event); report.console; Math.max(Math.PI, 1);',
      "const reason = 'console.log(Date.now())'; const dated = DateColumn; updateDate();",
    ].join('\n');
    expect(check(text)).toEqual([]);
  });

  test('hold to that in the project', () => {
    const files = readSources(['contracts/src', 'core/src', 'plugins']);
    expect(files.length).toBeGreaterThan(0);
    expect(purityFindings(files)).toEqual([]);
  });
});

describe('the container', () => {
  test.each(['tsyringe', 'reflect-metadata', 'tsyringe/dist/x.js'])(
    'of %s is found outside the composition root only',
    (name) => {
      const text = `import '${name}';`;
      expect(containerFindings([aSource('adapters/src/api/live.ts', text)])).toEqual([
        `adapters/src/api/live.ts:1 imports ${name}; only ${COMPOSITION_ROOT} may`,
      ]);
      expect(containerFindings([aSource(COMPOSITION_ROOT, text)])).toEqual([]);
    },
  );

  test('is imported by the composition root only', () => {
    const files = readSources(['contracts', 'core', 'adapters', 'plugins', 'test']);
    expect(containerFindings(files)).toEqual([]);
  });
});

describe('the wall clock', () => {
  const check = (text: string, path = 'adapters/src/venue/a.ts') =>
    wallClockFindings([aSource(path, text)]);

  test.each(['Date.now()', 'new Date()', 'new Date( )', 'new Date', 'performance.timeOrigin'])(
    'is found in %s outside the system clock only',
    (text) => {
      expect(check(`x = ${text};`)).toHaveLength(1);
      expect(check(`x = ${text};`, SYSTEM_CLOCK)).toEqual([]);
    },
  );

  test('is found where Date is called without new', () => {
    expect(check('const text = Date();')).toHaveLength(1);
  });

  test('is not read by parsing or printing a given time', () => {
    expect(check('Date.parse(text); Date.UTC(y, m); new Date(ms).toISOString();')).toEqual([]);
  });

  test('is read by the system clock only', () => {
    expect(wallClockFindings(readSources(['adapters/src']))).toEqual([]);
  });
});
