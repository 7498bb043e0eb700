// A strategy that uses everything at once, by chance from the host's seed. It counts what it hears
// and decides by that count, so that a plugin that forgot something decides otherwise.
import type {
  IntentBody,
  Side,
  StrategyContext,
  StrategyDefinition,
} from '@strategy-runner/contracts';
import {
  amendProtection,
  type Body,
  cancel,
  closeSide,
  dca,
  openLong,
  openShort,
  partialClose,
  quantity,
} from '../../support/bodies.js';

export interface ChurnConfig {
  /** False: what it sends has no chase, fallback, reprice, retry or top-up. */
  readonly hasFollowUps: boolean;
}

interface Heard {
  fills: number;
  events: number;
}

export const CHURN: StrategyDefinition<ChurnConfig, Heard> = {
  create(ctx) {
    let heard: Heard = { fills: 0, events: 0 };
    return {
      onBar() {
        const choice = (ctx.random() + heard.fills * 0.37 + heard.events * 0.11) % 1;
        return decide(ctx, choice) as readonly unknown[] as readonly IntentBody[];
      },
      onFill() {
        heard = { ...heard, fills: heard.fills + 1 };
      },
      onIntentEvent(event) {
        heard = { ...heard, events: heard.events + 1 };
        if (event.type === 'rejected') ctx.setTimer('look-again', ctx.now + 90_000);
      },
      onTimer: () => undefined,
      snapshot: () => heard,
      restore(state) {
        heard = state;
      },
    };
  },
};

function decide(ctx: StrategyContext<ChurnConfig>, choice: number): readonly Body[] {
  const side: Side = ctx.random() < 0.5 ? 'long' : 'short';
  const position = ctx.position(side);
  const isEntering = ctx.open_intents.some((one) => one.side === side);
  if (position === undefined) {
    if (isEntering) return choice < 0.2 ? [cancel({ orders: 'entries' })] : [];
    return choice < 0.5 ? [open(ctx, side, choice * 2)] : [];
  }
  if (choice < 0.2) return [dca(position.dca_level + 1, ladder(ctx, side))];
  if (choice < 0.35)
    return [partialClose({ share_bps: 3_000, of: 'current' }, { target: { side } })];
  if (choice < 0.5) return [closeSide(side)];
  if (choice < 0.6) return [closeSide(side, { order: limit(-2) })];
  if (choice < 0.7) return [amend(side)];
  if (choice < 0.75) return [cancel({ orders: 'entries' })];
  return [];
}

function ladder(ctx: StrategyContext<ChurnConfig>, side: Side): Body {
  const sized = {
    sizing_policy: quantity('0.4'),
    target: { side },
    protection_mode: 'recalculate',
  };
  return ctx.random() < 0.5 ? sized : { ...sized, order: limit(3) };
}

function limit(offsetTicks: number, more: Body = {}): Body {
  return { type: 'limit', price: { from: 'last', offset_ticks: offsetTicks }, ...more };
}

function amend(side: Side): Body {
  const stop_loss = { at: { distance_bps: 60, from: 'reference' }, order: 'market' };
  return amendProtection({ stop_loss }, { target: { side }, allow_loosen: true });
}

function open(ctx: StrategyContext<ChurnConfig>, side: Side, choice: number): Body {
  const entry = { ...styleOf(ctx, choice), protection: protectionOf(ctx) };
  return side === 'long' ? openLong(entry) : openShort(entry);
}

function styleOf(ctx: StrategyContext<ChurnConfig>, choice: number): Body {
  const sizing_policy = quantity(ctx.random() < 0.5 ? '1' : '1.7');
  if (choice < 0.25) return { sizing_policy };
  if (!ctx.config.hasFollowUps) return { sizing_policy, order: limit(choice < 0.6 ? 4 : -1) };
  if (choice < 0.45) return { sizing_policy, order: limit(4), fallback: FALLBACK };
  if (choice < 0.6) {
    const chase = { interval_ms: 60_000, max_moves: 3, max_distance_bps: 80 };
    return { sizing_policy, order: limit(5, { chase }) };
  }
  if (choice < 0.75) {
    const reprice = { max_moves: 2, max_distance_bps: 50 };
    return { sizing_policy, order: limit(0, { post_only: true, reprice }) };
  }
  const partial_fill = { policy: 'top_up', after_ms: 60_000, max_slippage_bps: 80 };
  return { sizing_policy, order: limit(-1), partial_fill, retry: RETRY };
}

const FALLBACK = {
  mode: 'limit_to_market',
  after_ms: 120_000,
  max_slippage_bps: 80,
  on: ['timeout', 'reject', 'post_only_reject'],
};

const RETRY = { max_attempts: 2, initial_ms: 60_000, max_ms: 120_000, on: ['network'] };

function protectionOf(ctx: StrategyContext<ChurnConfig>): Body {
  const stop_loss = { at: { distance_bps: 40, from: 'entry_avg' }, order: 'market' };
  if (ctx.random() < 0.3) return { stop_loss };
  return {
    stop_loss,
    take_profit: [
      { at: { distance_bps: 30, from: 'entry_avg' }, share_bps: 5_000, order: 'limit' },
      { at: { distance_bps: 60, from: 'entry_avg' }, share_bps: 5_000, order: 'limit' },
    ],
    breakeven: { activate_at: { distance_bps: 30, from: 'entry_avg' }, offset_bps: 2 },
    trailing_stop: { distance_bps: 35, step_bps: 5 },
    time_exit: { after_bars: 12, only_if: 'always', order: 'market' },
  };
}
