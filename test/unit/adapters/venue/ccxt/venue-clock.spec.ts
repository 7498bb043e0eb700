import { describe, expect, test } from 'vitest';
import { VenueClock } from '../../../../../adapters/src/venue/ccxt/venue-clock.js';

function aWall(ms = 1_700_000_000_000) {
  const wall = { ms };
  return { wall, read: () => wall.ms };
}

const MARKET_MS = Date.UTC(2022, 0, 1);

describe('at an exchange', () => {
  test('time is the wall clock plus the offset that was measured', () => {
    const { wall, read } = aWall();
    const clock = new VenueClock(read);
    clock.setOffset(250);
    expect(clock.now()).toBe(wall.ms + 250);
    expect(clock.wallMsUntil(wall.ms + 1250)).toBe(1000);
    expect(clock.wallMsUntil(wall.ms)).toBe(0);
  });

  test('time stands until a smaller offset has caught up, and never runs back', () => {
    const { wall, read } = aWall();
    const clock = new VenueClock(read);
    clock.setOffset(1000);
    const before = clock.now();
    clock.setOffset(0);
    wall.ms += 400;
    expect(clock.now()).toBe(before);
    wall.ms += 700;
    expect(clock.now()).toBe(before + 100);
  });

  test('a stamp from far ahead does not move it', () => {
    const { wall, read } = aWall();
    const clock = new VenueClock(read);
    clock.observe(wall.ms + 8 * 3_600_000);
    expect(clock.now()).toBe(wall.ms);
  });
});

describe('at the local exchange', () => {
  test('time runs at the speed of its bars', () => {
    const { wall, read } = aWall();
    const clock = new VenueClock(read, { marketMs: MARKET_MS, speed: 60 });
    wall.ms += 1000;
    expect(clock.now()).toBe(MARKET_MS + 60_000);
    expect(clock.wallMsUntil(MARKET_MS + 120_000)).toBe(1000);
  });

  test('stepped by hand it moves by stamps, and nothing is ever due by waiting', () => {
    const { wall, read } = aWall();
    const clock = new VenueClock(read, { marketMs: MARKET_MS, speed: 0 });
    wall.ms += 60_000;
    expect(clock.now()).toBe(MARKET_MS);
    expect(clock.wallMsUntil(MARKET_MS + 1)).toBe(Number.POSITIVE_INFINITY);
    clock.observe(MARKET_MS + 60_000);
    clock.observe(MARKET_MS + 30_000);
    clock.observe(Number.NaN);
    expect(clock.now()).toBe(MARKET_MS + 60_000);
  });

  test('a venue that runs ahead takes the clock along', () => {
    const { wall, read } = aWall();
    const clock = new VenueClock(read, { marketMs: MARKET_MS, speed: 60 });
    clock.observe(MARKET_MS + 120_000);
    wall.ms += 1000;
    expect(clock.now()).toBe(MARKET_MS + 180_000);
  });

  test('a proof that comes only after the start sets the time of bars, once', () => {
    const { wall, read } = aWall();
    const clock = new VenueClock(read);
    expect(clock.now()).toBe(wall.ms);
    clock.follow({ marketMs: MARKET_MS, speed: 0 });
    expect(clock.now()).toBe(MARKET_MS);
    clock.follow({ marketMs: MARKET_MS - 60_000, speed: 0 });
    expect(clock.now()).toBe(MARKET_MS);
  });
});
