import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Player, type Speed } from '../../../../adapters/src/venue-server/player.js';
import { BTC, anExchange } from './an-exchange.js';

const CLOSES = ['100', '101', '102', '103', '104'];

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const aPlayer = ({ playback, state }: ReturnType<typeof anExchange>, speed: Speed): Player =>
  new Player({
    playback,
    speed,
    timeframeMs: 60_000,
    now: () => Date.now(),
    marketNow: () => state.nowMs,
  });

const closed = ({ state }: ReturnType<typeof anExchange>) =>
  state.markets.get(BTC)!.closed.length - 1;

describe('the pace', () => {
  test('of a speed is a bar per its length divided by it', () => {
    const exchange = anExchange(CLOSES);
    const player = aPlayer(exchange, 60);
    player.start();
    vi.advanceTimersByTime(999);
    expect(closed(exchange)).toBe(0);
    vi.advanceTimersByTime(1);
    expect(closed(exchange)).toBe(1);
    vi.advanceTimersByTime(60_000);
    expect([closed(exchange), vi.getTimerCount()]).toEqual([4, 0]);
  });

  test('of max plays everything and ends', () => {
    const exchange = anExchange(CLOSES);
    aPlayer(exchange, 'max').start();
    vi.runAllTimers();
    expect(exchange.playback.isDone).toBe(true);
  });

  test('of step leaves it to others', () => {
    const exchange = anExchange(CLOSES);
    aPlayer(exchange, 'step').start();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('ends where it is stopped', () => {
    const exchange = anExchange(CLOSES);
    const player = aPlayer(exchange, 60);
    player.start();
    vi.advanceTimersByTime(1000);
    player.stop();
    vi.advanceTimersByTime(60_000);
    expect(closed(exchange)).toBe(1);
  });

  test('of a speed lets market time pass evenly, between two ticks too', () => {
    const exchange = anExchange(CLOSES);
    const player = aPlayer(exchange, 60);
    const startMs = exchange.state.nowMs;
    player.start();
    for (let wallMs = 0; wallMs <= 2000; wallMs += 50) {
      const passed = player.marketMs() - startMs;
      // A timer may come a millisecond late, which is 60 ms of the market.
      expect(Math.abs(passed - wallMs * 60)).toBeLessThanOrEqual(120);
      expect(player.marketMs()).toBeGreaterThanOrEqual(exchange.state.nowMs);
      vi.advanceTimersByTime(50);
    }
    player.stop();
  });

  test('of a speed goes on from where somebody has stepped it to', () => {
    const exchange = anExchange(CLOSES);
    const player = aPlayer(exchange, 60);
    player.start();
    vi.advanceTimersByTime(1);
    exchange.playback.playBar();
    exchange.playback.playBar();
    vi.advanceTimersByTime(3000);
    expect(exchange.playback.isDone).toBe(true);
    expect(player.marketMs()).toBe(exchange.state.nowMs);
  });

  test('stands still where nobody plays', () => {
    const exchange = anExchange(CLOSES);
    const player = aPlayer(exchange, 'step');
    const startMs = player.marketMs();
    vi.advanceTimersByTime(60_000);
    expect(player.marketMs()).toBe(startMs);
    exchange.playback.playBar();
    expect(player.marketMs()).toBe(startMs + 60_000);
  });
});
