// What a spot order must satisfy before the exchange takes it; the first thing wrong is thrown in
// the words of the real exchange, by which clients tell one refusal from another.
import { type Amount, isMultiple } from './amount.js';
import type { Instrument } from './instrument.js';
import { type SpotRequest, type SpotState, isAtMarket, isStop } from './spot-state.js';
import { isStopReached } from './spot-state.js';
import { type Market, instrumentOf, marketOf } from './venue-state.js';
import { VenueReject } from './venue-reject.js';

const CLIENT_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;
const DECIMALS_MAX = 8;

export function checkSpotOrder(state: SpotState, request: SpotRequest): void {
  const instrument = instrumentOf(state, request.symbol);
  const market = marketOf(state, request.symbol);
  if (instrument.status !== 'TRADING') throw new VenueReject(-1013, 'Market is closed.');
  if (!CLIENT_ID.test(request.clientOrderId)) {
    const parameter = "Illegal characters found in parameter 'newClientOrderId'; legal range is ";
    throw new VenueReject(-1100, `${parameter}'^[a-zA-Z0-9-_]{1,36}$'.`);
  }
  checkFilters(instrument, market, request);
  const open = [...state.openOrders.values()];
  if (open.some(({ clientOrderId }) => clientOrderId === request.clientOrderId)) {
    throw new VenueReject(-2010, 'Duplicate order sent.');
  }
  if (open.filter(({ symbol }) => symbol === request.symbol).length >= instrument.maxOrders) {
    throw filterFailure('MAX_NUM_ORDERS');
  }
  if (isStop(request) && isStopReached(request, market.last)) {
    throw new VenueReject(-2010, 'Stop price would trigger immediately.');
  }
}

export function insufficientBalance(): VenueReject {
  return new VenueReject(-2010, 'Account has insufficient balance for requested action.');
}

function checkFilters(instrument: Instrument, market: Market, request: SpotRequest): void {
  const { quantity, quoteQuantity, price, stopPrice } = request;
  if (quoteQuantity.isZero()) checkLot(instrument, quantity);
  if (isAtMarket(request) && quantity.gt(instrument.maxMarketQuantity)) {
    throw filterFailure('MARKET_LOT_SIZE');
  }
  if (!isAtMarket(request)) checkTick(instrument, price);
  if (isStop(request)) checkTick(instrument, stopPrice);
  if (!isAtMarket(request) && !isStop(request)) checkBand(market, request);
  const reference = isAtMarket(request) ? market.last : price;
  const notional = quoteQuantity.isZero() ? quantity.times(reference) : quoteQuantity;
  if (notional.lt(instrument.minNotional)) throw filterFailure('NOTIONAL');
}

function checkLot(instrument: Instrument, quantity: Amount): void {
  if (quantity.lte(0)) throw new VenueReject(-1013, 'Invalid quantity.');
  if (quantity.decimalPlaces() > DECIMALS_MAX) throw tooPrecise('quantity');
  const isWithin = quantity.gte(instrument.minQuantity) && quantity.lte(instrument.maxQuantity);
  if (!isWithin || !isMultiple(quantity, instrument.step)) throw filterFailure('LOT_SIZE');
}

function checkTick(instrument: Instrument, price: Amount): void {
  if (price.lte(0)) throw new VenueReject(-1013, 'Invalid price.');
  if (price.decimalPlaces() > DECIMALS_MAX) throw tooPrecise('price');
  if (!isMultiple(price, instrument.tick)) throw filterFailure('PRICE_FILTER');
}

/** Five times the last price in the order's favour, a fifth of it against. */
function checkBand({ last }: Market, { price, side }: SpotRequest): void {
  const isTooHigh = price.gt(last.times(side === 'BUY' ? '1.2' : '5'));
  const isTooLow = price.lt(last.times(side === 'BUY' ? '0.2' : '0.8'));
  if (isTooHigh || isTooLow) throw filterFailure('PERCENT_PRICE_BY_SIDE');
}

function filterFailure(filter: string): VenueReject {
  return new VenueReject(-1013, `Filter failure: ${filter}`);
}

function tooPrecise(name: string): VenueReject {
  return new VenueReject(-1111, `Parameter '${name}' has too much precision.`);
}
