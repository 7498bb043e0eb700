import { describe, expect, test } from 'vitest';
import type { Intent } from '@strategy-runner/contracts';
import { canonical, contentKey } from '../../../../core/src/intent/content.js';
import { aWorld, limitAt, openLong } from '../../../support/world.js';

function stored(more: object, bar = 0): Intent {
  const bars = Array.from({ length: bar + 1 }, (_unused, i) => 100 + i);
  return aWorld({ strategy: { [bar]: openLong(more) }, bars }).accepted()[0]!.intent;
}

describe('canonical JSON', () => {
  test('sorts keys at every level and leaves lists alone', () => {
    expect(canonical({ b: [2, 1, { d: 1, c: null }], a: 'x' })).toBe(
      '{"a":"x","b":[2,1,{"c":null,"d":1}]}',
    );
  });
});

describe('the content of an intent', () => {
  test('is the same at another bar, with another id and decision price', () => {
    expect(contentKey(stored({}, 3))).toBe(contentKey(stored({})));
  });

  test.each([
    ['size', { sizing_policy: { mode: 'qty', qty: '1.0', unit: 'base' } }],
    ['order', { order: limitAt('99') }],
    ['side', { side: 'short' }],
    ['reason', { reason: { code: 'other' } }],
    ['expiry', { expires: { after_bars: 1 } }],
  ])('changes with its %s', (_what, more) => {
    expect(contentKey(stored(more))).not.toBe(contentKey(stored({})));
  });
});
