import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseDecimal,
  plainDecimal,
  readDecimal,
  shapeOf,
} from '../../../../adapters/src/market-data/decimal-cell.js';

function read(text: string): { next: number; value: number } {
  const bytes = new TextEncoder().encode(`#${text},`);
  const out = new Float64Array(1);
  const next = readDecimal(bytes, 1, out, 0);
  return { next, value: out[0] as number };
}

const digitString = (max: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[0-9]{0,${max}}$`));

describe('readDecimal', () => {
  test('equals Number() on every decimal of up to 15 digits', () => {
    const decimals = fc
      .tuple(digitString(15), digitString(15), fc.boolean())
      .map(([whole, fraction, hasPoint]) => {
        const left = whole.slice(0, 15);
        const right = fraction.slice(0, 15 - left.length);
        return right !== '' || hasPoint ? `${left}.${right}` : left;
      })
      .filter((text) => /\d/.test(text));
    fc.assert(
      fc.property(decimals, (text) => {
        expect(read(text)).toEqual({ next: text.length + 1, value: Number(text) });
      }),
      { numRuns: 5000 },
    );
  });

  test('gives back the float64 of every price with at most 15 digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 15 - 1 }), fc.nat(12), (mantissa, decimals) => {
        const price = mantissa / 10 ** decimals;
        // Exponents below 1e-6 are written by String() and are not plain digits.
        fc.pre(!String(price).includes('e') && String(price).replace('.', '').length <= 15);
        expect(read(String(price)).value).toBe(price);
      }),
      { numRuns: 5000 },
    );
  });

  test.each(['', '.', '-1', '+1', '"1"', ' 1', 'nan', '1234567890123456', '0.1234567890123456'])(
    'leaves "%s" to the general reader',
    (text) => {
      expect(read(text).next).toBe(-1);
    },
  );

  test('stops at what is no digit, for the caller to judge', () => {
    expect(read('12e3')).toEqual({ next: 3, value: 12 });
    expect(read('1.2.3')).toEqual({ next: 4, value: 1.2 });
  });
});

describe('parseDecimal', () => {
  test.each([
    ['1e-4', 0.0001],
    ['-2.5E+3', -2500],
    ['+7', 7],
    ['.5', 0.5],
    ['5.', 5],
    ['12345678901234567', 12345678901234568],
  ])('reads %s', (text, value) => {
    expect(parseDecimal(text)).toBe(value);
  });

  test('turns minus zero into zero', () => {
    expect(Object.is(parseDecimal('-0'), 0)).toBe(true);
  });

  test.each(['', ' ', 'nan', 'NaN', 'null', 'Infinity', '1e999', '0x10', '1,5', '1_000', '1e'])(
    'refuses "%s"',
    (text) => {
      expect(parseDecimal(text)).toBeNaN();
    },
  );
});

test.each([
  [100, { digits: 1, decimals: 0 }],
  [100.5, { digits: 4, decimals: 1 }],
  [0.00001234, { digits: 4, decimals: 8 }],
  [1e-9, { digits: 1, decimals: 9 }],
  [0.1 + 0.2, { digits: 17, decimals: 17 }],
])('the shortest decimal of %d has the shape %o', (value, shape) => {
  expect(shapeOf(value)).toEqual(shape);
});

describe('plainDecimal', () => {
  test.each([
    ['0.0001', '0.0001'],
    ['0.00010', '0.00010'],
    ['1e-4', '0.0001'],
    ['-3.75E-05', '-0.0000375'],
    ['1.5e3', '1500'],
    ['12.345e1', '123.45'],
    ['+0.1', '0.1'],
    ['.1', '0.1'],
    ['1.', '1'],
    ['007', '7'],
    ['-0.0', '0.0'],
  ])('writes %s as %s', (text, plain) => {
    expect(plainDecimal(text)).toBe(plain);
  });

  test.each(['', '.', '-', 'abc', '1e', '1e-999', '0x1', 'NaN', '1'.repeat(41)])(
    'refuses "%s"',
    (text) => {
      expect(plainDecimal(text)).toBeUndefined();
    },
  );

  test('keeps the value of every finite number', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(10 ** 9), max: 10 ** 9 }),
        fc.integer({ min: -20, max: 20 }),
        (mantissa, exponent) => {
          const plain = plainDecimal(`${mantissa}e${exponent}`);
          expect(plain).toMatch(/^-?\d+(\.\d+)?$/);
          expect(Number(plain)).toBe(Number(`${mantissa}e${exponent}`) + 0);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
