// Trades the break of a Donchian channel of the bars before. All it knows is in the bars and in the
// host's book, hence it keeps no state of its own.
import {
  defineStrategy,
  type Bar,
  type HookAnswer,
  type IntentBody,
  type Side,
  type StrategyContext,
} from '@strategy-runner/contracts';
import { checkConfig, type Config } from './config.js';
import { EXECUTION } from './execution.js';
import { closeOf, openOf } from './intents.js';

export default defineStrategy<Config, null>({
  execution: EXECUTION,
  create(ctx) {
    checkConfig(ctx);
    return {
      onBar(bar) {
        const held = ctx.position('long') ?? ctx.position('short');
        return held === undefined ? entryOf(ctx, bar) : exitOf(ctx, bar, held.side);
      },
      snapshot: () => null,
      restore: () => undefined,
    };
  },
});

function exitOf(ctx: StrategyContext<Config>, { close }: Bar, side: Side): HookAnswer {
  const { bars, config } = ctx;
  const level =
    side === 'long' ? bars.lowest(config.exit_channel, 1) : bars.highest(config.exit_channel, 1);
  // A level of too few bars is NaN, and nothing is beyond it.
  const isBeyond = side === 'long' ? close < level : close > level;
  if (!isBeyond || isWorking(ctx, 'close')) return undefined;
  const where = side === 'long' ? 'below the low' : 'above the high';
  return closeOf(side, `${close} ${where} ${level} of ${config.exit_channel} bars`);
}

function entryOf(ctx: StrategyContext<Config>, { close }: Bar): HookAnswer {
  const { config } = ctx;
  const high = ctx.bars.highest(config.channel, 1);
  if (close > high) {
    if (config.side === 'short' || isWorking(ctx, 'open')) return undefined;
    return openOf('long', config, `${close} above the high ${high} of ${config.channel} bars`);
  }
  const low = ctx.bars.lowest(config.channel, 1);
  if (!(close < low) || config.side === 'long' || ctx.instrument.market === 'spot')
    return undefined;
  if (isWorking(ctx, 'open')) return undefined;
  return openOf('short', config, `${close} below the low ${low} of ${config.channel} bars`);
}

/** One entry and one exit at a time; what is under way ends by its fill or by its expiry. */
function isWorking(ctx: StrategyContext<Config>, kind: IntentBody['kind']): boolean {
  return ctx.open_intents.some((one) => one.kind === kind);
}
