import { describe, expect, test } from 'vitest';
import { checkEntryGates } from '../../../../core/src/policy/gates.js';
import {
  SYMBOL,
  type World,
  type WorldOptions,
  aWorld,
  idOf,
  limitAt,
  openLong,
} from '../../../support/world.js';

const instance = `${SYMBOL}:sample`;
const entry = `${idOf(0, 'open.long')}/entry/1`;

function gate(world: World, symbol = SYMBOL) {
  return checkEntryGates(world.engine, instance, symbol);
}

function resting(options: WorldOptions = {}) {
  const strategy = { 0: openLong({ order: limitAt('90') }) };
  return aWorld({ strategy, venue: 'manual', bars: [100], ...options });
}

test('nothing holds entries back by itself', () => {
  expect(gate(aWorld({ bars: [100] }))).toBeUndefined();
});

describe('a command', () => {
  test.each([
    ['pause', 'ENTRIES_PAUSED'],
    ['stop', 'ENTRIES_STOPPED'],
    ['kill', 'KILLED'],
  ] as const)('%s holds entries', (command, code) => {
    expect(gate(aWorld({ bars: [100] }).command(command))).toMatchObject({ code });
  });

  test('the gravest of several is named', () => {
    const world = aWorld({ bars: [100] })
      .command('pause')
      .command('stop');
    expect(gate(world)?.code).toBe('ENTRIES_STOPPED');
    expect(gate(world.command('kill'))?.code).toBe('KILLED');
  });

  test('resume ends a pause, reset_kill a kill, and neither the other', () => {
    const world = aWorld({ bars: [100] })
      .command('pause')
      .command('kill');
    expect(gate(world.command('resume'))?.code).toBe('KILLED');
    expect(gate(world.command('reset_kill'))).toBeUndefined();
  });
});

describe('backoff after rejects of the venue [R14]', () => {
  const backoff = { backoffAfterRejects: 2, backoffInitialMs: 90_000, backoffMaxMs: 200_000 };
  const policy = { ...backoff, missedBars: 'act' } as const;

  function rejected(times: number) {
    const world = aWorld({ policy, strategy: () => openLong(), venue: 'manual' });
    for (let i = 0; i < times; i += 1) {
      world.bar(100);
      world.venue.reject(world.orders()[0]!.key);
    }
    return world;
  }

  test('starts with the configured number of rejects, and says until when', () => {
    expect(gate(rejected(1))).toBeUndefined();
    const world = rejected(2);
    expect(gate(world)).toMatchObject({
      code: 'BACKOFF_ACTIVE',
      numbers: { until_ms: String(world.now + 90_000), rejects: '2' },
    });
  });

  test('is said aloud, and grows with each further reject up to its maximum', () => {
    const world = rejected(2);
    const waits = [world.state.backoffUntilMs - world.now];
    for (let i = 0; i < 2; i += 1) {
      world.venue.tick(300_000);
      world.bar(100);
      world.venue.reject(world.orders()[0]!.key);
      waits.push(world.state.backoffUntilMs - world.now);
    }
    expect(waits).toEqual([90_000, 180_000, 200_000]);
    expect(world.alerts.map(({ code }) => code)).toEqual(Array(3).fill('BACKOFF_ACTIVE'));
  });

  test('is over with the first entry that the venue accepts', () => {
    const world = rejected(2);
    world.venue.tick(90_000);
    world.bar(100);
    world.venue.accept(world.orders()[0]!.key);
    expect(world.state).toMatchObject({ backoffRejects: 0, backoffUntilMs: 0 });
  });

  test('ends by itself', () => {
    const world = rejected(2);
    world.venue.tick(89_999);
    expect(gate(world)?.code).toBe('BACKOFF_ACTIVE');
    world.venue.tick(1);
    expect(gate(world)).toBeUndefined();
  });
});

describe('an order of unknown outcome', () => {
  test('holds its symbol until the venue answers', () => {
    const world = resting();
    world.venue.unknown(entry);
    expect(gate(world)).toMatchObject({ code: 'UNKNOWN_ORDER_PENDING' });
    expect(gate(world, 'ETH/USDT:USDT')).toBeUndefined();
    world.venue.accept(entry);
    expect(gate(world)).toBeUndefined();
  });
});

test('a halted instance is held, another one is not', () => {
  const world = aWorld({
    policy: { maxPluginFaults: 2 },
    strategy: () => {
      throw new Error('broken');
    },
    also: [{ strategy: {} }],
    bars: [100, 100],
  });
  expect(gate(world)).toMatchObject({ code: 'INSTANCE_HALTED' });
  expect(checkEntryGates(world.engine, `${SYMBOL}:other-1`, SYMBOL)).toBeUndefined();
});
