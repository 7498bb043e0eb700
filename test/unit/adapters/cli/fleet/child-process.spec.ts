import { expect, onTestFinished, test } from 'vitest';
import { sessionIn, startChild } from '../../../../../adapters/src/cli/fleet/child-process.js';

test.each([null, 'text', 1, true, {}, { session: 1 }, []])(
  'a message of a plugin, such as %j, is no session and no fault of the supervisor',
  (message) => {
    expect(sessionIn(message)).toBeNull();
  },
);

test('a run tells its session', () => {
  expect(sessionIn({ session: '20240101-000000-x' })).toBe('20240101-000000-x');
});

// It says what it has started, and ends before that does.
const LEAVES_ONE = `
const { spawn } = require('node:child_process');
const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
process.stderr.write('error GONE: too bad\\n');
process.send({ session: String(left.pid) }, () => process.exit(7));
`;

test('a run has ended although something that it has started holds its pipes', async () => {
  let left = NaN;
  const { ended } = startChild({
    name: 'a',
    program: ['-e', LEAVES_ONE],
    args: [],
    env: {},
    isJson: false,
    write: () => undefined,
    onSession: (pid) => (left = Number(pid)),
    lingerMs: 100,
  });
  onTestFinished(() => void process.kill(left, 'SIGKILL'));
  expect(await ended).toMatchObject({ status: 7, signal: null, error: 'GONE: too bad' });
  // It is there still.
  expect(process.kill(left, 0)).toBe(true);
});
