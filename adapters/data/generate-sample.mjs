// Makes the bundled sample data set: synthetic hourly bars, the same bytes for the same seed on
// every machine. Only + - * / are used, because transcendental functions may differ between
// platforms. Usage: node generate-sample.mjs [--out <folder>]
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SEED = 1001;
const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2025, 0, 1);
const END_MS = Date.UTC(2025, 6, 1);
const START_PRICE = 93_500;
const STEPS_PER_BAR = 20;
const FILE_NAME = 'sample-btc-usdt-1h.csv';

const DESCRIPTION = {
  symbol: 'BTC/USDT:USDT',
  timeframe: '1h',
  synthetic: true,
  seed: SEED,
  generator: 'generate-sample.mjs',
  tick_size: '0.1',
  lot_size: '0.001',
  min_notional: '5',
  description:
    'Synthetic hourly bars, January to June 2025, made by a seeded program. No market traded ' +
    'at these prices; results on them say nothing about any strategy.',
};

// The market's moods in order: days, drift per day, volatility per day (fractions), and how
// strongly the price is pulled back to where the mood began (per day; 0 = not at all).
const MOODS = [
  { days: 12, drift: 0.002, volatility: 0.016, pull: 0.6 },
  { days: 14, drift: 0.0105, volatility: 0.019, pull: 0 },
  { days: 11, drift: 0, volatility: 0.022, pull: 0.9 },
  { days: 13, drift: -0.013, volatility: 0.026, pull: 0 },
  { days: 4, drift: -0.03, volatility: 0.045, pull: 0 },
  { days: 10, drift: 0.009, volatility: 0.03, pull: 0 },
  { days: 18, drift: 0, volatility: 0.018, pull: 0.7 },
  { days: 20, drift: 0.008, volatility: 0.017, pull: 0 },
  { days: 9, drift: -0.009, volatility: 0.024, pull: 0 },
  { days: 16, drift: 0, volatility: 0.015, pull: 0.8 },
  { days: 15, drift: 0.0095, volatility: 0.02, pull: 0 },
  { days: 12, drift: -0.008, volatility: 0.022, pull: 0 },
  { days: 27, drift: 0.001, volatility: 0.019, pull: 0.5 },
];

// Share of the usual activity by hour of day (UTC): quiet at night, busy when New York opens.
const ACTIVITY = [
  0.8, 0.75, 0.7, 0.7, 0.7, 0.75, 0.8, 0.95, 1.05, 1.05, 1, 1, 1.1, 1.35, 1.6, 1.55, 1.35, 1.2, 1.1,
  1.05, 1.05, 0.95, 0.9, 0.85,
];

/** Uniform numbers in [0, 1) from a 32-bit counter whose bits are mixed. */
function uniform(seed) {
  let counter = seed >>> 0;
  return () => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let bits = counter;
    bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    return ((bits ^ (bits >>> 15)) >>> 0) / 4_294_967_296;
  };
}

/** Near-normal numbers of mean 0 and variance 1: twelve uniform ones less six. */
function bell(random) {
  return () => {
    let sum = -6;
    for (let count = 0; count < 12; count++) sum += random();
    return sum;
  };
}

function generateBars() {
  const random = uniform(SEED);
  const normal = bell(random);
  const rows = ['timestamp,open,high,low,close,volume'];
  // 1 / sqrt(24 * STEPS_PER_BAR), as a constant for the reason above.
  const stepShare = 0.0456435464587638;
  const stepsPerDay = 24 * STEPS_PER_BAR;
  let price = START_PRICE;
  let heat = 1;
  let timeMs = START_MS;
  for (const mood of MOODS) {
    const anchor = price;
    for (let hour = 0; hour < mood.days * 24 && timeMs < END_MS; hour++, timeMs += HOUR_MS) {
      // Volatility comes in clusters: calm and hot hours follow their like.
      heat = 0.94 * heat + 0.06 * (0.4 + 1.2 * random());
      const scale = mood.volatility * stepShare * heat * ACTIVITY[hour % 24];
      const bar = { open: price, high: price, low: price };
      for (let step = 0; step < STEPS_PER_BAR; step++) {
        const pulled = (mood.pull * (anchor - price)) / anchor;
        price *= 1 + (mood.drift + pulled) / stepsPerDay + scale * normal();
        bar.high = Math.max(bar.high, price);
        bar.low = Math.min(bar.low, price);
      }
      const range = (bar.high - bar.low) / bar.open;
      const volume = ACTIVITY[hour % 24] * (180 + 160 * random() + 60_000 * range);
      rows.push(
        [
          new Date(timeMs).toISOString().replace('.000Z', 'Z'),
          bar.open.toFixed(1),
          bar.high.toFixed(1),
          bar.low.toFixed(1),
          price.toFixed(1),
          volume.toFixed(3),
        ].join(','),
      );
    }
  }
  return `${rows.join('\n')}\n`;
}

const here = dirname(fileURLToPath(import.meta.url));
const outAt = process.argv.indexOf('--out');
const folder = outAt === -1 ? here : (process.argv[outAt + 1] ?? here);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, FILE_NAME), generateBars());
writeFileSync(join(folder, `${FILE_NAME}.json`), `${JSON.stringify(DESCRIPTION, null, 2)}\n`);
