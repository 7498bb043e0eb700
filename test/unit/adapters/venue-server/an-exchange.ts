// Builds an exchange of the test's own, without a network, and orders for it.
import { type Exchange, createExchange } from '../../../../adapters/src/venue-server/exchange.js';
import type { SymbolSetup } from '../../../../adapters/src/venue-server/exchange.js';
import { ZERO, amount } from '../../../../adapters/src/venue-server/amount.js';
import type { OrderRequest, VenueOrder } from '../../../../adapters/src/venue-server/order.js';
import { placeOrder } from '../../../../adapters/src/venue-server/trading.js';
import type { MarketBar, VenueEvent } from '../../../../adapters/src/venue-server/venue-state.js';

export const BTC = 'BTCUSDT';
export const START_MS = Date.UTC(2024, 0, 1, 7, 57);

export interface Watched extends Exchange {
  readonly events: VenueEvent[];
}

/** Bars of one minute from closes; the first is history. */
export function anExchange(
  closes: readonly string[],
  more: Partial<SymbolSetup> = {},
  settings: { readonly seed?: number; readonly cash?: string } = {},
): Watched {
  const bars = closes.map((close, index): MarketBar => {
    const open = closes[index - 1] ?? close;
    const [low, high] = Number(open) < Number(close) ? [open, close] : [close, open];
    return { openMs: START_MS + index * 60_000, open, high, low, close, volume: '100' };
  });
  const setup = { symbol: 'BTC/USDT:USDT', timeframeMs: 60_000, liquidity: '2', bars, ...more };
  const { seed = 1, cash = '100000' } = settings;
  const exchange = createExchange({ symbols: [setup], cash, seed });
  const events: VenueEvent[] = [];
  exchange.listen((event) => events.push(event));
  return { ...exchange, events };
}

let orders = 0;

export interface Placed extends Partial<Omit<OrderRequest, 'quantity' | 'price'>> {
  readonly quantity: string;
  /** A limit order; a market order without. */
  readonly price?: string;
}

export function place(exchange: Exchange, { quantity, price, ...more }: Placed): VenueOrder {
  orders += 1;
  return placeOrder(exchange.state, {
    symbol: BTC,
    side: 'BUY',
    type: price === undefined ? 'MARKET' : 'LIMIT',
    timeInForce: 'GTC',
    clientOrderId: `test-${orders}`,
    isReduceOnly: false,
    positionSide: 'BOTH',
    ...more,
    quantity: amount(quantity),
    price: price === undefined ? ZERO : amount(price),
  });
}
