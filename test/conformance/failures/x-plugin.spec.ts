import { describe, expect, test } from 'vitest';
import { closeLong, openLong, quantity, stopAt } from '../../support/bodies.js';
import { aLiveWorld } from '../../support/live-world.js';
import { expectSound, requestsTo } from './case-checks.js';
import { denialsOf } from './journal-reads.js';

const ORDER = 'POST /fapi/v1/order';
const OPEN = openLong({ sizing_policy: quantity('0.5'), protection: stopAt('49000') });
const SECOND = openLong({ side: 'short', sizing_policy: quantity('0.5') });

describe('X1: a plugin that throws', () => {
  test('is halted after three faults in a row, and its position managed to its end', async () => {
    const world = await aLiveWorld({
      strategy: (_bar, _ctx, index) => {
        if (index === 0) return OPEN;
        if (index < 5) throw new Error('gone wrong');
        return SECOND;
      },
      closes: [50_000, 50_000, 50_000, 50_000, 50_000, 50_000, 48_900, 48_900],
    });
    await world.bars(6);
    const faults = await world.recordsOf('plugin_fault');
    expect(faults.map(({ code, isHalted }) => [code, isHalted])).toEqual([
      ['PLUGIN_THREW', false],
      ['PLUGIN_THREW', false],
      ['PLUGIN_THREW', true],
    ]);
    expect(world.venue.state.openAlgos.size).toBe(1);
    await world.bars(2);
    await world.until(() => world.state.positions.size === 0 && world.state.orders.size === 0);
    expect(requestsTo(world, ORDER)).toHaveLength(1);
    await expectSound(world);
  });

  test('in each of its hooks loses nothing: protection is the host’s', async () => {
    const thrown = (): never => {
      throw new Error('gone wrong');
    };
    const world = await aLiveWorld({
      strategy: {
        onBar: (_bar, _ctx, index) => (index === 0 ? OPEN : undefined),
        onFill: thrown,
        onIntentEvent: thrown,
      },
      closes: [50_000, 50_000, 48_900, 48_900],
    });
    await world.bars(2);
    expect(world.state.positions.size).toBe(1);
    expect(world.venue.state.openAlgos.size).toBe(1);
    await world.bars(2);
    await world.until(() => world.state.positions.size === 0);
    await expectSound(world);
  });
});

test.each([
  ['NaN', NaN, 'NOT_PLAIN_JSON'],
  ['Infinity', Infinity, 'NOT_PLAIN_JSON'],
  ['nothing', undefined, 'SCHEMA_INVALID'],
  ['a negative text', '-1', 'SCHEMA_INVALID'],
  ['zero', '0', 'SCHEMA_INVALID'],
])('X3: %s for a quantity is denied, and nothing leaves', async (_, qty, code) => {
  const world = await aLiveWorld({
    strategy: { 0: openLong({ sizing_policy: { mode: 'qty', qty, unit: 'base' } }), 1: OPEN },
  });
  await world.bars(1);
  expect(await denialsOf(world)).toEqual([code]);
  expect(requestsTo(world, ORDER)).toEqual([]);
  await world.bars(1);
  expect(world.state.positions.size).toBe(1);
  await expectSound(world);
});

describe('X4: one decision', () => {
  test('is acted on once though its bar comes twice', async () => {
    const world = await aLiveWorld({ strategy: () => OPEN });
    world.venue.faults.add({ endpoint: 'stream kline', kind: 'duplicate', times: 0 });
    await world.bars(1);
    expect(world.heard.bars.at(-1)!.open_ms).toBeGreaterThan(world.heard.bars.at(-2)!.open_ms);
    expect(requestsTo(world, ORDER)).toHaveLength(1);
    await expectSound(world);
  });

  test('has the same id after a restart, and is not made again', async () => {
    const world = await aLiveWorld({
      strategy: (_bar, _ctx, index) => (index <= 1 ? OPEN : index === 3 ? closeLong() : undefined),
    });
    await world.bars(1);
    const first = (await world.recordsOf('intent_accepted')).map(({ intent }) => intent.intent_id);
    expect(first).toHaveLength(1);
    await world.restart();
    expect(requestsTo(world, ORDER)).toHaveLength(1);
    await world.bars(1);
    expect(await denialsOf(world)).toEqual(['POSITION_EXISTS']);
    await world.bars(2);
    const ids = (await world.recordsOf('intent_accepted')).map(({ intent }) => intent.intent_id);
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids[0]).toBe(first[0]);
    expect(requestsTo(world, ORDER)).toHaveLength(2);
    await expectSound(world);
  });

  test('given twice in one answer is taken once', async () => {
    const world = await aLiveWorld({ strategy: { 0: [OPEN, OPEN] } });
    await world.bars(1);
    expect(await denialsOf(world)).toHaveLength(1);
    expect(requestsTo(world, ORDER)).toHaveLength(1);
    await expectSound(world);
  });
});
