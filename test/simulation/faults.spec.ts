import { describe, expect, test } from 'vitest';
import { BREAKOUT, DCA_LADDER } from '../unit/plugins/bundled.js';
import { TIMEOUT_MS, crashPoints, seeds, totalOf } from './world/seeds.js';
import { type Simulated, type SimulationOptions, simulate } from './world/simulate.js';

async function liveAll(options: (seed: number) => SimulationOptions, count: number) {
  const lives: Simulated[] = [];
  for (const seed of seeds(count)) lives.push(await simulate(options(seed)));
  return lives;
}

describe(
  'every invariant holds at every step, and all is agreed once the faults end',
  { timeout: TIMEOUT_MS },
  () => {
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

    test('at an exchange that takes no exit as one order', async () => {
      const total = totalOf(
        await liveAll(
          (seed) => ({ seed, crashAt: crashPoints(seed + 2000), maxMarketLots: 430 }),
          12,
        ),
      );
      expect(total.parts).toBeGreaterThan(60);
    });

    test('at an exchange whose orders end before their fills and say nothing of them', async () => {
      const lives = await liveAll(
        (seed) => ({ seed, crashAt: crashPoints(seed + 1000), tellsFilled: false }),
        20,
      );
      expect(totalOf(lives).lateFills).toBeGreaterThan(5);
    });
  },
);

// Small moves, small ladders: what fits a walk of a few per cent.
const BUNDLED = {
  'dca-ladder': [
    DCA_LADDER,
    { step_bps: 15, levels: 4, take_profit_bps: 15, stop_bps: 90, retry_bars: 1 },
  ],
  breakout: [BREAKOUT, { channel: 6, exit_channel: 4, stop_bps: 50, trail_bps: 40, risk_bps: 5 }],
} as const;

describe.each(['dca-ladder', 'breakout'] as const)(
  'the bundled %s',
  { timeout: TIMEOUT_MS },
  (name) => {
    test('keeps every invariant through faults and deaths', async () => {
      const [{ definition, schema }, changes] = BUNDLED[name];
      const fields = Object.entries(schema.properties);
      const defaults = Object.fromEntries(fields.map(([key, field]) => [key, field.default]));
      const strategy = { definition, config: { ...defaults, ...changes } };
      const crashAt = (seed: number) => crashPoints(seed + 500);
      const lives = await liveAll((seed) => ({ seed, crashAt: crashAt(seed), strategy }), 8);
      expect(totalOf(lives).fills).toBeGreaterThan(40);
    });
  },
);

test('the same seed and crash points give the same journal, byte for byte', async () => {
  const options = { seed: 5, crashAt: [40, 41, 200] };
  const [first, second] = [await simulate(options), await simulate(options)];
  expect(first.crashes).toHaveLength(3);
  expect(second.contents.rows.at(-1)).toEqual(first.contents.rows.at(-1));
  const other = await simulate({ ...options, seed: 6 });
  expect(other.contents.rows.at(-1)!.hash).not.toBe(first.contents.rows.at(-1)!.hash);
});
