// Holds core's fixed-point money against decimal.js, which shares no code with it.
// fast-check prints the seed of a failing property.
import { Decimal as Reference } from 'decimal.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as money from '../../../core/src/decimal.js';

const Exact = Reference.clone({ precision: 400, toExpNeg: -400, toExpPos: 400 });
type Exact = InstanceType<typeof Exact>;
const RUNS = { numRuns: 5_000 };

const units = fc.oneof(
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
  fc.bigInt({ min: -(10n ** 32n), max: 10n ** 32n }),
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.constantFrom(0n, 1n, -1n, money.ONE, -money.ONE, money.ONE / 2n, -money.ONE / 2n),
);
// Pairs whose product, or quotient, is exactly half way between two units: random pairs never are.
const odd = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }).map((n) => 2n * n + 1n);
const factors = fc.oneof(
  fc.tuple(units, units),
  fc.tuple(
    odd,
    odd.map((n) => n * (money.ONE / 2n)),
  ),
);
const fractions = fc.oneof(
  fc.tuple(
    units,
    units.filter((n) => n !== 0n),
  ),
  fc.tuple(odd, fc.constantFrom(2n * money.ONE, -2n * money.ONE)),
);
const steps = fc.oneof(
  fc.integer({ min: 0, max: 20 }).map((places) => 10n ** BigInt(places)),
  fc.bigInt({ min: 1n, max: 10n ** 19n }),
);

const stepped = fc.oneof(
  fc.tuple(units, steps),
  fc.tuple(odd, steps).map(([n, step]) => [n * step, 2n * step] as const),
);

function exact(value: bigint): Exact {
  return new Exact(value.toString()).div('1e18');
}

function unitsOf(value: Exact, mode: Reference.Rounding): bigint {
  return BigInt(value.times('1e18').toDecimalPlaces(0, mode).toFixed(0));
}

describe('decimal', () => {
  test.each([
    ['0', 0n],
    ['-0', 0n],
    ['+1', money.ONE],
    ['1.5', (3n * money.ONE) / 2n],
    ['-0.000000000000000001', -1n],
    ['007.10', (71n * money.ONE) / 10n],
    ['123456789012345678901234567890', 123456789012345678901234567890n * money.SCALE],
  ])('reads %s', (text, value) => {
    expect(money.decimal(text)).toBe(value);
  });

  test.each(['', ' 1', '1 ', '1\n', '.5', '5.', '1e5', '1,000', '--1', '+', '0x10', 'NaN', '١'])(
    'refuses %j and quotes it',
    (text) => {
      expect(() => money.decimal(text)).toThrow(RangeError);
      expect(() => money.decimal(text)).toThrow(`DECIMAL_INVALID: ${JSON.stringify(text)}`);
    },
  );

  test('refuses a nineteenth decimal, even a zero', () => {
    expect(() => money.decimal('0.1234567890123456780')).toThrow('DECIMAL_INVALID');
  });
});

describe('format', () => {
  test.each([
    [0n, '0'],
    [1n, '0.000000000000000001'],
    [-1n, '-0.000000000000000001'],
    [money.decimal('-0.50'), '-0.5'],
    [money.decimal('1200'), '1200'],
    [money.decimal('-1200.0100'), '-1200.01'],
  ])('writes %s as %s', (value, text) => {
    expect(money.format(value)).toBe(text);
  });

  test('writes what decimal.js writes, and reads it back unchanged', () => {
    fc.assert(
      fc.property(units, (value) => {
        const text = money.format(value);
        expect(text).toBe(exact(value).toFixed());
        expect(money.decimal(text)).toBe(value);
      }),
      RUNS,
    );
  });
});

