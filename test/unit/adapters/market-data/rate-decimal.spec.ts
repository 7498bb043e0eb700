import { decimal, format } from '@strategy-runner/core';
import { expect, test } from 'vitest';
import { rateDecimal } from '../../../../adapters/src/market-data/rate-decimal.js';

test('takes a plain rate as it is written', () => {
  expect(rateDecimal('0.0001')).toBe(decimal('0.0001'));
  expect(rateDecimal('-0.00032')).toBe(decimal('-0.00032'));
});

test('rounds binary residue beyond 18 decimals instead of refusing the file', () => {
  expect(format(rateDecimal('-0.0021933400000000002'))).toBe('-0.00219334');
  expect(format(rateDecimal('0.0000000000000000015'))).toBe('0.000000000000000002');
  expect(format(rateDecimal('-0.0000000000000000015'))).toBe('-0.000000000000000002');
  expect(format(rateDecimal('0.0000000000000000014'))).toBe('0.000000000000000001');
});
