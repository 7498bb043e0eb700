import { expect, test } from 'vitest';
import { sessionIn } from '../../../../../adapters/src/cli/fleet/child-process.js';

test.each([null, 'text', 1, true, {}, { session: 1 }, []])(
  'a message of a plugin, such as %j, is no session and no fault of the supervisor',
  (message) => {
    expect(sessionIn(message)).toBeNull();
  },
);

test('a run tells its session', () => {
  expect(sessionIn({ session: '20240101-000000-x' })).toBe('20240101-000000-x');
});
