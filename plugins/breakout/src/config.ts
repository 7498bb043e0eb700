// The parameters, as config.schema.json describes them, and what a schema cannot say about them.
import type { StrategyContext } from '@strategy-runner/contracts';

export interface Config {
  readonly channel: number;
  readonly exit_channel: number;
  readonly side: 'long' | 'short' | 'both';
  readonly risk_bps: number;
  readonly stop_bps: number;
  readonly offset_bps: number;
  readonly expiry_bars: number;
  readonly fallback_after_ms: number;
  readonly max_slippage_bps: number;
  readonly trail_bps: number;
  readonly hold_bars: number;
}

export function checkConfig({ config, instrument }: StrategyContext<Config>): void {
  if (config.exit_channel > config.channel) {
    throw new RangeError(
      `CONFIG_INVALID: exit_channel is ${config.exit_channel} and channel is ${config.channel}; ` +
        'the exit may not look further back than the warm-up. Set, for example, ' +
        '--set exit_channel=10.',
    );
  }
  if (config.side === 'short' && instrument.market === 'spot') {
    throw new RangeError(
      `CONFIG_INVALID: side is short, and ${instrument.symbol} is a spot market, which cannot be ` +
        `sold short. Set --set side=long.`,
    );
  }
}
