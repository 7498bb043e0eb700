import { describe, expect, test } from 'vitest';
import {
  parsed,
  rowOf,
  rowsOf,
  textOf,
  timeOf,
} from '../../../../../adapters/src/venue/ccxt/reading.js';

const answer = (value: unknown) => ({ ok: true, value, sentMs: 0, ackedMs: 0 }) as const;

describe('an answer', () => {
  test('of another shape is unread, whatever the shape', () => {
    for (const value of [{}, undefined, null, '<html>', 5, [5], [null]]) {
      expect(parsed('positions', answer(value), rowsOf).ok).toBe(false);
    }
    expect(parsed('positions', answer([]), rowsOf)).toEqual({ ok: true, value: [] });
  });

  test('that never came is unread in the words of its failure', () => {
    const failure = { detail: 'no answer', verdict: 'retry' } as never;
    expect(parsed('positions', { ok: false, failure }, rowsOf)).toEqual({
      ok: false,
      detail: 'positions: no answer',
      failure,
    });
  });
});

test('a field is read as text, and a missing one is an error', () => {
  const row = rowOf({ a: '1.50', b: 7, c: null, d: Number.NaN });
  expect([textOf(row, 'a'), textOf(row, 'b')]).toEqual(['1.50', '7']);
  for (const key of ['c', 'd', 'e']) expect(() => textOf(row, key)).toThrow(`no ${key}`);
  expect(timeOf(row, 'b')).toBe(7);
  expect(() => timeOf(row, 'a')).toThrow('not a time');
});
