// Strategies that the comparison is tried on: one that says the same whatever happens, one whose
// size follows its equity, one whose entries depend on its position, one that works with limits,
// stops, targets and hooks.
import type { StrategyContext } from '@strategy-runner/contracts';
import { closeLong, closeShort, dca, limitAt, openLong, openShort } from '../support/bodies.js';
import type { Hooks, WorldStrategy } from '../support/world-strategy.js';

const EQUITY = { mode: 'equity_fraction', fraction_bps: 5000, basis: 'equity' };

/** Opens and closes by the clock. */
export function byTheClock(more: object = {}): WorldStrategy {
  return (_bar, _ctx, index) => {
    if (index % 8 === 2) return [openLong(more)];
    if (index % 8 === 6) return [closeLong()];
    return [];
  };
}

export function byEquity(): WorldStrategy {
  return byTheClock({ sizing_policy: EQUITY });
}

/** Adds to what has lost, takes what has gained; enters only when flat. */
export function byPosition(): WorldStrategy {
  return (bar, ctx: StrategyContext, index) => {
    if (index < 2) return [];
    const held = ctx.position('long');
    if (held === undefined) return index % 3 === 0 ? [openLong({ sizing_policy: EQUITY })] : [];
    const gain = bar.close / Number(held.entry_price) - 1;
    if (gain > 0.006 || gain < -0.03) return [closeLong()];
    return gain < -0.008 && held.dca_level < 2 ? [dca(held.dca_level + 1)] : [];
  };
}

/** Limits with protection, both sides, and an answer to its own fills. */
export function byLevels(): WorldStrategy {
  let fills = 0;
  return {
    onBar: (bar, ctx, index) => {
      const { long, short } = { long: ctx.position('long'), short: ctx.position('short') };
      const away = bar.close > ctx.bars.close(Math.min(3, index)) ? 1 : -1;
      if (long === undefined && short === undefined && index % 4 === 1) {
        const side = away > 0 ? openLong : openShort;
        const limit = (bar.close - away * 0.3).toFixed(1);
        const order = index % 8 === 1 ? limitAt(limit) : { type: 'market' };
        return [side({ order, ...expiring(), protection: around(bar.close, away) })];
      }
      if (index % 11 === 0 && long !== undefined) return [closeLong()];
      if (index % 13 === 0 && short !== undefined) return [closeShort()];
      return [];
    },
    onFill: (fill) => {
      fills += 1;
      const isDue = fills % 7 === 0 && fill.action === 'entry';
      return isDue ? [fill.side === 'long' ? closeLong() : closeShort()] : [];
    },
  };
}

/** Follows the market, falls back, tops up, trails, leaves by time, and listens to all of it. */
export function byOffers(): WorldStrategy {
  let told = 0;
  return {
    onBar: (bar, ctx, index) => {
      if (index % 6 === 1) ctx.setTimer(`look-${index}`, bar.close_ms + 90_500);
      if (index % 5 !== 2 || ctx.positions.length > 0) return [];
      const side = index % 2 === 0 ? openLong : openShort;
      const limit = (bar.close + (index % 2 === 0 ? -0.4 : 0.4)).toFixed(1);
      const isChased = index % 3 === 0;
      const chase = { interval_ms: 60_000, max_moves: 3, max_distance_bps: 300 };
      const order = limitAt(limit, isChased ? { chase } : {});
      const partial_fill = { policy: 'top_up', after_ms: 45_000, max_slippage_bps: 300 };
      return [
        side({ order, partial_fill, protection: trailing(), ...(isChased ? {} : falling()) }),
      ];
    },
    onTimer: (_timer, ctx) => {
      const held = ctx.position('long');
      return held !== undefined && ctx.random() < 0.5 ? [closeLong()] : [];
    },
    onIntentEvent: (event) => {
      told += 1;
      return event.type === 'rejected' && told % 2 === 0
        ? [openLong({ idempotency_key: 'a' })]
        : [];
    },
  };
}

function falling() {
  const on = ['timeout', 'reject'];
  const fallback = { mode: 'limit_to_market', on, after_ms: 70_000, max_slippage_bps: 300 };
  return { fallback };
}

function trailing() {
  return {
    stop_loss: { at: { from: 'entry_avg', distance_bps: 300 } },
    trailing_stop: { distance_bps: 150 },
    time_exit: { after_ms: 400_000 },
  };
}

function expiring() {
  return { expires: { after_bars: 3 } };
}

function around(close: number, away: number) {
  const at = (distance: number) => ({ abs: (close + away * distance).toFixed(1) });
  return {
    stop_loss: { at: at(-1.5) },
    take_profit: [
      { at: at(1), share_bps: 5000 },
      { at: at(2), share_bps: 5000 },
    ],
  };
}

/** The same strategy, but at one bar it does something else, as changed code would. */
export function otherwiseAt(
  strategy: () => WorldStrategy,
  closeMs: number,
  otherwise: () => unknown,
): () => WorldStrategy {
  return () => {
    const given = strategy();
    const hooks: Hooks = typeof given === 'function' ? { onBar: given } : (given as Hooks);
    return {
      ...hooks,
      onBar: (bar, ctx, index) => {
        const said = hooks.onBar?.(bar, ctx, index);
        return bar.close_ms === closeMs ? otherwise() : said;
      },
    };
  };
}
