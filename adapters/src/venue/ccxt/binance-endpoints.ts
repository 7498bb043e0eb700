// Binance's own endpoints, by the names that ccxt gives them: their answers are the venue's words,
// figures as text, where the unified ones are floats and leave rows out.
import type { Exchange } from 'ccxt';

type Endpoint = (params?: Readonly<Record<string, unknown>>) => Promise<unknown>;

export interface UsdmEndpoints {
  readonly fapiPrivateV3GetPositionRisk: Endpoint;
  readonly fapiPrivateV3GetBalance: Endpoint;
  readonly fapiPrivateGetIncome: Endpoint;
  readonly fapiPrivateGetPositionSideDual: Endpoint;
  readonly fapiPrivatePostPositionSideDual: Endpoint;
  readonly fapiPrivateGetSymbolConfig: Endpoint;
  readonly fapiPrivatePostLeverage: Endpoint;
  readonly fapiPrivatePostMarginType: Endpoint;
  readonly fapiPrivatePutListenKey: Endpoint;
  readonly fapiPublicGetFundingRate: Endpoint;
  readonly fapiPublicGetTickerBookTicker: Endpoint;
  readonly fapiPublicGetKlines: Endpoint;
}

export interface SpotEndpoints {
  readonly privateGetAccount: Endpoint;
  readonly publicGetTickerBookTicker: Endpoint;
  readonly publicGetKlines: Endpoint;
}

export type AccountKind = 'usdm' | 'spot' | 'generic';

/** How the account of an exchange is read: by its own endpoints where they are known. */
export function accountKindOf(exchangeId: string): AccountKind {
  if (exchangeId === 'binanceusdm') return 'usdm';
  return exchangeId === 'binance' ? 'spot' : 'generic';
}

export function usdm(exchange: Exchange): UsdmEndpoints {
  return exchange as unknown as UsdmEndpoints;
}

export function spot(exchange: Exchange): SpotEndpoints {
  return exchange as unknown as SpotEndpoints;
}

/** The unified symbol of a contract; the venue's own name where ccxt knows none. */
export function contractSymbol(exchange: Exchange, venueSymbol: string): string {
  const markets = (exchange.markets_by_id?.[venueSymbol] ?? []) as readonly {
    readonly symbol: string;
    readonly contract?: boolean;
  }[];
  return markets.find(({ contract }) => contract === true)?.symbol ?? venueSymbol;
}
