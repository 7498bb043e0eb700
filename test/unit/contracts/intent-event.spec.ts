import type { IntentEvent } from '@strategy-runner/contracts';
import { validateIntentEvent } from '@strategy-runner/contracts/validators';
import { describe, expect, test } from 'vitest';

const accepted: IntentEvent = {
  type: 'accepted',
  intent_id: 'BTC/USDT:x@bar:1m:1#open.long.1',
  time_ms: 1,
};

describe('an intent event', () => {
  test.each<readonly [string, IntentEvent]>([
    ['accepted', accepted],
    [
      'denied with numbers',
      {
        ...accepted,
        type: 'denied',
        code: 'BELOW_MIN_NOTIONAL',
        detail: 'notional 4.2, min 5',
        path: '/sizing_policy',
        numbers: { notional: '4.2', min: '5' },
      },
    ],
    [
      'filled',
      {
        ...accepted,
        type: 'filled',
        leg: 'entry',
        position_id: 'BTC/USDT:x#1',
        reference_price: '100',
        slippage_bps: '-1.5',
        fee: '0.05',
        fills: [
          {
            price: '100.1',
            quantity: '0.5',
            fee: '0.05',
            fee_currency: 'USDT',
            liquidity: 'taker',
            time_ms: 2,
          },
        ],
      },
    ],
    ['fallback_used', { ...accepted, type: 'fallback_used', reason: 'timeout' }],
    [
      'normalized',
      {
        ...accepted,
        type: 'normalized',
        diff: [{ field: '/order/price/abs', from: '100.12', to: '100.1', why: 'tick size' }],
      },
    ],
  ])('%s is valid', (_case, event) => {
    expect(validateIntentEvent(event)).toBeUndefined();
  });

  test('may carry a field that this version does not know', () => {
    expect(validateIntentEvent({ ...accepted, venue_latency_ms: 12 })).toBeUndefined();
  });

  test.each([
    ['without its intent', { ...accepted, intent_id: undefined }, '/intent_id'],
    ['denied without a code', { ...accepted, type: 'denied', detail: 'x' }, '/code'],
    ['filled without fills', { ...accepted, type: 'filled' }, '/fills'],
    ['normalized without a diff', { ...accepted, type: 'normalized' }, '/diff'],
    ['of an unknown type', { ...accepted, type: 'done' }, '/type'],
    [
      'with a number that is no decimal string',
      { ...accepted, numbers: { min: 5 } },
      '/numbers/min',
    ],
  ])('%s is refused', (_case, event, path) => {
    expect(validateIntentEvent(event)).toMatchObject({ path });
  });
});
