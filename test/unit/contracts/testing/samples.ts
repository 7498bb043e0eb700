// Strategies and values that the specs of the harness share.
import {
  defineStrategy,
  type Bar,
  type IntentBody,
  type PluginManifest,
  type PositionView,
  type StrategyContext,
} from '@strategy-runner/contracts';

export const minute = 60_000;
/** Open of the first bar. */
export const start = 1_735_689_600_000;

export const open = (code = 'cross.up'): IntentBody => ({
  kind: 'open',
  side: 'long',
  sizing_policy: 'delegate_notional',
  order: { type: 'market' },
  reason: { code },
});

export const manifest: PluginManifest = {
  manifest_version: 1,
  id: 'runner-strategy-sample',
  kind: 'strategy',
  title: 'Sample',
  contract: { intent: '^1.0', host_api: '^1.0' },
  capabilities: { kinds: ['open'], markets: ['swap'], sides: ['long'], sizing_modes: ['qty'] },
  data: { timeframes: ['1m', '1h'], warmup_bars: { config: 'slow', plus: 1 } },
};

export const aPosition = (change: Partial<PositionView> = {}): PositionView => ({
  position_id: 'BTC/USDT:USDT:sample#1',
  symbol: 'BTC/USDT:USDT',
  side: 'long',
  quantity: '1',
  entry_price: '100',
  opened_ms: start,
  dca_level: 0,
  unrealized_pnl: '0',
  ...change,
});

/** Buys a close above the highest high of the two bars before. */
export const breakout = defineStrategy({
  create: (ctx) => ({
    onBar: (bar) => (bar.close > ctx.bars.highest(2, 1) ? open() : undefined),
  }),
});

/** Hands the context out, for tests that look at it. */
export function observed(onBar: (ctx: StrategyContext, bar: Bar) => unknown = () => undefined) {
  const seen: { ctx?: StrategyContext } = {};
  const strategy = defineStrategy({
    create: (ctx) => {
      seen.ctx = ctx;
      return {
        onBar: (bar) => {
          onBar(ctx, bar);
        },
      };
    },
  });
  return { strategy, context: () => seen.ctx as StrategyContext };
}
