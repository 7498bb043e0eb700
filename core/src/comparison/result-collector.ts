// Keeps of a run what its result consists of: intents, orders, fills, ledger. Rows hold what was
// decided as it was; texts and hashes are made when somebody asks, not while the run goes on.
import { type Decimal, format } from '../decimal.js';
import type { EngineEvent } from '../events.js';
import type { Position } from '../ledger/position.js';
import type { EngineRecord, FillBooked, FundingBooked, IntentDenied, Sink } from '../records.js';

export interface FillRow {
  readonly kind: 'fill';
  readonly ts: number;
  readonly order: string;
  readonly leg: string;
  readonly tradeId: string;
  readonly positionId: string;
  readonly side: 'buy' | 'sell';
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly realized: Decimal;
  readonly cash: Decimal;
  readonly liquidity: 'maker' | 'taker';
  readonly slippageBps: number;
}

export interface OrderRow {
  readonly kind: 'order';
  readonly ts: number;
  readonly key: string;
  readonly type: string;
  readonly side: 'buy' | 'sell';
  readonly quantity: Decimal;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
}

export interface ClosedRow {
  readonly kind: 'closed';
  readonly ts: number;
  readonly position: Position;
  readonly reason: string;
}

export type ResultRow =
  | { readonly kind: 'intent'; readonly ts: number; readonly id: string; readonly intent: string }
  | { readonly kind: 'denied'; readonly ts: number; readonly id: string; readonly code: string }
  | { readonly kind: 'over'; readonly ts: number; readonly key: string; readonly status: string }
  | { readonly kind: 'funding'; readonly ts: number; readonly id: string; readonly amount: Decimal }
  | OrderRow
  | FillRow
  | ClosedRow;

const OVER: ReadonlySet<string> = new Set(['cancelled', 'expired', 'rejected']);

export class ResultCollector implements Sink {
  readonly rows: ResultRow[] = [];
  readonly denied = new Map<string, number>();
  readonly faults: { readonly code: string; readonly message: string }[] = [];
  readonly alerts = new Map<string, { text: string; count: number }>();
  accepted = 0;
  warmupDropped = 0;
  isHalted = false;

  event(_event: EngineEvent): void {
    // Inputs are known to whoever runs the backtest; only decisions are results.
  }

  record(record: EngineRecord): void {
    switch (record.type) {
      case 'ask':
      case 'answer_taken':
        return;
      case 'intent_accepted': {
        this.accepted += 1;
        const { intent_id: id, kind } = record.intent;
        this.rows.push({ kind: 'intent', ts: record.ts, id, intent: kind });
        return;
      }
      case 'intent_denied':
        return this.#deny(record);
      case 'order_created': {
        const { key, type, side, quantity, price, stopPrice } = record.order;
        const { ts } = record;
        this.rows.push({ kind: 'order', ts, key, type, side, quantity, price, stopPrice });
        return;
      }
      case 'order_moved':
        if (!OVER.has(record.status)) return;
        this.rows.push({ kind: 'over', ts: record.ts, key: record.order, status: record.status });
        return;
      case 'fill':
        this.rows.push(fillRow(record));
        return;
      case 'funding':
        this.rows.push(fundingRow(record));
        return;
      case 'position_closed': {
        const { ts, position, reason } = record;
        this.rows.push({ kind: 'closed', ts, position, reason });
        return;
      }
      default:
        return this.#other(record);
    }
  }

  #deny(record: IntentDenied): void {
    this.denied.set(record.code, (this.denied.get(record.code) ?? 0) + 1);
    const { ts, intentId: id, code } = record;
    this.rows.push({ kind: 'denied', ts, id, code });
  }

  #other(record: EngineRecord): void {
    if (record.type === 'warmup_dropped') this.warmupDropped += record.count;
    else if (record.type === 'alert') {
      const known = this.alerts.get(record.code);
      if (known === undefined) this.alerts.set(record.code, { text: record.text, count: 1 });
      else known.count += 1;
    } else if (record.type === 'plugin_fault') {
      if (this.faults.length < MAX_FAULTS) this.faults.push(record);
      this.isHalted ||= record.isHalted;
    }
  }
}

const MAX_FAULTS = 100;

function fillRow(fill: FillBooked): FillRow {
  return {
    kind: 'fill',
    ts: fill.ts,
    order: fill.order,
    leg: fill.leg,
    tradeId: fill.tradeId,
    positionId: fill.positionId,
    side: fill.side,
    price: fill.price,
    quantity: fill.quantity,
    fee: fill.fee,
    realized: fill.realized,
    cash: fill.cash,
    liquidity: fill.liquidity,
    slippageBps: fill.slippageBps,
  };
}

function fundingRow({ ts, id, amount }: FundingBooked): ResultRow {
  return { kind: 'funding', ts, id, amount };
}

/** One line of the canonical text whose hash is a run's `result_hash`. */
export function resultLine(row: ResultRow): string {
  switch (row.kind) {
    case 'intent':
      return `intent ${row.id} ${row.intent}`;
    case 'denied':
      return `denied ${row.id} ${row.code}`;
    case 'order': {
      const price = row.price === null ? '-' : format(row.price);
      const stop = row.stopPrice === null ? '-' : format(row.stopPrice);
      return `order ${row.key} ${row.type} ${row.side} ${format(row.quantity)} ${price} ${stop}`;
    }
    case 'over':
      return `over ${row.key} ${row.status}`;
    case 'fill':
      return (
        `fill ${row.tradeId} ${row.ts} ${row.side} ${format(row.quantity)} ${format(row.price)} ` +
        `${format(row.fee)} ${format(row.realized)} ${format(row.cash)} ${row.liquidity}`
      );
    case 'funding':
      return `funding ${row.id} ${format(row.amount)}`;
    case 'closed':
      return `closed ${row.position.id} ${row.reason} ${format(row.position.grossPnl)}`;
  }
}