describe('fromNumber', () => {
  test.each([
    [0, '0'],
    [-0, '0'],
    [0.1, '0.1'],
    [-42000.25, '-42000.25'],
    [1e-18, '0.000000000000000001'],
    [1.23e-7, '0.000000123'],
    [1e21, '1000000000000000000000'],
    [1.5e300, `15${'0'.repeat(299)}`],
    [123456789.123456, '123456789.123456'],
    [999999999999999, '999999999999999'],
    [1e15, '1000000000000000'],
  ])('reads the float64 %d as %s', (x, text) => {
    expect(money.format(money.fromNumber(x))).toBe(text);
  });

  test.each([
    [0.1 + 0.2, 'needs 17 significant digits'],
    [1 / 3, 'needs 16 significant digits'],
    [1234567890123456, 'needs 16 significant digits'],
    [12345678.90123456, 'needs 16 significant digits'],
    [1e-19, 'needs 19 decimals'],
    [1.5e-18, 'needs 19 decimals'],
    [5e-324, 'needs 324 decimals'],
    [Number.NaN, 'is not a finite number'],
    [Number.POSITIVE_INFINITY, 'is not a finite number'],
    [Number.NEGATIVE_INFINITY, 'is not a finite number'],
  ])('refuses %d: it %s', (x, why) => {
    expect(() => money.fromNumber(x)).toThrow(RangeError);
    expect(() => money.fromNumber(x)).toThrow(`DATA_PRECISION: ${x} ${why}`);
  });

  test('reads back every decimal of at most 15 digits and 18 decimals', () => {
    const digits = fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 });
    fc.assert(
      fc.property(digits, fc.integer({ min: -18, max: 12 }), (mantissa, exponent) => {
        const text = new Exact(`${mantissa}e${exponent}`).toFixed();
        expect(money.format(money.fromNumber(Number(text)))).toBe(text === '-0' ? '0' : text);
      }),
      RUNS,
    );
  });

  test('accepts a random float64 exactly when its shortest decimal is short enough', () => {
    const floats = fc.oneof(
      fc.double({ noDefaultInfinity: true, noNaN: true }),
      fc.double({ noNaN: true, min: -1e7, max: 1e7 }),
      fc.integer({ min: -(10 ** 12), max: 10 ** 12 }).map((cents) => cents / 100),
    );
    fc.assert(
      fc.property(floats, (x) => {
        const shortest = new Exact(x);
        if (shortest.precision() <= 15 && shortest.decimalPlaces() <= 18) {
          expect(money.fromNumber(x)).toBe(unitsOf(shortest, Exact.ROUND_HALF_EVEN));
        } else {
          expect(() => money.fromNumber(x)).toThrow('DATA_PRECISION');
        }
      }),
      RUNS,
    );
  });
});

describe('toNumber', () => {
  test('gives the float64 that reading the text gives', () => {
    fc.assert(
      fc.property(units, (value) => {
        expect(money.toNumber(value)).toBe(Number(money.format(value)));
      }),
      RUNS,
    );
  });

  test('rounds once at the edges of its fast paths', () => {
    const edge = BigInt(Number.MAX_SAFE_INTEGER);
    for (const base of [edge, edge * money.CASH_QUANTUM]) {
      for (const offset of [-money.CASH_QUANTUM, -1n, 0n, 1n, 2n, 3n, money.CASH_QUANTUM]) {
        for (const value of [base + offset, -base - offset]) {
          expect(money.toNumber(value)).toBe(Number(money.format(value)));
        }
      }
    }
  });

  test('never answers negative zero', () => {
    expect(Object.is(money.toNumber(0n), 0)).toBe(true);
  });
});

describe('multiply', () => {
  test('equals decimal.js half-even, negatives and ties included', () => {
    fc.assert(
      fc.property(factors, ([a, b]) => {
        const product = exact(a).times(exact(b));
        expect(money.multiply(a, b)).toBe(unitsOf(product, Exact.ROUND_HALF_EVEN));
      }),
      RUNS,
    );
  });

  test.each([
    [1n, '0.5', 0n],
    [3n, '0.5', 2n],
    [5n, '0.5', 2n],
    [-1n, '0.5', 0n],
    [-3n, '0.5', -2n],
    [-5n, '0.5', -2n],
    [1n, '0.500000000000000001', 1n],
    [-1n, '0.500000000000000001', -1n],
  ])('gives %s units × %s as %s units', (a, b, expected) => {
    expect(money.multiply(a, money.decimal(b))).toBe(expected);
  });
});

describe('divide', () => {
  test('equals decimal.js half-even, negatives and ties included', () => {
    fc.assert(
      fc.property(fractions, ([a, b]) => {
        const quotient = exact(a).div(exact(b));
        expect(money.divide(a, b)).toBe(unitsOf(quotient, Exact.ROUND_HALF_EVEN));
        expect(money.divideDown(a, b)).toBe(unitsOf(quotient, Exact.ROUND_DOWN));
      }),
      RUNS,
    );
  });

  test.each([
    [1n, 2n, 0n],
    [3n, 2n, 2n],
    [-1n, 2n, 0n],
    [3n, -2n, -2n],
    [-5n, -2n, 2n],
    [-2n, 3n, -1n],
  ])('gives %s units ÷ %s as %s units, ties to even', (a, b, expected) => {
    expect(money.divide(a, b * money.ONE)).toBe(expected);
  });

  test('refuses a divisor of zero', () => {
    expect(() => money.divide(1n, 0n)).toThrow('DECIMAL_DIVISION_BY_ZERO');
    expect(() => money.divideDown(1n, 0n)).toThrow('DECIMAL_DIVISION_BY_ZERO');
  });
});

