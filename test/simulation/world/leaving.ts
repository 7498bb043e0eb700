// Any strategy, made to leave at the end: from a given bar on it only takes back and closes, so
// that a life can be held to end flat.
import type { IntentBody, StrategyContext, StrategyDefinition } from '@strategy-runner/contracts';
import { cancel, closeSide } from '../../support/bodies.js';

export function leaving(given: StrategyDefinition, fromMs: number): StrategyDefinition {
  return {
    ...given,
    create(ctx) {
      const running = given.create(ctx);
      const { snapshot, restore } = running;
      if (snapshot === undefined || restore === undefined) throw new Error('it keeps no snapshot');
      return {
        onBar: (bar) => (bar.open_ms >= fromMs ? leave(ctx) : running.onBar(bar)),
        onFill: (fill) => running.onFill?.(fill),
        onIntentEvent: (event) => running.onIntentEvent?.(event),
        onTimer: (timer) => running.onTimer?.(timer),
        snapshot: () => snapshot(),
        restore: (state) => restore(state),
      };
    },
  };
}

function leave(ctx: StrategyContext): readonly IntentBody[] {
  const closes = ctx.positions.map(({ position_id, side }) => {
    return closeSide(side, { target: { position_id } });
  });
  const wanted = [cancel({ orders: 'entries' }), ...closes];
  return wanted as readonly unknown[] as readonly IntentBody[];
}
