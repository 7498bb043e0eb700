import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Player } from '../../../../adapters/src/venue-server/player.js';
import { BTC, anExchange } from './an-exchange.js';

const CLOSES = ['100', '101', '102', '103', '104'];

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const closed = ({ state }: ReturnType<typeof anExchange>) =>
  state.markets.get(BTC)!.closed.length - 1;

describe('the pace', () => {
  test('of a speed is a bar per its length divided by it', () => {
    const exchange = anExchange(CLOSES);
    const player = new Player(exchange.playback, 60, 60_000);
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
    new Player(exchange.playback, 'max', 60_000).start();
    vi.runAllTimers();
    expect(exchange.playback.isDone).toBe(true);
  });

  test('of step leaves it to others', () => {
    const exchange = anExchange(CLOSES);
    new Player(exchange.playback, 'step', 60_000).start();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('ends where it is stopped', () => {
    const exchange = anExchange(CLOSES);
    const player = new Player(exchange.playback, 60, 60_000);
    player.start();
    vi.advanceTimersByTime(1000);
    player.stop();
    vi.advanceTimersByTime(60_000);
    expect(closed(exchange)).toBe(1);
  });
});
