import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ReconnectLimits } from '../../../../../adapters/src/venue/ccxt/account-config.js';
import { ReconnectWatch } from '../../../../../adapters/src/venue/ccxt/reconnect-watch.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const LIMITS: ReconnectLimits = { count: 3, within_ms: 10_000, outage_ms: 4000 };

function aWatch(change: Partial<ReconnectLimits> = {}) {
  const told: string[] = [];
  const watch = new ReconnectWatch({
    limits: { ...LIMITS, ...change },
    wallMs: () => Date.now(),
    alert: (code, text) => told.push(`${code} ${text}`),
  });
  const codes = () => told.map((text) => text.split(' ')[0]);
  /** A loss, and the tries until it is ready again. */
  const flap = (downMs = 0): void => {
    for (const state of ['down', 'connecting', 'down', 'connecting', 'syncing'] as const) {
      watch.onState(state);
    }
    vi.advanceTimersByTime(downMs);
    watch.onState('ready');
  };
  watch.onState('connecting');
  watch.onState('syncing');
  watch.onState('ready');
  return { watch, told, codes, flap };
}

describe('losses of the connection', () => {
  test('are an alert at exactly the n-th, once, however many follow [B4] [B16]', () => {
    const { flap, told, codes } = aWatch();
    flap();
    flap();
    expect(told).toEqual([]);
    flap();
    expect(codes()).toEqual(['CONNECTION_UNSTABLE']);
    expect(told[0]).toContain('lost 3 times within 10 s');
    expect(told[0]).toContain('Next: runner status');
    for (let i = 0; i < 9; i += 1) {
      vi.advanceTimersByTime(9999);
      flap();
    }
    expect(codes()).toEqual(['CONNECTION_UNSTABLE']);
  });

  test('are none where they fall too far apart', () => {
    const { flap, told } = aWatch();
    for (let i = 0; i < 9; i += 1) {
      flap();
      vi.advanceTimersByTime(5000);
    }
    expect(told).toEqual([]);
  });

  test('are told again after a whole while without any', () => {
    const { flap, codes } = aWatch();
    for (let i = 0; i < 3; i += 1) flap();
    vi.advanceTimersByTime(10_000);
    flap();
    flap();
    expect(codes()).toEqual(['CONNECTION_UNSTABLE']);
    flap();
    expect(codes()).toEqual(['CONNECTION_UNSTABLE', 'CONNECTION_UNSTABLE']);
  });
});

describe('an outage', () => {
  test('is an alert once it has lasted its time, whatever is tried meanwhile [B4]', () => {
    const { watch, told, codes } = aWatch();
    watch.onState('down');
    vi.advanceTimersByTime(2000);
    watch.onState('connecting');
    watch.onState('syncing');
    watch.onState('down');
    vi.advanceTimersByTime(1999);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(codes()).toEqual(['CONNECTION_DOWN']);
    expect(told[0]).toContain('not been ready for 4 s');
    vi.advanceTimersByTime(60_000);
    expect(codes()).toEqual(['CONNECTION_DOWN']);
  });

  test('is an alert each time, and after losses that were told as well [B4]', () => {
    const { watch, flap, codes } = aWatch();
    for (let i = 0; i < 3; i += 1) flap();
    expect(codes()).toEqual(['CONNECTION_UNSTABLE']);
    watch.onState('down');
    vi.advanceTimersByTime(4000);
    watch.onState('connecting');
    vi.advanceTimersByTime(4000);
    expect(codes()).toEqual(['CONNECTION_UNSTABLE', 'CONNECTION_DOWN']);
    watch.onState('ready');
    flap(4000);
    expect(codes()).toEqual(['CONNECTION_UNSTABLE', 'CONNECTION_DOWN', 'CONNECTION_DOWN']);
  });

  test('is an alert at the start of a session too', () => {
    const alert = vi.fn();
    const watch = new ReconnectWatch({ limits: LIMITS, wallMs: () => Date.now(), alert });
    watch.onState('connecting');
    vi.advanceTimersByTime(4000);
    expect(alert).toHaveBeenCalledExactlyOnceWith('CONNECTION_DOWN', expect.any(String));
  });

  test('that ends in time is none, and nothing is told after the end of the run', () => {
    const { watch, flap, told } = aWatch({ count: 9 });
    for (let i = 0; i < 3; i += 1) flap(3999);
    watch.onState('down');
    watch.stop();
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual([]);
  });

  test('is never an alert where that is switched off', () => {
    const { watch, told } = aWatch({ outage_ms: null });
    watch.onState('down');
    vi.advanceTimersByTime(3_600_000);
    expect(told).toEqual([]);
  });
});
