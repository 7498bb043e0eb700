// A venue that the test plays by hand: it keeps what was sent and answers nothing by itself. Prices
// and quantities are decimal strings.
import {
  type BarEvent,
  type Engine,
  type EngineEvent,
  type FundingRow,
  type OnAlert,
  type Order,
  type OrderRejected,
  type StrategyRuntime,
  TurnRunner,
  decimal,
  remaining,
} from '@strategy-runner/core';

export interface FillOptions {
  /** Default: all that is left of the order. */
  readonly quantity?: string;
  readonly fee?: string;
  /** Default: USDT. */
  readonly feeCurrency?: string;
  readonly tradeId?: string;
  readonly liquidity?: 'maker' | 'taker';
}

export class ManualVenue {
  /** What the host sent, in order. */
  readonly sent: { readonly kind: 'submit' | 'cancel' | 'query'; readonly order: Order }[] = [];
  readonly #engine: Engine;
  readonly #runner: TurnRunner;
  readonly #onAlert: OnAlert;
  #trades = 0;

  constructor(engine: Engine, runtime: StrategyRuntime, onAlert: OnAlert) {
    this.#engine = engine;
    this.#runner = new TurnRunner(engine, runtime);
    this.#onAlert = onAlert;
  }

  take(event: EngineEvent): void {
    this.#runner.run(event);
    for (const effect of this.#runner.outbox) {
      if (effect.kind === 'alert') this.#onAlert(effect.code, effect.text);
      else this.sent.push({ kind: effect.kind, order: effect.order });
    }
    this.#runner.outbox.length = 0;
  }

  step(bar: BarEvent, _funding: readonly FundingRow[]): void {
    this.take(bar);
  }

  /** Keys of the orders submitted so far. */
  get submitted(): readonly string[] {
    return this.#keysOf('submit');
  }

  get cancelled(): readonly string[] {
    return this.#keysOf('cancel');
  }

  get queried(): readonly string[] {
    return this.#keysOf('query');
  }

  #keysOf(kind: 'submit' | 'cancel' | 'query'): readonly string[] {
    return this.sent.filter((one) => one.kind === kind).map(({ order }) => order.key);
  }

  accept(order: string): void {
    this.take({ kind: 'order_accepted', ts: this.#now, order, venueOrderId: `v-${order}` });
  }

  fill(order: string, price: string, options: FillOptions = {}): void {
    this.#trades += 1;
    const { quantity, fee = '0', liquidity = 'taker' } = options;
    const known = this.#engine.state.orders.get(order) as Order | undefined;
    const rest = known === undefined ? decimal('1') : remaining(known);
    this.take({
      kind: 'fill_reported',
      ts: this.#now,
      order,
      tradeId: options.tradeId ?? `t${this.#trades}`,
      price: decimal(price),
      quantity: quantity === undefined ? rest : decimal(quantity),
      fee: decimal(fee),
      feeCurrency: options.feeCurrency ?? 'USDT',
      liquidity,
      basePrice: null,
    });
  }

  reject(order: string, reason: OrderRejected['reason'] = 'other', code = 'VENUE_REJECTED'): void {
    const detail = 'the venue says no';
    this.take({ kind: 'order_rejected', ts: this.#now, order, code, reason, detail });
  }

  end(order: string, status: 'cancelled' | 'expired' = 'cancelled', code = ''): void {
    this.take({ kind: 'order_ended', ts: this.#now, order, status, code });
  }

  unknown(order: string): void {
    this.take({ kind: 'order_unknown', ts: this.#now, order, detail: 'no answer in time' });
  }

  absent(order: string): void {
    this.take({ kind: 'order_absent', ts: this.#now, order });
  }

  /** Lets time pass without a bar. */
  tick(ms: number): void {
    this.take({ kind: 'timer_fired', ts: this.#now + ms, name: 'test' });
  }

  get #now(): number {
    return this.#engine.now;
  }
}
