// The parameters, as config.schema.json describes them, and what a schema cannot say about them.
import { decimal, format, floorTo, ONE, scaleDown } from './decimal.js';

export interface Config {
  readonly step_bps: number;
  readonly levels: number;
  readonly base_notional: string;
  readonly scale_bps: number;
  readonly take_profit_bps: number;
  readonly stop_bps: number;
  readonly expiry_bars: number;
  readonly retry_bars: number;
  readonly side: 'long' | 'short' | 'both';
}

const AMOUNT_STEP = ONE / 100_000_000n;

export function checkConfig({ step_bps, levels, stop_bps }: Config): void {
  if (step_bps * levels < stop_bps) return;
  throw new RangeError(
    `CONFIG_INVALID: ${levels} levels of ${step_bps} bps reach ${step_bps * levels} bps and ` +
      `stop_bps is ${stop_bps}; the stop must lie beyond the last level. Raise stop_bps or lower ` +
      'levels.',
  );
}

/** Notional of the opening lot and of each level above it, rounded down to 1e-8. */
export function ladderAmounts({ base_notional, scale_bps, levels }: Config): readonly string[] {
  const amounts: string[] = [];
  let amount = decimal(base_notional);
  for (let level = 0; level <= levels; level += 1) {
    amounts.push(format(floorTo(amount, AMOUNT_STEP)));
    amount = scaleDown(amount, scale_bps);
  }
  return amounts;
}
