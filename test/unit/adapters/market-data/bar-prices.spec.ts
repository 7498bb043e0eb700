import { describe, expect, test } from 'vitest';
import { faultOfBar } from './a-file.js';

describe('a bar that no market makes', () => {
  test.each([
    ['a negative price', '10,12,-8,11,5', 'DATA_NEGATIVE_PRICE', 'low -8 is negative'],
    ['a price of zero', '0,12,0,11,5', 'DATA_NEGATIVE_PRICE', 'open 0 is zero'],
    ['high below low', '10,7,8,7.5,5', 'DATA_HIGH_BELOW_LOW', 'high 7 is below low 8'],
    ['high below open', '13,12,8,11,5', 'DATA_HIGH_BELOW_LOW', 'high 12 is below open 13'],
    ['high below close', '10,12,8,12.5,5', 'DATA_HIGH_BELOW_LOW', 'high 12 is below close 12.5'],
    ['low above open', '7,12,8,11,5', 'DATA_HIGH_BELOW_LOW', 'low 8 is above open 7'],
    ['low above close', '10,12,8,7,5', 'DATA_HIGH_BELOW_LOW', 'low 8 is above close 7'],
    ['negative volume', '10,12,8,11,-5', 'DATA_MALFORMED', 'volume -5 is negative'],
  ])('%s', (_name, prices, code, message) => {
    const error = faultOfBar(prices);
    expect(error).toMatchObject({ code, exitCode: 65, context: { line: 3 } });
    expect(error.message).toContain(`line 3: ${message}`);
  });
});
