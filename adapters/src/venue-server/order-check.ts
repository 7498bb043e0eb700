// What an order must satisfy before the exchange takes it: filters, position side, margin. The
// first thing wrong is thrown as the exchange's own reject.
import { type Amount, amount, isMultiple } from './amount.js';
import type { Instrument } from './instrument.js';
import { marginFigures } from './margin.js';
import type { OrderRequest } from './order.js';
import { type VenueState, instrumentOf, marketOf } from './venue-state.js';
import { VenueReject } from './venue-reject.js';

const CLIENT_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;

export function checkOrder(state: VenueState, request: OrderRequest): void {
  const instrument = instrumentOf(state, request.symbol);
  if (instrument.status !== 'TRADING' && !request.isReduceOnly) throw new VenueReject(-4140);
  if (!CLIENT_ID.test(request.clientOrderId)) throw new VenueReject(-4015);
  checkPositionSide(state, request.positionSide);
  checkQuantity(instrument, request.quantity, request.type === 'MARKET');
  if (request.type === 'LIMIT') checkPrice(state, instrument, request);
  checkNotional(state, instrument, request);
  const open = [...state.openOrders.values()];
  // Only among open orders: a finished order's id is free again, as on the real exchange.
  if (open.some(({ clientOrderId }) => clientOrderId === request.clientOrderId)) {
    throw new VenueReject(-4116);
  }
  if (open.filter(({ symbol }) => symbol === request.symbol).length >= instrument.maxOrders) {
    throw new VenueReject(-2025);
  }
}

export function checkPositionSide({ account }: VenueState, side: string): void {
  if (account.isHedged === (side === 'BOTH')) throw new VenueReject(-4061);
}

export function checkQuantity(instrument: Instrument, quantity: Amount, isAtMarket: boolean): void {
  if (quantity.lte(0)) throw new VenueReject(-4003);
  if (quantity.decimalPlaces() > instrument.step.decimalPlaces()) throw new VenueReject(-1111);
  if (quantity.lt(instrument.minQuantity)) throw new VenueReject(-4004);
  if (quantity.gt(instrument.maxQuantity)) throw new VenueReject(-4005);
  if (isAtMarket && quantity.gt(instrument.maxMarketQuantity)) throw new VenueReject(-4005);
  if (!isMultiple(quantity, instrument.step)) throw new VenueReject(-4023);
}

export function checkTick(instrument: Instrument, price: Amount): void {
  if (price.lte(0)) throw new VenueReject(-4013);
  if (price.decimalPlaces() > instrument.tick.decimalPlaces()) throw new VenueReject(-1111);
  if (!isMultiple(price, instrument.tick)) throw new VenueReject(-4014);
}

function checkPrice(state: VenueState, instrument: Instrument, request: OrderRequest): void {
  checkTick(instrument, request.price);
  const { last } = marketOf(state, request.symbol);
  if (request.side === 'BUY' && request.price.gt(last.times('1.05'))) throw new VenueReject(-4016);
  if (request.side === 'SELL' && request.price.lt(last.times('0.95'))) throw new VenueReject(-4024);
}

function checkNotional(state: VenueState, instrument: Instrument, request: OrderRequest): void {
  if (request.isReduceOnly) return;
  const { last } = marketOf(state, request.symbol);
  const notional = request.quantity.times(request.type === 'LIMIT' ? request.price : last);
  if (notional.gte(instrument.minNotional)) return;
  const least = instrument.minNotional.toFixed();
  throw new VenueReject(
    -4164,
    `Order's notional must be no smaller than ${least} (unless you choose reduce only).`,
  );
}

/** Only what the order would add to the exposure needs margin. */
export function checkMargin(state: VenueState, request: OrderRequest): void {
  if (request.isReduceOnly) return;
  const { account } = state;
  const held = account.position(request.symbol, request.positionSide).quantity;
  const isOpposed = !held.isZero() && held.isNegative() === (request.side === 'BUY');
  const added = isOpposed ? request.quantity.minus(held.abs()) : request.quantity;
  if (added.lte(0)) return;
  const { last } = marketOf(state, request.symbol);
  const price = request.type === 'LIMIT' ? request.price : last.times('1.0005');
  const needed = added.times(price).div(amount(account.leverageOf(request.symbol)));
  if (needed.gt(marginFigures(state).available)) throw new VenueReject(-2019);
}
