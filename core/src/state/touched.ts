// When something last moved on a symbol or in a currency. A report of the venue that was read
// before that says nothing about it (reconciliation/unsettled.ts).
import type { EngineRecord } from '../records.js';
import type { EngineState } from './engine-state.js';

/** Called before the record is applied, while its order is still to be found. */
export function noteTouched(state: EngineState, record: EngineRecord): void {
  switch (record.type) {
    case 'order_created':
      return void state.touchedMs.set(record.order.symbol, record.ts);
    case 'order_moved': {
      // A repeated word about an order, as each resync brings it, moves nothing.
      const order = state.orders.get(record.order);
      if (order === undefined || order.status === record.status) return;
      return void state.touchedMs.set(order.symbol, record.ts);
    }
    case 'order_triggered': {
      const order = state.orders.get(record.order);
      if (order !== undefined) state.touchedMs.set(order.symbol, record.ts);
      return;
    }
    case 'fill':
    case 'external_fill':
    case 'funding':
      state.bookings += 1;
      return void state.touchedMs.set(record.symbol, record.ts);
    case 'cash_moved':
      return void state.touchedMs.set(record.currency, record.ts);
    default:
      return;
  }
}
