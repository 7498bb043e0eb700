// The account as its answers show it: balances, positions, and what the positions need.
import type { Position } from './account.js';
import { type Amount, ZERO, plain } from './amount.js';
import { marginFigures, notionalOf, unrealizedOf } from './margin.js';
import { type VenueState, instrumentOf, marketOf } from './venue-state.js';

export function accountJson(state: VenueState): object {
  const figures = marginFigures(state);
  const { wallet, unrealized, margin, maintenance, available } = figures;
  return {
    totalInitialMargin: plain(figures.positionInitial.plus(figures.orderInitial)),
    totalMaintMargin: plain(maintenance),
    totalWalletBalance: plain(wallet),
    totalUnrealizedProfit: plain(unrealized),
    totalMarginBalance: plain(margin),
    totalPositionInitialMargin: plain(figures.positionInitial),
    totalOpenOrderInitialMargin: plain(figures.orderInitial),
    totalCrossWalletBalance: plain(wallet),
    totalCrossUnPnl: plain(unrealized),
    availableBalance: plain(available),
    maxWithdrawAmount: plain(available),
    assets: assetRows(state),
    positions: state.account.openPositions().map((position) => ({
      symbol: position.symbol,
      positionSide: position.side,
      positionAmt: plain(position.quantity),
      unrealizedProfit: plain(unrealizedOf(state, position)),
      isolatedMargin: '0',
      notional: plain(notionalOf(state, position)),
      isolatedWallet: '0',
      initialMargin: plain(initialMargin(state, position)),
      maintMargin: plain(maintenanceOf(state, position)),
      updateTime: position.updatedMs,
    })),
  };
}

export function assetRows(state: VenueState): readonly object[] {
  const coins = state.account.coins().map(([asset, held]) => coinJson(state, asset, plain(held)));
  return [assetJson(state), ...coins];
}

/** A coin carries no positions. */
function coinJson({ account, nowMs }: VenueState, asset: string, held: string): object {
  return {
    asset,
    walletBalance: held,
    balance: held,
    unrealizedProfit: '0',
    marginBalance: held,
    maintMargin: '0',
    initialMargin: '0',
    positionInitialMargin: '0',
    openOrderInitialMargin: '0',
    crossWalletBalance: held,
    crossUnPnl: '0',
    availableBalance: held,
    maxWithdrawAmount: held,
    updateTime: account.changedMs(asset, nowMs),
  };
}

function assetJson(state: VenueState): object {
  const { wallet, unrealized, margin, maintenance, available, ...initial } = marginFigures(state);
  return {
    asset: state.account.asset,
    walletBalance: plain(wallet),
    balance: plain(wallet),
    unrealizedProfit: plain(unrealized),
    marginBalance: plain(margin),
    maintMargin: plain(maintenance),
    initialMargin: plain(initial.positionInitial.plus(initial.orderInitial)),
    positionInitialMargin: plain(initial.positionInitial),
    openOrderInitialMargin: plain(initial.orderInitial),
    crossWalletBalance: plain(wallet),
    crossUnPnl: plain(unrealized),
    availableBalance: plain(available),
    maxWithdrawAmount: plain(available),
    updateTime: state.account.changedMs(state.account.asset, state.nowMs),
  };
}

/** Only symbols with a position or an open order have rows. */
export function positionRisk(state: VenueState, symbol: string | undefined): readonly object[] {
  const busy = new Set(
    [...state.openOrders.values()].map((order) => `${order.symbol}:${order.positionSide}`),
  );
  return state.account
    .positions()
    .filter((position) => symbol === undefined || position.symbol === symbol)
    .filter((position) => !position.quantity.isZero() || busy.has(keyOf(position)))
    .map((position) => riskJson(state, position));
}

function keyOf({ symbol, side }: Position): string {
  return `${symbol}:${side}`;
}

function riskJson(state: VenueState, position: Position): object {
  const { last } = marketOf(state, position.symbol);
  return {
    symbol: position.symbol,
    positionSide: position.side,
    positionAmt: plain(position.quantity),
    entryPrice: plain(position.entry, 12),
    breakEvenPrice: plain(position.entry, 12),
    markPrice: plain(last),
    unRealizedProfit: plain(unrealizedOf(state, position)),
    liquidationPrice: plain(liquidationPrice(state, position)),
    isolatedMargin: '0',
    notional: plain(notionalOf(state, position)),
    marginAsset: state.account.asset,
    isolatedWallet: '0',
    initialMargin: plain(initialMargin(state, position)),
    maintMargin: plain(maintenanceOf(state, position)),
    positionInitialMargin: plain(initialMargin(state, position)),
    openOrderInitialMargin: '0',
    adl: 1,
    bidNotional: '0',
    askNotional: '0',
    updateTime: position.updatedMs,
  };
}

function initialMargin(state: VenueState, position: Position): Amount {
  return notionalOf(state, position).abs().div(state.account.leverageOf(position.symbol));
}

function maintenanceOf(state: VenueState, position: Position): Amount {
  return notionalOf(state, position)
    .abs()
    .times(instrumentOf(state, position.symbol).maintenanceRate);
}

/** Where the wallet would carry this position alone no longer; zero where no price reaches it. */
function liquidationPrice(state: VenueState, { symbol, quantity, entry }: Position): Amount {
  if (quantity.isZero()) return ZERO;
  const { maintenanceRate } = instrumentOf(state, symbol);
  const slope = quantity.minus(quantity.abs().times(maintenanceRate));
  const price = quantity.times(entry).minus(state.account.wallet).div(slope);
  return price.gt(0) ? price : ZERO;
}
