// What the venue reports about an account, in decimal strings; a test names only what it is about.
import {
  type VenueOrder,
  type VenuePosition,
  type VenueSnapshot,
  decimal,
} from '@strategy-runner/core';
import { SYMBOL } from '../../../support/world.js';

export interface PositionInput {
  readonly symbol?: string;
  readonly side?: 'long' | 'short';
  readonly quantity: string;
  readonly entry?: string;
}

export interface OrderInput extends Partial<
  Omit<VenueOrder, 'quantity' | 'filled' | 'price' | 'stopPrice'>
> {
  readonly quantity?: string;
  readonly price?: string;
}

export interface SnapshotInput {
  readonly takenMs: number;
  readonly ts?: number;
  readonly scope?: VenueSnapshot['scope'];
  readonly symbols?: readonly string[];
  readonly positions?: readonly PositionInput[];
  readonly orders?: readonly OrderInput[];
  /** By currency. */
  readonly balances?: Readonly<Record<string, string>>;
}

export function aSnapshot(input: SnapshotInput): VenueSnapshot {
  const { takenMs, ts = takenMs, scope = 'account', symbols = [] } = input;
  const balances = Object.entries(input.balances ?? {});
  return {
    kind: 'venue_snapshot',
    ts,
    takenMs,
    scope,
    symbols,
    orders: (input.orders ?? []).map(aVenueOrder),
    positions: (input.positions ?? []).map(aVenuePosition),
    balances: balances.map(([currency, total]) => {
      return { currency, total: decimal(total), free: null };
    }),
  };
}

function aVenuePosition(input: PositionInput): VenuePosition {
  const { symbol = SYMBOL, side = 'long', quantity, entry = '100' } = input;
  return { symbol, side, quantity: decimal(quantity), entryPrice: decimal(entry) };
}

export function aVenueOrder({ quantity, price, ...input }: OrderInput = {}): VenueOrder {
  return {
    order: null,
    venueOrderId: '9001',
    clientOrderId: 'web_1',
    symbol: SYMBOL,
    side: 'buy',
    positionSide: 'long',
    type: 'limit',
    filled: 0n,
    stopPrice: null,
    reduceOnly: false,
    ...input,
    quantity: decimal(quantity ?? '1'),
    price: price === undefined ? null : decimal(price),
  };
}
