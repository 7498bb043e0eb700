// Synthetic bars for the benchmark: a seeded random walk of one-minute bars on a 0.01 tick, the
// same on every machine.
import { closeSync, openSync, writeSync } from 'node:fs';

export const TIMEFRAME_MS = 60_000;
const FIRST_MS = Date.UTC(2020, 0, 1);

/** Uniform in [0, 1); a 32-bit mix of a counter. */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function walk(length, seed = 7) {
  const random = seeded(seed);
  const column = () => new Float64Array(length);
  const columns = {
    length,
    openMs: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  };
  // In whole cents, so that each price is the shortest decimal of its float64.
  let last = 2_000_000;
  for (let i = 0; i < length; i += 1) {
    const open = Math.max(100_000, last + Math.round((random() - 0.5) * 200));
    const close = Math.max(100_000, open + Math.round((random() - 0.5) * 4000));
    const high = Math.max(open, close) + Math.round(random() * 800);
    const low = Math.min(open, close) - Math.round(random() * 800);
    columns.openMs[i] = FIRST_MS + i * TIMEFRAME_MS;
    columns.open[i] = open / 100;
    columns.high[i] = high / 100;
    columns.low[i] = low / 100;
    columns.close[i] = close / 100;
    columns.volume[i] = Math.round(random() * 1_000_000) / 1000;
    last = close;
  }
  return columns;
}

const ROWS_PER_WRITE = 10_000;

export function writeCsv(path, columns) {
  const file = openSync(path, 'w');
  writeSync(file, 'time,open,high,low,close,volume\n');
  for (let start = 0; start < columns.length; start += ROWS_PER_WRITE) {
    const end = Math.min(columns.length, start + ROWS_PER_WRITE);
    let text = '';
    for (let i = start; i < end; i += 1) {
      const prices = [columns.open[i], columns.high[i], columns.low[i], columns.close[i]];
      text += `${columns.openMs[i]},${prices.join(',')},${columns.volume[i]}\n`;
    }
    writeSync(file, text);
  }
  closeSync(file);
}
