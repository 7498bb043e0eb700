// The intents of the strategy: an entry that rests behind the price with a whole plan of exits, and
// a close. What is left out here the execution policy supplies.
import type { CloseBody, OpenBody, Protection, Side } from '@strategy-runner/contracts';
import type { Config } from './config.js';
import { EXPIRY_BARS, FALLBACK } from './execution.js';

/** One R is the distance to the stop: half leaves at 1 R, the rest at 2.5 R unless stopped. */
const FIRST_TARGET_R_BPS = 10_000;
const SECOND_TARGET_R_BPS = 25_000;
const TRAIL_FROM_R_BPS = 15_000;

export function openOf(side: Side, config: Config, text: string): OpenBody {
  return {
    kind: 'open',
    side,
    sizing_policy: {
      mode: 'risk_percent',
      risk_bps: config.risk_bps,
      basis: 'equity',
      on_insufficient: 'scale_down',
    },
    order: {
      type: 'limit',
      price: { offset_bps: config.offset_bps, from: 'reference' },
      post_only: true,
      reprice: { max_moves: 3, max_distance_bps: config.max_slippage_bps },
    },
    ...departures(config),
    protection: protectionOf(config),
    on_existing: 'ignore',
    on_opposite: 'reject',
    reason: { code: side === 'long' ? 'break.up' : 'break.down', text },
  };
}

function departures(config: Config): Pick<OpenBody, 'fallback' | 'expires'> {
  const { expiry_bars, fallback_after_ms: after_ms, max_slippage_bps } = config;
  const isUsual = after_ms === FALLBACK.after_ms && max_slippage_bps === FALLBACK.max_slippage_bps;
  return {
    ...(isUsual ? {} : { fallback: { ...FALLBACK, after_ms, max_slippage_bps } }),
    ...(expiry_bars === EXPIRY_BARS ? {} : { expires: { after_bars: expiry_bars } }),
  };
}

function protectionOf({ stop_bps, trail_bps, hold_bars }: Config): Protection {
  return {
    stop_loss: { at: { distance_bps: stop_bps, from: 'entry_avg' }, order: 'market' },
    take_profit: [
      { at: { r_bps: FIRST_TARGET_R_BPS }, share_bps: 5_000, order: 'limit' },
      { at: { r_bps: SECOND_TARGET_R_BPS }, share_bps: 5_000, order: 'limit' },
    ],
    trailing_stop: {
      activate_at: { r_bps: TRAIL_FROM_R_BPS },
      distance_bps: trail_bps,
      step_bps: 10,
    },
    breakeven: { activate_at: { r_bps: FIRST_TARGET_R_BPS }, offset_bps: 5 },
    time_exit: { after_bars: hold_bars, only_if: 'always', order: 'market' },
  };
}

export function closeOf(side: Side, text: string): CloseBody {
  return { kind: 'close', target: { side }, reason: { code: 'exit.channel', text } };
}
