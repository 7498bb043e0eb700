import { expect, test } from 'vitest';
import { SerialQueue } from '../../../../adapters/src/store/serial-queue.js';

test('runs one job at a time, in the order in which they were given', async () => {
  const queue = new SerialQueue();
  const log: string[] = [];
  const job = (name: string, turns: number) => async () => {
    log.push(`${name} starts`);
    for (let i = 0; i < turns; i += 1) await Promise.resolve();
    log.push(`${name} ends`);
    return name;
  };
  const results = await Promise.all([queue.run(job('slow', 20)), queue.run(job('quick', 0))]);
  expect(results).toEqual(['slow', 'quick']);
  expect(log).toEqual(['slow starts', 'slow ends', 'quick starts', 'quick ends']);
});

test('a job that fails fails its own caller only', async () => {
  const queue = new SerialQueue();
  const failing = queue.run(async () => {
    throw new Error('disk full');
  });
  const next = queue.run(async () => 'fine');
  await expect(failing).rejects.toThrow('disk full');
  expect(await next).toBe('fine');
});
