// An average entry price as reports show it: to twelve decimals, since it has no last digit.
import { type Position, averageEntry, format, roundHalfEvenTo } from '@strategy-runner/core';

const PRICE_PLACES = 10n ** 6n;

export function entryPrice(position: Pick<Position, 'cost' | 'quantity'>): string {
  return format(roundHalfEvenTo(averageEntry(position), PRICE_PLACES));
}
