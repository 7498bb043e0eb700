// A fill that somebody else caused on the account; a test names only what it is about.
import { type ExternalFill, decimal } from '@strategy-runner/core';
import { SYMBOL, type World } from '../../../support/world.js';

export interface Given extends Partial<Omit<ExternalFill, 'price' | 'quantity' | 'fee'>> {
  readonly price?: string;
  readonly quantity?: string;
  readonly fee?: string;
}

/** By default a manual sale of 1 long at 100, hedged. */
export function anExternalFill(world: World, given: Given = {}): ExternalFill {
  const { price = '100', quantity = '1', fee = '0', ...more } = given;
  return {
    kind: 'external_fill',
    ts: world.now,
    tradeId: 'x1',
    venueOrderId: '77',
    symbol: SYMBOL,
    side: 'sell',
    positionSide: 'long',
    feeCurrency: 'USDT',
    liquidity: 'taker',
    cause: 'manual',
    ...more,
    price: decimal(price),
    quantity: decimal(quantity),
    fee: decimal(fee),
  };
}
