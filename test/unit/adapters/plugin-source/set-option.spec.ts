import { describe, expect, test } from 'vitest';
import {
  applySet,
  parseSetOptions,
  pointerOf,
  readLiteral,
} from '../../../../adapters/src/plugin-source/set-option.js';
import { errorOf } from './a-plugin.js';

describe('parseSetOptions', () => {
  test('splits at the first equals sign and keeps the value as text', () => {
    expect(parseSetOptions(['fast=5', 'filter.expr=a=b', 'note='])).toEqual({
      fast: '5',
      'filter.expr': 'a=b',
      note: '',
    });
  });

  test('lets the last of two equal keys win', () => {
    expect(parseSetOptions(['fast=5', 'fast=6'])).toEqual({ fast: '6' });
  });

  test.each(['fast', '=5', 'a..b=1', '.a=1', 'a b=1', '__proto__.x=1', 'a.constructor=1'])(
    'refuses %s as a usage error',
    async (option) => {
      const error = await errorOf(() => parseSetOptions([option]));
      expect(error).toMatchObject({ code: 'USAGE', exitCode: 64 });
    },
  );
});

describe('readLiteral', () => {
  test.each([
    ['5', 5],
    ['-0.25', -0.25],
    ['.5', 0.5],
    ['1e3', 1000],
    ['true', true],
    ['null', null],
    ['[1,"a"]', [1, 'a']],
    ['{"a":1}', { a: 1 }],
    ['"5"', '5'],
    ['BTC/USDT', 'BTC/USDT'],
    ['1h', '1h'],
    ['[open', '[open'],
    ['', ''],
    ['Infinity', 'Infinity'],
  ])('reads %s', (text, value) => {
    expect(readLiteral(text)).toEqual(value);
  });
});

describe('applySet', () => {
  const none = new Set<string>();

  test('writes into nested objects and existing lists without touching the given config', () => {
    const config = { levels: [{ qty: 1 }], stop: { pct: 1 } };
    const set = parseSetOptions(['levels.0.qty=2', 'stop.pct=3', 'new.deep=x']);
    expect(applySet(config, set, none)).toEqual({
      levels: [{ qty: 2 }],
      stop: { pct: 3 },
      new: { deep: 'x' },
    });
    expect(config).toEqual({ levels: [{ qty: 1 }], stop: { pct: 1 } });
  });

  test('keeps text whose pointer is named', () => {
    const set = parseSetOptions(['qty=0.10']);
    expect(applySet({}, set, new Set([pointerOf('qty')]))).toEqual({ qty: '0.10' });
  });

  test('takes values given in code as they are', () => {
    expect(applySet({}, { fast: 5, list: [1] }, none)).toEqual({ fast: 5, list: [1] });
  });

  test.each([
    ['a.b', { a: 1 }],
    ['list.x', { list: [] }],
    ['list.2', { list: [1] }],
  ])('refuses %s where there is no such place', async (key, config) => {
    const error = await errorOf(() => applySet(config, { [key]: '1' }, none));
    expect(error).toMatchObject({ code: 'USAGE' });
    expect(error.message).toContain(`--set ${key}`);
  });
});

test('a pointer escapes what JSON pointers escape', () => {
  expect(pointerOf('a.b/c.d~e')).toBe('/a/b~1c/d~0e');
});
