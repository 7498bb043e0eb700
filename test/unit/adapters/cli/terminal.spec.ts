import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { terminalOn } from '../../../../adapters/src/cli/terminal.js';

const aStream = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY });

test('a question is asked where input and output are a terminal', () => {
  expect(terminalOn(aStream(true), aStream(true)).isInteractive).toBe(true);
  expect(terminalOn(aStream(false), aStream(true)).isInteractive).toBe(false);
  expect(terminalOn(aStream(true), aStream(false)).isInteractive).toBe(false);
  expect(terminalOn(new PassThrough(), new PassThrough()).isInteractive).toBe(false);
});

test('the answer is the line that is typed', async () => {
  const input = aStream(false);
  const output = aStream(false);
  const answer = terminalOn(input, output).ask('Sure? ');
  input.write('main\n');
  expect(await answer).toBe('main');
  expect(String(output.read())).toContain('Sure? ');
});

test('an input that ends without a line answers nothing', async () => {
  const input = aStream(false);
  const answer = terminalOn(input, aStream(false)).ask('Sure? ');
  input.end();
  expect(await answer).toBeUndefined();
});
