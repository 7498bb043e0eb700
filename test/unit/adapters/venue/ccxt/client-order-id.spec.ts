import { describe, expect, test } from 'vitest';
import {
  ClientOrderIds,
  OUR_PREFIX,
} from '../../../../../adapters/src/venue/ccxt/client-order-id.js';

const KEY = 'btc:demo/bar:1m:1/open:long:1/entry/1';

describe('a client order id', () => {
  test('is the same for the same session and key, in every process', () => {
    expect(new ClientOrderIds('s1').of(KEY)).toBe(new ClientOrderIds('s1').of(KEY));
    expect(new ClientOrderIds('s1').of(KEY)).toBe('sr5c6bmp37xxh2fsmupveptmqabvny');
  });

  test('fits the alphabet and length of every venue', () => {
    for (let n = 0; n < 500; n += 1) {
      expect(new ClientOrderIds(`s${n}`).of(`k${n}`)).toMatch(/^sr[a-z2-7]{28}$/);
    }
  });

  test('differs by session, intent, leg and attempt', () => {
    const keys = ['a/entry/1', 'a/entry/2', 'a/exit/1', 'b/entry/1'];
    const ids = ['s1', 's2'].flatMap((session) =>
      keys.map((key) => new ClientOrderIds(session).of(key)),
    );
    expect(new Set(ids).size).toBe(8);
  });

  test('tells its own session from another one, and from somebody else', () => {
    const ids = new ClientOrderIds('s1');
    expect(ids.isOfSession(ids.of(KEY))).toBe(true);
    const other = new ClientOrderIds('s2').of(KEY);
    expect([other.startsWith(OUR_PREFIX), ids.isOfSession(other)]).toEqual([true, false]);
    expect(ids.isOfSession('x-cvBPrNm9abc')).toBe(false);
  });
});
