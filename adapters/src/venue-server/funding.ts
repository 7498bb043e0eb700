// When funding falls due, and what each market of perpetuals pays at the opening of a bar.
import { amount } from './amount.js';
import { settleFunding } from './forced.js';
import { type MarketBar, type VenueState, marketOf } from './venue-state.js';

const FUNDING_PERIOD_MS = 8 * 3_600_000;

export interface FundingDue {
  readonly timeMs: number;
  readonly rate: string;
}

/** `due` absent = the market's own rate every eight hours. */
export function fundAtOpen(
  state: VenueState,
  symbol: string,
  { openMs }: MarketBar,
  due?: readonly FundingDue[],
): void {
  const market = marketOf(state, symbol);
  const endMs = openMs + market.timeframeMs;
  const own = openMs % FUNDING_PERIOD_MS === 0 ? [market.fundingRate] : [];
  const rates =
    due === undefined
      ? own
      : due
          .filter(({ timeMs }) => timeMs >= openMs && timeMs < endMs)
          .map(({ rate }) => amount(rate));
  for (const rate of rates) {
    market.fundingRate = rate;
    settleFunding(state, symbol, rate);
  }
}

/** When the next funding falls due after `nowMs`. */
export function nextFundingMs(nowMs: number): number {
  return (Math.floor(nowMs / FUNDING_PERIOD_MS) + 1) * FUNDING_PERIOD_MS;
}
