// The backtest's engine with one joint to turn: the terms of an order may be changed as it is
// created, before anything else sees it. It decides and books as any engine does.
import type { Effect } from '../../effects.js';
import { Engine, type EngineParts } from '../../engine.js';
import type { ApprovedOrder, Order } from '../../order/order.js';
import type { EngineRecord } from '../../records.js';

export class SteeredEngine extends Engine {
  readonly #terms: (order: Order) => Order;

  constructor(parts: EngineParts, terms: (order: Order) => Order) {
    super(parts);
    this.#terms = terms;
  }

  override emit(record: EngineRecord): void {
    if (record.type !== 'order_created') return super.emit(record);
    super.emit({ ...record, order: this.#terms(record.order) });
  }

  override effect(effect: Effect): void {
    if (effect.kind !== 'submit') return super.effect(effect);
    const order = this.state.orders.get(effect.order.key) as ApprovedOrder | undefined;
    super.effect({ kind: 'submit', order: order ?? effect.order });
  }
}
