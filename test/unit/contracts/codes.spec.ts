import { CODES, describeCode, type Code } from '@strategy-runner/contracts';
import { expect, test } from 'vitest';

const codes = Object.keys(CODES) as Code[];

test('every code is SCREAMING_SNAKE and has one sentence of its own', () => {
  expect(codes.filter((code) => !/^[A-Z]+(_[A-Z]+)*$/.test(code))).toEqual([]);
  const sentences = codes.map((code) => describeCode(code).sentence);
  expect(sentences.filter((sentence) => !/^[A-Z].*[^.]\.$/.test(sentence))).toEqual([]);
  expect(new Set(sentences).size).toBe(sentences.length);
});

test('a code ends a command with a documented exit status or with none', () => {
  const documented = [undefined, 1, 2, 64, 65, 66, 69, 75, 77, 78];
  expect(codes.filter((code) => !documented.includes(describeCode(code).exit))).toEqual([]);
  const ending = codes.filter((code) =>
    /^(denial|rejection|outcome|warning)$/.test(CODES[code].category),
  );
  expect(ending.filter((code) => describeCode(code).exit !== undefined)).toEqual([]);
});

test.each([
  ['USAGE', 64],
  ['DATA_UNSORTED', 65],
  ['FILE_NOT_FOUND', 66],
  ['SESSION_NOT_FOUND', 66],
  ['SESSION_BUSY', 75],
  ['SESSIONS_UNWRITABLE', 77],
  ['CONFIG_INVALID', 78],
  ['PLUGIN_STATE_DIVERGED', 2],
  ['INTERNAL', 1],
] as const)('%s exits %i', (code, exit) => {
  expect(describeCode(code).exit).toBe(exit);
});

test('a rejection is by the venue, a denial by the host', () => {
  expect(describeCode('POST_ONLY_WOULD_CROSS').category).toBe('rejection');
  expect(describeCode('STALE')).toEqual({
    category: 'denial',
    sentence: 'The intent was decided at an older event than the current one.',
  });
});
