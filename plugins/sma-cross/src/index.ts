// Follows the crosses of two moving averages. It looks at its position only when a cross happened,
// and says nothing while it already has what the cross asks for.
import {
  defineStrategy,
  type CloseBody,
  type HookAnswer,
  type IntentEvent,
  type OpenBody,
  type Side,
  type StrategyContext,
} from '@strategy-runner/contracts';
import { type Cross, SmaPair, type SmaPairState } from './sma-pair.js';

export interface Config {
  readonly fast: number;
  readonly slow: number;
  readonly side: 'long' | 'both';
  readonly qty?: string;
  readonly fraction_bps: number;
}

export interface State {
  readonly averages: SmaPairState;
  readonly leaving: Side | null;
  readonly waiting: Cross | null;
}

export default defineStrategy<Config, State>({
  create(ctx) {
    check(ctx);
    const averages = new SmaPair(ctx.config.fast, ctx.config.slow);
    const follower = new CrossFollower(ctx);
    return {
      onBar(bar) {
        const cross = averages.push(bar.close) ?? follower.waiting;
        return cross === null ? undefined : follower.follow(cross);
      },
      // Only a turn can be refused halfway; long only, nobody needs to be asked about outcomes.
      ...(ctx.config.side === 'both' ? { onIntentEvent: (event) => follower.hear(event) } : {}),
      snapshot: () => ({
        averages: averages.snapshot(),
        leaving: follower.leaving,
        waiting: follower.waiting,
      }),
      restore(state) {
        averages.restore(state.averages);
        follower.leaving = state.leaving;
        follower.waiting = state.waiting;
      },
    };
  },
});

function check({ config, instrument }: StrategyContext<Config>): void {
  if (config.fast >= config.slow) {
    throw new RangeError(
      `CONFIG_INVALID: fast is ${config.fast} and slow is ${config.slow}; fast must be less than ` +
        `slow. Set, for example, --set fast=10 --set slow=30.`,
    );
  }
  if (config.side === 'both' && instrument.market === 'spot') {
    throw new RangeError(
      `CONFIG_INVALID: side is both, and ${instrument.symbol} is a spot market, which cannot be ` +
        `sold short. Set --set side=long.`,
    );
  }
}

class CrossFollower {
  /** The side that an open of the other side is to replace; null when nothing turns. */
  leaving: Side | null = null;
  /** A cross that came while the entry of the one before was under way; null when none did. */
  waiting: Cross | null = null;
  readonly #ctx: StrategyContext<Config>;
  // Said again and again: what is frozen throughout, the host copies and checks only once.
  readonly #open: Readonly<Record<Side, OpenBody>>;
  readonly #leave = freeze(closeOf('long', 'cross.down'));

  constructor(ctx: StrategyContext<Config>) {
    this.#ctx = ctx;
    this.#open = freeze({ long: openOf('long', ctx.config), short: openOf('short', ctx.config) });
  }

  follow(cross: Cross): HookAnswer {
    const ctx = this.#ctx;
    const wanted = cross === 'up' ? 'long' : 'short';
    const opposite = cross === 'up' ? 'short' : 'long';
    this.waiting = this.#isOpening(opposite) ? cross : null;
    if (this.waiting !== null) return undefined;
    if (wanted === 'short' && ctx.config.side === 'long') {
      return ctx.position('long') === undefined ? undefined : this.#leave;
    }
    if (ctx.position(wanted) !== undefined || this.#isOpening(wanted)) return undefined;
    this.leaving = ctx.position(opposite) === undefined ? null : opposite;
    return this.#open[wanted];
  }

  /** What holds back the entry of a turn must not hold back its exit: then it only leaves. */
  hear(event: IntentEvent): HookAnswer {
    const side = this.leaving;
    if (event.type !== 'denied' || side === null) return undefined;
    this.leaving = null;
    return this.#ctx.position(side) === undefined ? undefined : closeOf(side, 'turn.denied');
  }

  #isOpening(side: Side): boolean {
    return this.#ctx.open_intents.some((one) => one.kind === 'open' && one.side === side);
  }
}

function openOf(side: Side, { qty, fraction_bps, side: sides }: Config): OpenBody {
  return {
    kind: 'open',
    side,
    sizing_policy:
      qty === undefined
        ? { mode: 'equity_fraction', fraction_bps, basis: 'equity' }
        : { mode: 'qty', qty, unit: 'base' },
    order: { type: 'market' },
    ...(sides === 'both' ? { on_opposite: 'close_first' } : {}),
    reason: { code: side === 'long' ? 'cross.up' : 'cross.down' },
  };
}

function closeOf(side: Side, code: string): CloseBody {
  return { kind: 'close', target: { side }, order: { type: 'market' }, reason: { code } };
}

function freeze<Value extends object>(value: Value): Readonly<Value> {
  for (const inner of Object.values(value)) if (typeof inner === 'object') freeze(inner);
  return Object.freeze(value);
}
