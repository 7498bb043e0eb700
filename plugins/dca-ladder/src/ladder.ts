// One side of the strategy: opens, adds a lot per step against it, and closes the last lot once the
// price has come back far enough. One entry and one exit work at a time.
import type {
  CancelBody,
  CloseBody,
  DcaBody,
  IntentBody,
  OpenBody,
  PartialCloseBody,
  PositionView,
  Side,
  StrategyContext,
} from '@strategy-runner/contracts';
import { ladderAmounts, type Config } from './config.js';
import { above, below, decimal, format, type Decimal } from './decimal.js';
import { LotStack } from './lot-stack.js';

export class Ladder {
  readonly lots = new LotStack();
  readonly #ctx: StrategyContext<Config>;
  readonly #side: Side;
  readonly #amounts: readonly string[];
  readonly #tick: Decimal;

  constructor(ctx: StrategyContext<Config>, side: Side) {
    this.#ctx = ctx;
    this.#side = side;
    this.#amounts = ladderAmounts(ctx.config);
    this.#tick = decimal(ctx.instrument.tick_size);
  }

  decide(close: number, mayEnter: boolean): readonly IntentBody[] {
    const position = this.#ctx.position(this.#side);
    this.lots.agreeWith(position);
    if (position === undefined) return mayEnter && !this.#isWorking() ? [this.#open()] : [];
    if (this.#hasComeBack(close)) return this.#closeLast();
    const isFull = position.dca_level >= this.#ctx.config.levels;
    return mayEnter && !isFull && !this.#isWorking() ? [this.#add(position)] : [];
  }

  #isWorking(): boolean {
    return this.#ctx.open_intents.some(({ side }) => side === this.#side);
  }

  #hasComeBack(close: number): boolean {
    const price = this.lots.lastPriceNumber;
    const distance = (price * this.#ctx.config.take_profit_bps) / 10_000;
    return this.#side === 'long' ? close >= price + distance : close <= price - distance;
  }

  #open(): OpenBody {
    return {
      kind: 'open',
      side: this.#side,
      sizing_policy: { mode: 'quote_notional', amount: this.#amountOf(0) },
      order: { type: 'market' },
      protection: {
        stop_loss: {
          at: { distance_bps: this.#ctx.config.stop_bps, from: 'entry_avg' },
          order: 'market',
        },
      },
      lots: 'lifo',
      on_existing: 'ignore',
      reason: { code: 'ladder.open' },
    };
  }

  /**
   * The size follows the lots that are open, the level the ones that were ever added: the host
   * counts a level once per position. The price keeps a step from the last lot and, since lots
   * closed before leave the average behind, from the average entry too.
   */
  #add(position: PositionView): DcaBody {
    const { levels, step_bps, expiry_bars } = this.#ctx.config;
    const level = position.dca_level + 1;
    return {
      kind: 'dca',
      target: { side: this.#side },
      level,
      max_levels: levels,
      require_improvement_bps: step_bps,
      sizing_policy: { mode: 'quote_notional', amount: this.#amountOf(this.lots.count) },
      protection_mode: 'keep',
      order: {
        type: 'limit',
        price: { abs: format(this.#levelPrice(position)) },
        time_in_force: 'GTC',
      },
      expires: { after_bars: expiry_bars },
      reason: { code: `ladder.level.${level}` },
    };
  }

  #amountOf(depth: number): string {
    return this.#amounts[Math.min(depth, this.#ctx.config.levels)]!;
  }

  #levelPrice(position: PositionView): Decimal {
    const { step_bps } = this.#ctx.config;
    const average = decimal(position.entry_price);
    const last = this.lots.lastPrice ?? average;
    if (this.#side === 'long') return below(last < average ? last : average, step_bps, this.#tick);
    return above(last > average ? last : average, step_bps, this.#tick);
  }

  #closeLast(): readonly IntentBody[] {
    const working = this.#ctx.open_intents.filter(({ side }) => side === this.#side);
    if (working.some(({ kind }) => kind === 'close' || kind === 'partial_close')) return [];
    if (this.lots.count === 1) return [this.#closeAll()];
    // The level below was measured from the lot that goes; it is placed anew once the lot has gone.
    return [...working.map(({ intent_id }) => cancelOf(intent_id)), this.#closeLot()];
  }

  #closeAll(): CloseBody {
    return {
      kind: 'close',
      target: { side: this.#side },
      order: { type: 'market' },
      reason: { code: 'ladder.done' },
    };
  }

  #closeLot(): PartialCloseBody {
    return {
      kind: 'partial_close',
      target: { side: this.#side },
      amount: { lots: 1 },
      on_dust: 'close_all',
      order: { type: 'market' },
      reason: { code: 'ladder.lot' },
    };
  }
}

function cancelOf(intentId: string): CancelBody {
  return { kind: 'cancel', scope: { intent_id: intentId }, reason: { code: 'ladder.moved' } };
}
