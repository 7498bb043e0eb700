import { describe, expect, test } from 'vitest';
import { type InstrumentFilters, decimal, format } from '@strategy-runner/core';
import { normalize, withAdjustments } from '../../../../core/src/order/normalize.js';
import type { OrderRequest } from '../../../../core/src/order/order.js';
import { anInstrument } from '../../../support/world.js';
import { anOrder } from '../risk/an-exposure.js';

const grid = { tick_size: '0.5', lot_size: '0.01', min_quantity: '0.02', min_notional: '5' };

function normalized(change: Partial<OrderRequest>, filters: Partial<InstrumentFilters> = {}) {
  return normalize(anOrder(change as object), anInstrument({ ...grid, ...filters }));
}

/** What was rounded, as texts. */
function roundings(change: Partial<OrderRequest>) {
  const outcome = normalized(change);
  if (!outcome.ok) throw new Error(outcome.code);
  return outcome.value.normalizations.map(({ field, from, to, reason }) => {
    return [field, format(from), format(to), reason];
  });
}

describe('an order on the grid', () => {
  test('is passed as it is, without a note', () => {
    const request = anOrder({ price: decimal('99.5'), quantity: decimal('1.01') });
    const outcome = normalize(request, anInstrument(grid));
    expect(outcome).toEqual({ ok: true, value: { order: request, normalizations: [] } });
    if (outcome.ok) expect(outcome.value.order).toBe(request);
  });
});

describe('every rounding is recorded', () => {
  test('of price, stop price and quantity', () => {
    const change = {
      price: decimal('99.9'),
      stopPrice: decimal('100.9'),
      quantity: decimal('1.019'),
    };
    expect(roundings(change)).toEqual([
      ['price', '99.9', '99.5', 'tick'],
      ['stop_price', '100.9', '100.5', 'tick'],
      ['quantity', '1.019', '1.01', 'lot'],
    ]);
  });

  test('a sell rounds its price up', () => {
    const change = { positionSide: 'short', price: decimal('99.9') } as const;
    expect(roundings(change)).toEqual([['price', '99.9', '100', 'tick']]);
  });

  test('after what sizing had changed before', () => {
    const outcome = normalized({ quantity: decimal('1.019') });
    if (!outcome.ok) throw new Error(outcome.code);
    const capped = { field: 'quantity', from: 2n, to: 1n, reason: 'max_notional' } as const;
    const { normalizations } = withAdjustments(outcome.value, [capped]);
    expect(normalizations.map(({ reason }) => reason)).toEqual(['max_notional', 'lot']);
  });
});

describe('what becomes illegal is denied, never enlarged', () => {
  test.each([
    ['0.009', 'BELOW_MIN_QTY', { quantity: '0', min_quantity: '0.02', lot_size: '0.01' }],
    ['0.0199', 'BELOW_MIN_QTY', { quantity: '0.01', min_quantity: '0.02', lot_size: '0.01' }],
    ['0.0499', 'BELOW_MIN_NOTIONAL', { notional: '4', min_notional: '5' }],
  ])('an entry of %s is %s, with the numbers', (quantity, code, numbers) => {
    const outcome = normalized({ quantity: decimal(quantity) });
    expect(outcome).toMatchObject({ ok: false, code, path: '/sizing_policy', numbers });
  });

  test('the notional is measured at limit, trigger or decision price, in this order', () => {
    const quantity = decimal('0.05');
    expect(normalized({ quantity }).ok).toBe(true);
    expect(normalized({ quantity, stopPrice: decimal('99') }).ok).toBe(false);
    const both = { quantity, stopPrice: decimal('101'), price: decimal('99') };
    expect(normalized(both).ok).toBe(false);
  });

  test.each([
    ['price', { price: decimal('0.4') }],
    ['stop price', { positionSide: 'long', stopPrice: decimal('0.4') }],
  ] as const)('a %s that rounds to zero', (_what, change) => {
    expect(normalized(change)).toMatchObject({ ok: false, code: 'PRICE_OUTSIDE_COLLAR' });
  });
});

describe('an exit', () => {
  test('keeps its quantity and is exempt from minimums: a rest must stay closable', () => {
    const outcome = normalized({ action: 'exit', quantity: decimal('0.0051') });
    expect(outcome).toMatchObject({ ok: true, value: { order: { quantity: decimal('0.0051') } } });
  });

  test('of nothing is denied', () => {
    expect(normalized({ action: 'exit', quantity: 0n })).toMatchObject({ code: 'BELOW_MIN_QTY' });
  });
});
