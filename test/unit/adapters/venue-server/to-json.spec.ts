import { describe, expect, test } from 'vitest';
import { toJson } from '../../../../adapters/src/venue-server/to-json.js';

describe('JSON of the exchange', () => {
  test('writes 64-bit integers as bare digits, and leaves text alone', () => {
    const value = { orderId: 8_389_765_500_000_000_001n, rest: ['1', 2, -3n, null] };
    expect(toJson(value)).toBe('{"orderId":8389765500000000001,"rest":["1",2,-3,null]}');
  });
});
