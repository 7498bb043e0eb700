// What the account is worth and how much of it is free, at the last prices.
import { type Amount, ZERO, amount, larger } from './amount.js';
import type { Position } from './account.js';
import { remainingOf } from './order.js';
import { type VenueState, instrumentOf, marketOf } from './venue-state.js';

export interface MarginFigures {
  readonly wallet: Amount;
  readonly unrealized: Amount;
  readonly margin: Amount;
  readonly positionInitial: Amount;
  readonly orderInitial: Amount;
  readonly maintenance: Amount;
  readonly available: Amount;
}

export function unrealizedOf(state: VenueState, position: Position): Amount {
  const { last } = marketOf(state, position.symbol);
  return position.quantity.times(last.minus(position.entry));
}

export function notionalOf(state: VenueState, position: Position): Amount {
  return position.quantity.times(marketOf(state, position.symbol).last);
}

export function marginFigures(state: VenueState): MarginFigures {
  const { account } = state;
  let unrealized = ZERO;
  let positionInitial = ZERO;
  let maintenance = ZERO;
  for (const position of account.openPositions()) {
    const notional = notionalOf(state, position).abs();
    unrealized = unrealized.plus(unrealizedOf(state, position));
    positionInitial = positionInitial.plus(notional.div(account.leverageOf(position.symbol)));
    const { maintenanceRate } = instrumentOf(state, position.symbol);
    maintenance = maintenance.plus(notional.times(maintenanceRate));
  }
  const orderInitial = openOrderMargin(state);
  const margin = account.wallet.plus(unrealized);
  const available = larger(ZERO, margin.minus(positionInitial).minus(orderInitial));
  const { wallet } = account;
  return { wallet, unrealized, margin, positionInitial, orderInitial, maintenance, available };
}

function openOrderMargin(state: VenueState): Amount {
  let sum = ZERO;
  for (const order of state.openOrders.values()) {
    if (order.isReduceOnly) continue;
    const notional = remainingOf(order).times(order.price);
    sum = sum.plus(notional.div(amount(state.account.leverageOf(order.symbol))));
  }
  return sum;
}
