// Bars that wander, the same ones for the same seed, on a tick of 0.1.
import type { BarColumns } from '@strategy-runner/core';
import { MINUTE_MS, START_MS } from '../../support/world-config.js';

/** Uniform in [0, 1): mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Moves of up to `moveBps` from bar to bar around 1000, each with wicks of up to half of that. */
export function aWalk(length: number, seed: number, moveBps = 30): BarColumns {
  const random = randomOf(seed);
  const columns = emptyColumns(length);
  let price = 1000;
  for (let i = 0; i < length; i += 1) {
    const open = price;
    const pull = (1000 - price) / 20_000;
    const close = onTick(open * (1 + pull / 10 + ((random() * 2 - 1) * moveBps) / 10_000));
    const wick = () => (random() * open * moveBps) / 20_000;
    columns.openMs[i] = START_MS + i * MINUTE_MS;
    columns.open[i] = open;
    columns.high[i] = onTick(Math.max(open, close) + wick());
    columns.low[i] = onTick(Math.min(open, close) - wick());
    columns.close[i] = close;
    columns.volume[i] = 1000;
    price = close;
  }
  return columns;
}

/** The first `length` bars; what follows is gone, not hidden. */
export function firstOf(bars: BarColumns, length: number): BarColumns {
  return {
    length,
    openMs: bars.openMs.slice(0, length),
    open: bars.open.slice(0, length),
    high: bars.high.slice(0, length),
    low: bars.low.slice(0, length),
    close: bars.close.slice(0, length),
    volume: bars.volume.slice(0, length),
  };
}

function emptyColumns(length: number): BarColumns {
  const column = () => new Float64Array(length);
  return {
    length,
    openMs: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  };
}

function onTick(price: number): number {
  return Math.round(price * 10) / 10;
}
