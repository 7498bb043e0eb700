// Two ladders that know nothing of each other, long and short side by side. State: the lots that
// their fills made, and how long a refused entry still waits.
import { defineStrategy, type IntentEvent, type Side } from '@strategy-runner/contracts';
import { checkConfig, type Config } from './config.js';
import { Ladder } from './ladder.js';
import type { LotState } from './lot-stack.js';

export interface State {
  readonly long: readonly LotState[];
  readonly short: readonly LotState[];
  readonly quiet_bars: number;
}

export default defineStrategy<Config, State>({
  create(ctx) {
    const { config } = ctx;
    checkConfig(config);
    const ladders: Readonly<Record<Side, Ladder>> = {
      long: new Ladder(ctx, 'long'),
      short: new Ladder(ctx, 'short'),
    };
    const kept = config.side === 'both' ? [ladders.long, ladders.short] : [ladders[config.side]];
    let quietBars = 0;
    return {
      onBar(bar) {
        if (ctx.phase === 'warmup') return undefined;
        const mayEnter = quietBars === 0;
        if (!mayEnter) quietBars -= 1;
        return kept.flatMap((ladder) => ladder.decide(bar.close, mayEnter));
      },
      onFill(fill) {
        ladders[fill.side].lots.take(fill);
      },
      // What was refused is not asked again at once. What expired or was cancelled is: its order is
      // gone from the open intents, and the next bar finds the place free.
      onIntentEvent(event) {
        if (isRefusal(event)) quietBars = config.retry_bars;
      },
      snapshot: () => ({
        long: ladders.long.lots.snapshot(),
        short: ladders.short.lots.snapshot(),
        quiet_bars: quietBars,
      }),
      restore(state) {
        ladders.long.lots.restore(state.long);
        ladders.short.lots.restore(state.short);
        quietBars = state.quiet_bars;
      },
    };
  },
});

function isRefusal({ type }: IntentEvent): boolean {
  return type === 'denied' || type === 'rejected';
}
