import { expect, test } from 'vitest';
import { firstDifference } from '../../../../adapters/src/api/setting-difference.js';

test('the first setting that differs is named by its path', () => {
  const before = { costs: { maker: '2', taker: '5' }, strategy: { config: { fast: 10 } } };
  const now = { costs: { maker: '2', taker: '6' }, strategy: { config: { fast: 11 } } };
  expect(firstDifference(before, now)).toEqual({ path: '/costs/taker', was: '"5"', is: '"6"' });
});

test('a setting that is new, gone, or of another kind differs', () => {
  const gone = { path: '/b', was: '1', is: 'not set' };
  expect(firstDifference({ a: 1, b: 1 }, { a: 1 })).toEqual(gone);
  expect(firstDifference({}, { b: [1] })).toEqual({ path: '/b', was: 'not set', is: '[1]' });
  expect(firstDifference({ b: null }, { b: {} })).toEqual({ path: '/b', was: 'null', is: '{}' });
});

test('equal settings have no difference, whatever their order', () => {
  expect(firstDifference({ a: [1, { c: 2 }], b: null }, { b: null, a: [1, { c: 2 }] })).toBe(
    undefined,
  );
});
