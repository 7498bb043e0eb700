// A fill as the host tells it, with the usual values.
import type { FillEvent } from '@strategy-runner/contracts';
import { START_MS, SYMBOL } from '../../../support/world-config.js';

export function aFill(change: Partial<FillEvent> = {}): FillEvent {
  return {
    intent_id: 'open-1',
    leg: 'entry',
    position_id: 'pos:open-1',
    symbol: SYMBOL,
    side: 'long',
    action: 'entry',
    price: '100',
    quantity: '2',
    fee: '0.1',
    fee_currency: 'USDT',
    liquidity: 'taker',
    time_ms: START_MS,
    is_complete: true,
    ...change,
  };
}
