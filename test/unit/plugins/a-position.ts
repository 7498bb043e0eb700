// What the host's book shows a plugin, with the usual values.
import type { OpenIntentView, PositionView, Side } from '@strategy-runner/contracts';
import { START_MS, SYMBOL } from '../../support/world-config.js';

export function aPosition(change: Partial<PositionView> = {}): PositionView {
  return {
    position_id: `pos:${SYMBOL}:sample@bar:1m:${START_MS}#open.long.1`,
    symbol: SYMBOL,
    side: 'long',
    quantity: '1',
    entry_price: '100',
    opened_ms: START_MS,
    dca_level: 0,
    unrealized_pnl: '0',
    ...change,
  };
}

export function aWorking(kind: OpenIntentView['kind'], side: Side, n = 1): OpenIntentView {
  return {
    intent_id: `${SYMBOL}:sample@bar:1m:${START_MS}#${kind}.${side}.${n}`,
    kind,
    side,
    accepted_ms: START_MS,
    filled_quantity: '0',
  };
}
