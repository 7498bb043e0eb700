// The trading rules of a run's instrument: from the config, then from what the data set or the
// venue says, then from stated defaults.
import { type Instrument, type InstrumentFilters, instrumentFrom } from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';
import { pick } from './pick.js';
import type { RunConfig } from './run-config.js';

/** What is known of the rules beside the config; decimal strings. */
export interface KnownFilters {
  readonly tickSize?: string;
  readonly lotSize?: string;
  readonly minQuantity?: string;
  readonly maxQuantity?: string;
  readonly maxMarketQuantity?: string;
  readonly minNotional?: string;
  readonly contractSize?: string;
}

export interface InstrumentChoice {
  readonly instrument: Instrument;
  readonly areFiltersDefaulted: boolean;
}

// A step that the data shows would know the file's future, and round slippage to whatever digits it
// happens to have.
const FINEST_STEP = '0.00000001';

/** Errors: INSTRUMENT_UNSUPPORTED (64). */
export function instrumentOf(
  symbol: string,
  config: RunConfig,
  known: KnownFilters,
): InstrumentChoice {
  const tick = config.instrument.tick_size ?? known.tickSize;
  const lot = config.instrument.lot_size ?? known.lotSize;
  const minNotional = config.instrument.min_notional ?? known.minNotional;
  const maxMarket = config.instrument.max_market_quantity ?? known.maxMarketQuantity;
  const rules: InstrumentFilters = {
    symbol,
    ...pick('market', config.instrument.market),
    ...pick('contract_size', config.instrument.contract_size ?? known.contractSize),
    ...pick('min_quantity', config.instrument.min_quantity ?? known.minQuantity),
    ...pick('max_quantity', config.instrument.max_quantity ?? known.maxQuantity),
    ...pick('max_market_quantity', maxMarket),
    ...pick('min_notional', minNotional),
    tick_size: tick ?? FINEST_STEP,
    lot_size: lot ?? FINEST_STEP,
  };
  try {
    const areFiltersDefaulted = tick === undefined || lot === undefined;
    return { instrument: instrumentFrom(rules), areFiltersDefaulted };
  } catch (error) {
    throw new RunnerError({
      code: 'INSTRUMENT_UNSUPPORTED',
      exitCode: EXIT.usage,
      message: (error as Error).message,
      next: nameItLike(symbol),
      cause: error,
    });
  }
}

// A bare name is what a file of stock prices is usually given.
function nameItLike(symbol: string): string {
  if (!/^[A-Za-z0-9.^-]+$/.test(symbol)) {
    return 'name a linear instrument as BASE/QUOTE or BASE/QUOTE:QUOTE';
  }
  return `--symbol ${symbol}/USD (spot) or ${symbol}/USD:USD (long and short)`;
}
