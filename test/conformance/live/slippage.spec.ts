// Slippage and latency of a session on an exchange, through the real client: what the telemetry
// says of each order against what the exchange itself filled.
import { expect, test } from 'vitest';
import {
  type EngineEvent,
  type EngineRecord,
  LegTelemetry,
  decimal,
  divide,
  latenciesOf,
  multiply,
  stepsOf,
  takerBpsOf,
} from '@strategy-runner/core';
import { closeLong, openLong, quantity } from '../../support/bodies.js';
import { LIVE_SYMBOL, type LiveWorld, aLiveWorld } from '../../support/live-world.js';

async function rowsOf(world: LiveWorld) {
  const telemetry = new LegTelemetry();
  for (const entry of await world.journal()) {
    if ('type' in entry) telemetry.record(entry as EngineRecord);
    else telemetry.event(entry as EngineEvent);
  }
  return telemetry.rows;
}

test('measures each order of a live session against the exchange [R15]', async () => {
  const world = await aLiveWorld({
    strategy: {
      0: openLong({ sizing_policy: quantity('1.5') }),
      2: closeLong(),
    },
    closes: [50_000, 50_100, 50_200, 50_300, 50_300],
  });
  await world.bars(5);
  const rows = await rowsOf(world);
  expect(rows.map(({ leg, side, liquidity }) => [leg, side, liquidity])).toEqual([
    ['entry', 'buy', 'taker'],
    ['exit', 'sell', 'taker'],
  ]);
  const fills = await world.recordsOf('fill');
  for (const row of rows) {
    const own = fills.filter((fill) => fill.intentId === row.intentId && fill.leg === row.leg);
    const quantityFilled = own.reduce((sum, fill) => sum + fill.quantity, 0n);
    const notional = own.reduce((sum, fill) => sum + multiply(fill.price, fill.quantity), 0n);
    expect(row.quantity).toBe(quantityFilled);
    expect(row.prices.fill).toBe(divide(notional, quantityFilled));
    const steps = stepsOf(row)!;
    const { decisionToArrival, arrivalToSubmit, submitToFill, total } = steps;
    expect(decisionToArrival + arrivalToSubmit + submitToFill).toBeCloseTo(total, 9);
    const { decidedToSentMs, sentToAckedMs, ackedToFilledMs } = latenciesOf(row);
    expect(row.times.sent).not.toBeNull();
    expect(row.times.venue).not.toBeNull();
    expect(decidedToSentMs).toBeGreaterThanOrEqual(0);
    expect(sentToAckedMs).toBeGreaterThanOrEqual(0);
    expect(ackedToFilledMs).not.toBeNull();
    expect(takerBpsOf(row)).toBeCloseTo(submitToFill, 6);
    expect(row.symbol).toBe(LIVE_SYMBOL);
  }
  // Decided at the close of 50000, which was still the last price when the order left.
  expect(rows[0]!.prices).toMatchObject({
    decision: decimal('50000'),
    arrival: decimal('50000'),
    submit: decimal('50000'),
  });
  expect(rows[0]!.participation).toBeCloseTo(0.015, 9);
});
