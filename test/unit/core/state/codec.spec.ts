import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '@strategy-runner/core';

function roundTrip(value: unknown): unknown {
  return decode(encode(value));
}

describe('state and records as JSON and back', () => {
  test.each<[string, unknown]>([
    ['a decimal', 1_500_000_000_000_000_000n],
    ['a negative decimal of the smallest unit', -1n],
    ['a text that looks like a decimal', '#1.5'],
    ['a text of marks', '##'],
    ['a map with decimals', new Map([['a', { quantity: 5n, lots: new Map([[1, 2n]]) }]])],
    ['a set', new Set(['a', '#b'])],
    ['no timer due', { nextTimerMs: Infinity }],
    ['null and nesting', { a: null, b: [1, [2, [3n]]] }],
  ])('%s survives', (_title, value) => {
    expect(roundTrip(value)).toEqual(value);
  });

  test.each<[string, unknown]>([
    ['a map', { $map: 5 }],
    ['a set', { $set: 'no list' }],
    ['a number', { $number: 'Infinity' }],
    ['an escaped mark', { $$map: [[1, 2]], plain: '#x' }],
    ['a mark in depth', { meta: { a: [{ $map: [['k', 'v']], $: 1 }] } }],
  ])("a plugin's object that looks like %s stays what it is", (_title, value) => {
    expect(roundTrip(value)).toEqual(value);
    expect(Object.getPrototypeOf(roundTrip(value))).toBe(Object.prototype);
  });

  test('is stable: the text of what was read is the text that was read', () => {
    const text = encode(new Map([['x', { a: 1n, $b: '#', c: [Infinity] }]]));
    expect(encode(decode(text))).toBe(text);
  });
});

const text = fc.oneof(fc.string(), fc.constantFrom('#', '##1', '$', '$map', '$set', '$number'));
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.boolean(),
    fc.constant(null),
    fc.constant(Infinity),
    text,
    fc.array(tie('any'), { maxLength: 4 }),
    fc.array(fc.tuple(text, tie('any')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
    fc.array(fc.tuple(text, tie('any')), { maxLength: 4 }).map((pairs) => {
      return Object.fromEntries(pairs.filter(([key]) => key !== '__proto__'));
    }),
  ),
})).any;

test('whatever a state may hold survives, keys and texts of plugins included', () => {
  fc.assert(
    fc.property(value, (given) => {
      expect(roundTrip(given)).toEqual(given);
    }),
    { numRuns: 2000 },
  );
});
