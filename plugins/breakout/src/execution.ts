// What the host may do with this plugin's intents unless an intent says otherwise. The host merges
// it into every intent it stores and notes that the field came from here.
import type { FallbackLimitToMarket } from '@strategy-runner/contracts';

/** Read by the intents too: they name a permission only where the config departs from it. */
export const FALLBACK = {
  mode: 'limit_to_market',
  on: ['timeout', 'post_only_reject'],
  after_ms: 300_000,
  max_slippage_bps: 20,
  max_uses: 1,
} as const satisfies FallbackLimitToMarket;

export const EXPIRY_BARS = 3;

const RETRY = {
  max_attempts: 3,
  on: ['network', 'rate_limit'],
  initial_ms: 250,
  max_ms: 4_000,
} as const;

export const EXECUTION = {
  open: { fallback: FALLBACK, expires: { after_bars: EXPIRY_BARS }, retry: RETRY },
  close: { order: { type: 'market' }, retry: RETRY },
} as const;