describe('rounding to a step', () => {
  test('equals decimal.js downwards, upwards and half-even', () => {
    fc.assert(
      fc.property(stepped, ([value, step]) => {
        const count = exact(value).div(exact(step));
        const multiple = (mode: Reference.Rounding) =>
          BigInt(count.toDecimalPlaces(0, mode).toFixed(0)) * step;
        expect(money.floorTo(value, step)).toBe(multiple(Exact.ROUND_FLOOR));
        expect(money.ceilTo(value, step)).toBe(multiple(Exact.ROUND_CEIL));
        expect(money.roundHalfEvenTo(value, step)).toBe(multiple(Exact.ROUND_HALF_EVEN));
        expect(money.isMultipleOf(value, step)).toBe(count.isInteger());
      }),
      RUNS,
    );
  });

  test.each([
    ['1.25', '0.1', '1.2', '1.3', '1.2'],
    ['1.35', '0.1', '1.3', '1.4', '1.4'],
    ['-1.25', '0.1', '-1.3', '-1.2', '-1.2'],
    ['-1.2', '0.1', '-1.2', '-1.2', '-1.2'],
    ['7', '5', '5', '10', '5'],
    ['-0.05', '0.1', '-0.1', '0', '0'],
  ])('rounds %s in steps of %s to %s, %s and %s', (value, step, floor, ceil, even) => {
    const [v, s] = [money.decimal(value), money.decimal(step)];
    const rounded = [money.floorTo(v, s), money.ceilTo(v, s), money.roundHalfEvenTo(v, s)];
    expect(rounded.map(money.format)).toEqual([floor, ceil, even]);
  });

  test.each([0n, -1n])('refuses a step of %s units', (step) => {
    for (const round of [money.floorTo, money.ceilTo, money.roundHalfEvenTo, money.isMultipleOf]) {
      expect(() => round(money.ONE, step)).toThrow('DECIMAL_STEP_INVALID');
    }
  });

  test('rounds cash half-even to eight decimals', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          units,
          odd.map((n) => (n * money.CASH_QUANTUM) / 2n),
        ),
        (value) => {
          const cash = exact(value).toDecimalPlaces(8, Exact.ROUND_HALF_EVEN);
          expect(money.roundCash(value)).toBe(unitsOf(cash, Exact.ROUND_HALF_EVEN));
        },
      ),
      RUNS,
    );
    expect(money.format(money.roundCash(money.decimal('-0.000000015')))).toBe('-0.00000002');
    expect(money.format(money.roundCash(money.decimal('0.000000025')))).toBe('0.00000002');
  });
});

describe('bps', () => {
  test('takes the rate as a whole number or as a decimal, half-even', () => {
    const wholeBps = fc.integer({ min: -20_000, max: 20_000 });
    fc.assert(
      fc.property(
        fc.oneof(
          units,
          odd.map((n) => n * 5_000n),
        ),
        wholeBps,
        units,
        (value, whole, rate) => {
          const part = (points: Exact) =>
            unitsOf(exact(value).times(points).div(10_000), Exact.ROUND_HALF_EVEN);
          expect(money.bps(value, whole)).toBe(part(new Exact(whole)));
          expect(money.bps(value, rate)).toBe(part(exact(rate)));
        },
      ),
      RUNS,
    );
  });

  test('takes 4.5 bps of 20000 as 9', () => {
    expect(money.bps(money.decimal('20000'), money.decimal('4.5'))).toBe(money.decimal('9'));
    expect(money.bps(money.decimal('-20000'), 5)).toBe(money.decimal('-10'));
  });

  test('rounds half-even at the last place', () => {
    expect([5_000n, 15_000n, -5_000n, -15_000n].map((value) => money.bps(value, 1))).toEqual([
      0n,
      2n,
      0n,
      -2n,
    ]);
  });

  test.each([4.5, Number.NaN, 2 ** 53])('refuses the number %d as a rate', (rate) => {
    expect(() => money.bps(money.ONE, rate)).toThrow('DECIMAL_INVALID');
  });
});

describe('comparison', () => {
  test('abs, min and max', () => {
    expect([money.abs(-2n), money.abs(2n), money.abs(0n)]).toEqual([2n, 2n, 0n]);
    expect([money.min(-2n, 1n), money.min(1n, -2n)]).toEqual([-2n, -2n]);
    expect([money.max(-2n, 1n), money.max(1n, -2n)]).toEqual([1n, 1n]);
  });

  test.each([
    ['0.001', 3],
    ['0.5', 1],
    ['0.000000000000000001', 18],
    ['10', 0],
    ['1', 0],
    ['0', 0],
    ['2.50', 1],
  ])('a step of %s needs %d decimals', (step, places) => {
    expect(money.decimalsOf(money.decimal(step))).toBe(places);
  });
});
