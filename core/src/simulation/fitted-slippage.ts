// Slippage of the simulated venue by a fitted model in place of a constant. It sees only bars that
// have closed before the one that is played.
import { type Decimal, decimal, toNumber } from '../decimal.js';
import type { BarRow, BarSeries } from '../market/bar-series.js';
import type { Order } from '../order/order.js';
import type { CostModel } from './costs.js';
import { MarketWindow } from './market-window.js';
import {
  type SlippageModel,
  VOLATILITY_BARS,
  hourOf,
  participationOf,
  predictedBps,
} from './slippage-model.js';

interface Market {
  readonly window: MarketWindow;
  /** The bar that is played: it counts as closed when the next one begins. */
  current: { readonly close: number; readonly volume: number } | null;
}

/** Null where the costs hold no model. */
export function fittedOf(costs: CostModel): FittedSlippage | null {
  const { slippageModel } = costs;
  return slippageModel === undefined ? null : new FittedSlippage(costs, slippageModel);
}

export class FittedSlippage {
  readonly #costs: CostModel;
  readonly #model: SlippageModel;
  readonly #markets = new Map<string, Market>();

  constructor(costs: CostModel, model: SlippageModel) {
    this.#costs = costs;
    this.#model = model;
  }

  begin(symbol: string, { close, volume }: BarRow): void {
    const market = this.#marketOf(symbol);
    if (market.current !== null) market.window.push(market.current.close, market.current.volume);
    market.current = { close, volume };
  }

  /** What a restarted process would have seen: the bars that the engine knows. */
  recall(series: BarSeries): void {
    const market = this.#marketOf(series.symbol);
    for (let ago = Math.min(series.length - 1, VOLATILITY_BARS); ago >= 0; ago -= 1) {
      market.window.push(series.close(ago), series.volume(ago));
    }
  }

  /** The costs of one fill, with the slippage that the model gives to it. */
  costsOf(
    { symbol, side }: Pick<Order, 'symbol' | 'side'>,
    quantity: Decimal,
    ts: number,
  ): CostModel {
    const { window } = this.#marketOf(symbol);
    const predicted = predictedBps(this.#model.coefficients, {
      side,
      participation: participationOf(toNumber(quantity), window.volume),
      volatilityBps: window.volatilityBps,
      hour: hourOf(ts),
    });
    return { ...this.#costs, slippageBps: decimal(predicted.toFixed(6)) };
  }

  #marketOf(symbol: string): Market {
    const known = this.#markets.get(symbol);
    if (known !== undefined) return known;
    const market = { window: new MarketWindow(), current: null };
    this.#markets.set(symbol, market);
    return market;
  }
}
