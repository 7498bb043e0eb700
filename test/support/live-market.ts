// What a live world is made of: its market, and its plugin and settings as a test gives them.
import type { SymbolSetup } from '../../adapters/src/venue-server/exchange.js';
import type { MarketBar } from '../../adapters/src/venue-server/venue-state.js';
import type { RunConfig } from '../../adapters/src/api/run-config.js';
import type { Hooks, WorldStrategy } from './world-strategy.js';

export const LIVE_SYMBOL = 'BTC/USDT:USDT';
export const LIVE_START_MS = Date.UTC(2024, 0, 1, 7, 50);
export const MINUTE_MS = 60_000;
/** Bars that have closed before the exchange opens. */
export const HISTORY = 5;

export interface MarketOptions {
  /** Closes of the live bars; after the last one the price stays where it is. Default 50000. */
  readonly closes?: readonly (number | Partial<Omit<MarketBar, 'openMs'>>)[];
  readonly symbol?: string;
  readonly symbolSetup?: Partial<SymbolSetup>;
}

export function symbolOf({ closes = [], symbol, symbolSetup }: MarketOptions): SymbolSetup {
  const first = closes[0] ?? 50_000;
  const before = typeof first === 'number' ? first : Number(first.open ?? first.close ?? 50_000);
  function* bars(): Generator<MarketBar, undefined> {
    let last = String(before);
    for (let at = 0; ; at += 1) {
      const openMs = LIVE_START_MS + at * MINUTE_MS;
      const given = at < HISTORY ? before : (closes[at - HISTORY] ?? Number(last));
      const bar = typeof given === 'number' ? { close: String(given) } : given;
      const open = bar.open ?? last;
      const close = bar.close ?? open;
      const ends = [Number(open), Number(close)];
      const high = bar.high ?? String(Math.max(...ends));
      const low = bar.low ?? String(Math.min(...ends));
      yield { openMs, open, high, low, close, volume: bar.volume ?? '100' };
      last = close;
    }
  }
  return {
    symbol: symbol ?? LIVE_SYMBOL,
    timeframeMs: MINUTE_MS,
    history: HISTORY,
    liquidity: '10',
    bars: bars(),
    ...symbolSetup,
  };
}

// A script's numbers are live bars; what is asked before them is warm-up.
export function onLiveBars(strategy: WorldStrategy): Hooks {
  const firstMs = LIVE_START_MS + HISTORY * MINUTE_MS;
  const isHooks =
    typeof strategy === 'object' && Object.keys(strategy).some((key) => key.startsWith('on'));
  const hooks: Hooks = isHooks
    ? (strategy as Hooks)
    : typeof strategy === 'function'
      ? { onBar: strategy }
      : { onBar: (_bar, _ctx, index) => (strategy as Record<number, unknown>)[index] };
  return {
    ...hooks,
    onBar: (bar, ctx) => {
      const index = (bar.open_ms - firstMs) / MINUTE_MS;
      return index < 0 ? undefined : hooks.onBar?.(bar, ctx, index);
    },
  };
}

export function withLeverage(config: RunConfig): RunConfig {
  return { ...config, risk: { ...config.risk, max_leverage: '5' } };
}

export function merged(base: unknown, over: unknown): unknown {
  if (!isPlain(base) || !isPlain(over)) return over ?? base;
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) result[key] = merged(base[key], value);
  return result;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
