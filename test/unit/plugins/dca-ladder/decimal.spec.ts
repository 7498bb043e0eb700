import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  above,
  below,
  decimal,
  format,
  floorTo,
  scaleDown,
} from '../../../../plugins/dca-ladder/src/decimal.js';

const tick = decimal('0.1');

describe('decimals', () => {
  test.each(['0', '1', '200.5', '0.00001234', '123456789.123456789123456789'])(
    'keep %s as it is',
    (text) => {
      expect(format(decimal(text))).toBe(text);
    },
  );

  test.each([
    ['0200.50', '200.5'],
    ['1.000', '1'],
  ])('write %s as %s', (text, shortest) => {
    expect(format(decimal(text))).toBe(shortest);
  });

  test.each(['', '-1', '1e5', '.5', '1.', '1.0000000000000000001', ' 1'])('refuse "%s"', (text) => {
    expect(() => decimal(text)).toThrow('CONFIG_INVALID');
  });

  test('scale by basis points, downwards', () => {
    expect(format(scaleDown(decimal('200'), 15_000))).toBe('300');
    expect(format(scaleDown(decimal('0.000000000000000001'), 9_999))).toBe('0');
  });
});

describe('a price that is a step away', () => {
  test.each([
    ['100', 100, '99', '101'],
    ['46377', 100, '45913.2', '46840.8'],
    ['46377.3', 100, '45913.5', '46841.1'],
  ])('from %s by %i bps is %s or %s', (price, bps, low, high) => {
    expect(format(below(decimal(price), bps, tick))).toBe(low);
    expect(format(above(decimal(price), bps, tick))).toBe(high);
  });

  test('lies on a tick, never nearer than the step and never a tick too far', () => {
    fc.assert(
      fc.property(
        fc.bigInt(decimal('1'), decimal('1000000')),
        fc.integer({ min: 1, max: 2000 }),
        (price, bps) => {
          const low = below(price, bps, tick);
          const high = above(price, bps, tick);
          expect(floorTo(low, tick)).toBe(low);
          expect(floorTo(high, tick)).toBe(high);
          const distance = price * BigInt(bps);
          expect((price - low) * 10_000n).toBeGreaterThanOrEqual(distance);
          expect((high - price) * 10_000n).toBeGreaterThanOrEqual(distance);
          expect((price - low - tick) * 10_000n).toBeLessThan(distance);
          expect((high - price - tick) * 10_000n).toBeLessThan(distance);
        },
      ),
    );
  });
});
