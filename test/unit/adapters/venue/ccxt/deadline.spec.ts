import { expect, test } from 'vitest';
import { withDeadline } from '../../../../../adapters/src/venue/ccxt/deadline.js';

const never = new Promise<never>(() => undefined);

test('a wait ends by its deadline though the work never does', async () => {
  expect(await withDeadline(never, { ms: 5 })).toEqual({ kind: 'deadline' });
});

test('a failure in time is an answer and no rejection', async () => {
  const error = new Error('no');
  expect(await withDeadline(Promise.reject(error), { ms: 1000 })).toEqual({ kind: 'error', error });
});

test('what comes after the deadline is handed on, values and failures alike', async () => {
  const late: unknown[] = [];
  const gates: ((ok: boolean) => void)[] = [];
  const work = () =>
    new Promise<string>((resolve, reject) => {
      gates.push((ok) => (ok ? resolve('ack') : reject(new Error('late'))));
    });
  const onLate = (settled: unknown) => void late.push(settled);
  const both = [withDeadline(work(), { ms: 1, onLate }), withDeadline(work(), { ms: 1, onLate })];
  expect(await Promise.all(both)).toEqual([{ kind: 'deadline' }, { kind: 'deadline' }]);
  gates[0]!(true);
  gates[1]!(false);
  await expect.poll(() => late).toHaveLength(2);
  expect(late).toEqual([
    { kind: 'value', value: 'ack' },
    { kind: 'error', error: new Error('late') },
  ]);
});
