import { describe, expect, test } from 'vitest';
import { isBlank, lineEnd, splitCells } from '../../../../adapters/src/market-data/csv-cells.js';

function split(line: string): readonly string[] | undefined {
  const bytes = new TextEncoder().encode(line);
  return splitCells(bytes, 0, bytes.length);
}

describe('splitCells', () => {
  test.each([
    ['a,b,c', ['a', 'b', 'c']],
    [' a , b ', ['a', 'b']],
    ['a,b\r', ['a', 'b']],
    [',a,', ['', 'a', '']],
    ['"a","b"', ['a', 'b']],
    ['"a,b",c', ['a,b', 'c']],
    ['"say ""hi""",2', ['say "hi"', '2']],
    [' "a" ,b', ['a', 'b']],
    ['"",x', ['', 'x']],
    ['"a",', ['a', '']],
  ])('splits %j', (line, cells) => {
    expect(split(line)).toEqual(cells);
  });

  test.each(['"a', 'a"b', '"a"b,c'])('finds %j badly quoted', (line) => {
    expect(split(line)).toBeUndefined();
  });
});

test('finds line ends and blank lines', () => {
  const bytes = new TextEncoder().encode('ab\n \t\r\ncd\n');
  expect(lineEnd(bytes, 0, bytes.length)).toBe(2);
  expect(lineEnd(bytes, 3, bytes.length)).toBe(6);
  expect(isBlank(bytes, 3, 6)).toBe(true);
  expect(isBlank(bytes, 0, 2)).toBe(false);
});
