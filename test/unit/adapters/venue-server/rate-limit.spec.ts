import { describe, expect, test } from 'vitest';
import { RateLimit } from '../../../../adapters/src/venue-server/rate-limit.js';

function aLimit() {
  const clock = { nowMs: 0 };
  return { clock, limit: new RateLimit(() => clock.nowMs) };
}

describe('rate limits', () => {
  test('refuse more weight than a minute carries, until the next one', () => {
    const { clock, limit } = aLimit();
    limit.take(2400, false);
    expect(() => limit.take(1, false)).toThrow(expect.objectContaining({ code: -1003, http: 429 }));
    clock.nowMs = 60_000;
    limit.take(40, false);
    expect(limit.headers()).toEqual({
      'x-mbx-used-weight-1m': '40',
      'x-mbx-order-count-10s': '0',
      'x-mbx-order-count-1m': '0',
    });
  });

  test('refuse more than 300 orders in ten seconds and 1200 in a minute', () => {
    const { clock, limit } = aLimit();
    for (let order = 0; order < 300; order++) limit.take(0, true);
    expect(() => limit.take(0, true)).toThrow(expect.objectContaining({ code: -1015 }));
    for (let window = 1; window <= 3; window++) {
      clock.nowMs = window * 10_000;
      for (let order = 0; order < 299; order++) limit.take(0, true);
    }
    clock.nowMs = 40_000;
    limit.take(0, true);
    limit.take(0, true);
    expect(() => limit.take(0, true)).toThrow(expect.objectContaining({ code: -1015 }));
  });

  test('tell how long a ban lasts', () => {
    const { clock, limit } = aLimit();
    limit.ban(418, 2500);
    expect(() => limit.take(1, false)).toThrow(/banned until 2500/);
    expect(limit.headers()).toMatchObject({ 'retry-after': '3' });
    clock.nowMs = 2500;
    limit.take(1, false);
    expect(limit.headers()).not.toHaveProperty('retry-after');
  });
});
