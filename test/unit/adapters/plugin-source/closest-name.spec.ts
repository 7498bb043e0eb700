import { describe, expect, test } from 'vitest';
import { closestName, didYouMean } from '../../../../adapters/src/plugin-source/closest-name.js';

describe('closestName', () => {
  const names = ['sma-cross', 'dca-grid', 'donchian'];

  test.each([
    ['sma-crss', 'sma-cross'],
    ['sma-corss', 'sma-cross'],
    ['SMA-CROSS', 'sma-cross'],
    ['donchain', 'donchian'],
    ['dcagrid', 'dca-grid'],
  ])('takes %s for %s', (typed, meant) => {
    expect(closestName(typed, names)).toBe(meant);
  });

  test('suggests nothing for a name that is like none', () => {
    expect(closestName('momentum', names)).toBeUndefined();
  });

  test('does not suggest a short name that shares no letter', () => {
    expect(closestName('xy', ['ab', 'q'])).toBeUndefined();
  });
});

test('didYouMean is a sentence to append, or nothing', () => {
  expect(didYouMean('fsat', ['fast', 'slow'])).toBe(' Did you mean "fast"?');
  expect(didYouMean('momentum', ['fast'])).toBe('');
});
