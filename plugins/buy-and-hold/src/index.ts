// Buys once, at the first tradable bar, with a share of the equity, and never sells.
import { defineStrategy, type OpenBody } from '@strategy-runner/contracts';

interface Config {
  readonly fraction_bps: number;
}

export default defineStrategy<Config, null>({
  create(ctx) {
    const buy: OpenBody = {
      kind: 'open',
      side: 'long',
      sizing_policy: {
        mode: 'equity_fraction',
        fraction_bps: ctx.config.fraction_bps,
        basis: 'equity',
      },
      order: { type: 'market' },
      reason: { code: 'hold.forever' },
    };
    const isIn = () => ctx.position('long') !== undefined || ctx.open_intents.length > 0;
    return {
      onBar: () => (ctx.phase === 'warmup' || isIn() ? undefined : buy),
      // The host's book says it all; an empty state spares a restart asking every bar again.
      snapshot: () => null,
      restore: () => undefined,
    };
  },
});
