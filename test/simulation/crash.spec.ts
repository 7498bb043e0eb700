import { expect, test } from 'vitest';
import { TIMEOUT_MS } from './world/seeds.js';
import { type Simulated, simulate } from './world/simulate.js';

const SHORT = { bars: 8, calmBars: 12 };

interface Deaths {
  readonly every: number;
  /** Boundaries after the first death at which the process dies again. */
  readonly again?: readonly number[];
}

async function dieAtEach(seed: number, { every, again = [] }: Deaths) {
  const whole = await simulate({ seed, ...SHORT });
  const lives: Simulated[] = [];
  for (let place = 1; place <= whole.boundaries; place += every) {
    const crashAt = [place, ...again.map((later) => place + later)];
    lives.push(await simulate({ seed, ...SHORT, crashAt }));
  }
  return lives;
}

const PLACES = [
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
];

test.each([1, 2])(
  'a process that dies at any one boundary recovers, with every invariant kept (seed %i)',
  { timeout: TIMEOUT_MS },
  async (seed) => {
    const lives = await dieAtEach(seed, { every: 1 });
    expect(lives.length).toBeGreaterThan(100);
    expect(lives.every(({ runs }) => runs === 2)).toBe(true);
    expect([...new Set(lives.flatMap(({ crashes }) => crashes))].sort()).toEqual(PLACES);
  },
);

test(
  'a process that dies again while it recovers, twice, recovers',
  { timeout: TIMEOUT_MS },
  async () => {
    const lives = await dieAtEach(3, { every: 3, again: [2, 5] });
    expect(Math.max(...lives.map(({ runs }) => runs))).toBe(4);
    expect(lives.flatMap(({ crashes }) => crashes)).toContain('recovery');
  },
);
