import { describe, expect, test } from 'vitest';
import { crashPoints, seeds, totalOf } from './world/seeds.js';
import { type Simulated, type SimulationOptions, simulate } from './world/simulate.js';

async function liveAll(options: (seed: number) => SimulationOptions, count: number) {
  const lives: Simulated[] = [];
  for (const seed of seeds(count)) lives.push(await simulate(options(seed)));
  return lives;
}

describe('every invariant holds at every step, and all is agreed once the faults end', () => {
  test('without faults', async () => {
    const [life] = await liveAll((seed) => ({ seed, isFaulty: false }), 1);
    expect(life!.runs).toBe(1);
    expect(life!.coverage).toMatchObject({ unknown: 0, resent: 0, lateFills: 0 });
    expect(life!.coverage.fills).toBeGreaterThan(20);
  });

  test('with lost, doubled, late and overtaken events, refusals and silence', async () => {
    const total = totalOf(await liveAll((seed) => ({ seed }), 20));
    expect(total.fills).toBeGreaterThan(400);
    expect(total.unknown).toBeGreaterThan(50);
    expect(total.resent).toBeGreaterThan(10);
    expect(total.exitsUnderGates).toBeGreaterThan(20);
  });

  test('with deaths of the process in between', async () => {
    const lives = await liveAll((seed) => ({ seed, crashAt: crashPoints(seed) }), 30);
    const places = new Set(lives.flatMap(({ crashes }) => crashes));
    expect(places.size).toBeGreaterThan(7);
    expect(totalOf(lives).exitsUnderGates).toBeGreaterThan(20);
  });

  test('at an exchange whose order ends come before their fills and do not tell of them', async () => {
    const lives = await liveAll(
      (seed) => ({ seed, crashAt: crashPoints(seed + 1000), tellsFilled: false }),
      20,
    );
    expect(totalOf(lives).lateFills).toBeGreaterThan(5);
  });
});

test('the same seed and crash points give the same journal, byte for byte', async () => {
  const options = { seed: 5, crashAt: [40, 41, 200] };
  const [first, second] = [await simulate(options), await simulate(options)];
  expect(first.crashes).toHaveLength(3);
  expect(second.contents.rows.at(-1)).toEqual(first.contents.rows.at(-1));
  const other = await simulate({ ...options, seed: 6 });
  expect(other.contents.rows.at(-1)!.hash).not.toBe(first.contents.rows.at(-1)!.hash);
});
