import { expect, test } from 'vitest';
import { seeds } from './world/seeds.js';
import { type Simulated, simulate } from './world/simulate.js';

const SHORT = { bars: 10 };

async function dieAtEach(seed: number, more: (place: number) => readonly number[] = () => []) {
  const whole = await simulate({ seed, ...SHORT });
  const lives: Simulated[] = [];
  for (let place = 1; place <= whole.boundaries; place += 1) {
    lives.push(await simulate({ seed, ...SHORT, crashAt: [place, ...more(place)] }));
  }
  return { whole, lives };
}

const deaths = (lives: readonly Simulated[]) => [...new Set(lives.flatMap((one) => one.crashes))];

test('a process that dies at any one boundary recovers, with every invariant kept', async () => {
  const all: string[] = [];
  for (const seed of seeds(2)) {
    const { whole, lives } = await dieAtEach(seed);
    expect(lives).toHaveLength(whole.boundaries);
    expect(lives.every(({ runs }) => runs === 2)).toBe(true);
    all.push(...deaths(lives));
  }
  expect([...new Set(all)].sort()).toEqual([
    'after a bar',
    'after append',
    'after cancel',
    'after snapshot',
    'after submit',
    'before a bar',
    'before append',
    'before cancel',
    'before snapshot',
    'before submit',
    'recovery',
    'recovery, head',
  ]);
});

test('a process that dies again while it recovers, twice, recovers', async () => {
  const { lives } = await dieAtEach(3, (place) => [place + 2, place + 5]);
  expect(Math.max(...lives.map(({ runs }) => runs))).toBe(4);
});
