// What the start of a live session waits for, in its order, and a black-out window on the way.
import { READINESS } from '@strategy-runner/core';
import { expect, test } from 'vitest';
import { closeLong, dca, openLong, quantity, stopAt } from '../../support/bodies.js';
import { aLiveWorld } from '../../support/live-world.js';

/** From the close of live bar 2 on. */
const NEWS = { reason: 'news', from: '2024-01-01T08:58', to: '2024-01-01T12:00' };

test('becomes ready in order, and goes on warm in a black-out window [B18]', async () => {
  const world = await aLiveWorld({
    strategy: {
      0: openLong({ sizing_policy: quantity('0.5'), protection: stopAt('49000') }),
      2: dca(1),
      3: closeLong(),
    },
    config: { blackout: { zone: 'Europe/Berlin', windows: [NEWS] } },
  });
  await world.bars(3);
  expect(world.state.positions.size).toBe(1);
  const denied = await world.recordsOf('intent_denied');
  expect(denied.map(({ code }) => code)).toEqual(['BLACKOUT']);
  await world.restart();
  await world.bars(1);
  expect(world.state.positions.size).toBe(0);

  const ready = await world.eventsOf('readiness');
  expect(ready.map(({ run, item }) => `${run} ${item}`)).toEqual(
    [1, 2].flatMap((run) => READINESS.map((item) => `${run} ${item}`)),
  );
  // Nothing that belongs to execution is before the account has been reconciled.
  const entries = await world.journal();
  const place = (isIt: (entry: (typeof entries)[number]) => boolean): number =>
    entries.findIndex(isIt);
  const reconciled = place((one) => 'kind' in one && 'item' in one && one.item === 'reconcile');
  const isReady = place((one) => 'state' in one && one.state === 'ready');
  const firstBar = place((one) => 'kind' in one && one.kind === 'bar');
  const firstOrder = place((one) => 'type' in one && one.type === 'order_created');
  const read = place((one) => 'kind' in one && one.kind === 'venue_snapshot');
  expect(read).toBeGreaterThan(-1);
  expect(reconciled).toBeGreaterThan(read);
  expect(Math.min(isReady, firstBar, firstOrder)).toBeGreaterThan(reconciled);
});
