import { expect, test } from 'vitest';
import { aSource } from './source.js';

const code = (text: string) => aSource('a.ts', text).code;
const comments = (text: string) => aSource('a.ts', text).comments;

test('blanks line and block comments and keeps every line where it was', () => {
  expect(code('a; // b\n/* c\nd */ e;')).toBe('a;     \n    \n     e;');
  expect(comments('a; // b\n/* c\nd */ e;')).toBe('   // b\n/* c\nd */   ');
});

test('blanks the inside of quoted strings, escapes included', () => {
  expect(code(String.raw`f('a\'b', "//c");`)).toBe('f(\'    \', "   ");');
});

test('keeps the code inside the substitutions of nested templates', () => {
  expect(code('`a${b({ c: `d${e}` })}f` + g')).toBe('` ${b({ c: ` ${e}` })} ` + g');
});

test('tells a regular expression from a division', () => {
  expect(code("a / b; return /'[/]x/.test(c) / d;")).toBe('a / b; return /     /.test(c) / d;');
  expect(code('(a) / b / c // d')).toBe('(a) / b / c     ');
  expect(code("x = y.in / z; f(/'/)")).toBe('x = y.in / z; f(/ /)');
});

test('takes a slash after a comment for what it is after the code before the comment', () => {
  expect(code('a /* b */ / c; "d"')).toBe('a         / c; " "');
});
