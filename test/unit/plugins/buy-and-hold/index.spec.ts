import { createStrategyHarness } from '@strategy-runner/contracts/testing';
import { expect, test } from 'vitest';
import { BUY_AND_HOLD } from '../bundled.js';
import { aWalk } from '../a-walk.js';
import { runInEngine } from '../engine-run.js';
import { aPosition, aWorking } from '../a-position.js';

const { definition } = BUY_AND_HOLD;

const BUY = {
  kind: 'open',
  side: 'long',
  sizing_policy: { mode: 'equity_fraction', fraction_bps: 9500, basis: 'equity' },
  order: { type: 'market' },
  reason: { code: 'hold.forever' },
};

test('buys with 95 % of the equity at the first bar that it may trade', () => {
  const harness = createStrategyHarness(definition, { warmupBars: 2 });
  expect(harness.feed(100, 101)).toEqual([]);
  expect(harness.droppedInWarmup).toBe(0);
  expect(harness.feed(102)).toEqual([BUY]);
});

test('takes another share from the config', () => {
  const harness = createStrategyHarness(definition, { config: { fraction_bps: 2000 } });
  expect(harness.feed(100)).toEqual([
    { ...BUY, sizing_policy: { mode: 'equity_fraction', fraction_bps: 2000, basis: 'equity' } },
  ]);
});

test('says nothing while its entry works and while it holds', () => {
  const harness = createStrategyHarness(definition);
  harness.setOpenIntents(aWorking('open', 'long'));
  expect(harness.feed(100)).toEqual([]);
  harness.setOpenIntents();
  harness.setPositions(aPosition());
  expect(harness.feed(50, 1, 1000)).toEqual([]);
});

test('asks again once neither is left, after a denial for instance', () => {
  const harness = createStrategyHarness(definition);
  expect(harness.feed(100)).toHaveLength(1);
  expect(harness.feed(100)).toHaveLength(1);
});

test('buys once and never sells, over a whole run', () => {
  const { fills } = runInEngine(BUY_AND_HOLD, aWalk(500, 3, 200));
  expect(fills.map(({ action, positionSide }) => [action, positionSide])).toEqual([
    ['entry', 'long'],
  ]);
});
