import { expect, test } from 'vitest';
import { TaggedLines } from '../../../../../adapters/src/cli/fleet/child-lines.js';

function taken(isJson: boolean, ...parts: readonly string[]) {
  const written: string[] = [];
  const lines = new TaggedLines({ name: 'btc', isJson, write: (line) => void written.push(line) });
  for (const part of parts) lines.take(part);
  lines.end();
  return { written, error: lines.error };
}

test('a log line gets the name of its run as a field, however it comes in parts', () => {
  const { written } = taken(false, '{"level":30,"run":1}\n{"lev', 'el":40,"msg":"a } b"}', '\n\n');
  expect(written).toEqual([
    '{"run_name":"btc","level":30,"run":1}\n',
    '{"run_name":"btc","level":40,"msg":"a } b"}\n',
  ]);
});

test('anything else gets a prefix, or is a line of its own in JSON', () => {
  const said = 'error ACCOUNT_BUSY: it is run by "one".\n  next: wait\n{"cut';
  expect(taken(false, said)).toEqual({
    written: [
      'btc | error ACCOUNT_BUSY: it is run by "one".\n',
      'btc |   next: wait\n',
      'btc | {"cut\n',
    ],
    error: 'ACCOUNT_BUSY: it is run by "one".',
  });
  for (const line of taken(true, said).written) {
    expect(JSON.parse(line)).toMatchObject({ run_name: 'btc', msg: expect.any(String) });
  }
});
