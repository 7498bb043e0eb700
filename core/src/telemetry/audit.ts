// Holds what a session says about its trading against what it recorded of it (R15): each fill
// against the venue's report and its order, slippage against prices, cash against the sum of all
// that moved it. It reads a journal from its first row on and keeps only what it still needs.
import { type Decimal, ZERO, abs, format, multiply, roundCash } from '../decimal.js';
import type { EngineEvent, FillReported, FundingPaid } from '../events.js';
import { isTerminal } from '../order/order-state.js';
import type { Order } from '../order/order.js';
import type { EngineRecord, FillBooked } from '../records.js';

/** The first row that does not fit, and why. */
export interface AuditFinding {
  readonly seq: number;
  readonly what: string;
}

export interface AuditSettings {
  /** Symbols whose trades move cash by their notional. */
  readonly spotSymbols: ReadonlySet<string>;
}

interface Known {
  readonly order: Pick<Order, 'key' | 'quantity' | 'side' | 'referencePrice'>;
  filled: Decimal;
  readonly trades: string[];
}

const ENDED_KEPT = 1024;

export class TelemetryAudit {
  readonly #settings: AuditSettings;
  readonly #orders = new Map<string, Known>();
  readonly #ended: string[] = [];
  #fees: Decimal = ZERO;
  #funding: Decimal = ZERO;
  #cash: Decimal = ZERO;
  #reported: FillReported | null = null;
  #paid: FundingPaid | null = null;

  constructor(settings: AuditSettings) {
    this.#settings = settings;
  }

  /** What the rows so far add up to. */
  get sums(): { readonly fees: Decimal; readonly funding: Decimal; readonly cash: Decimal } {
    return { fees: this.#fees, funding: this.#funding, cash: this.#cash };
  }

  event(event: EngineEvent): undefined {
    this.#reported = event.kind === 'fill_reported' ? event : null;
    this.#paid = event.kind === 'funding_paid' ? event : null;
  }

  record(seq: number, record: EngineRecord): AuditFinding | undefined {
    const what = this.#problem(record);
    return what === undefined ? undefined : { seq, what };
  }

  #problem(record: EngineRecord): string | undefined {
    switch (record.type) {
      case 'order_created':
        this.#orders.set(record.order.key, { order: record.order, filled: ZERO, trades: [] });
        return undefined;
      case 'order_moved':
        if (isTerminal(record.status)) this.#end(record.order);
        return undefined;
      case 'fill':
        return this.#fill(record);
      case 'funding': {
        const paid = this.#paid;
        if (paid === null) return 'funding is booked that no event reports';
        this.#funding += record.amount;
        this.#cash += record.amount;
        if (paid.id === record.id && paid.amount === record.amount) return undefined;
        return differs('funding', record.amount, paid.amount);
      }
      case 'external_fill':
        this.#cash += record.cash;
        return undefined;
      case 'cash_moved':
        this.#cash += record.amount;
        return undefined;
      default:
        return undefined;
    }
  }

  // A fill may still come after its order has ended, though not a thousand orders later.
  #end(key: string): void {
    this.#ended.push(key);
    if (this.#ended.length > ENDED_KEPT) this.#orders.delete(this.#ended.shift()!);
  }

  #fill(fill: FillBooked): string | undefined {
    const known = this.#orders.get(fill.order);
    if (known === undefined) return `fill ${fill.tradeId} belongs to no recorded order`;
    known.filled += fill.quantity;
    this.#cash += fill.cash;
    this.#fees += fill.fee;
    if (known.trades.includes(fill.tradeId)) return `trade ${fill.tradeId} is booked twice`;
    known.trades.push(fill.tradeId);
    if (known.filled >= known.order.quantity) this.#end(fill.order);
    return this.#againstReport(fill) ?? this.#againstOrder(fill, known);
  }

  #againstReport(fill: FillBooked): string | undefined {
    const reported = this.#reported;
    if (reported === null) return `fill ${fill.tradeId} is booked without a report`;
    if (reported.tradeId !== fill.tradeId) return `fill ${fill.tradeId} was not reported`;
    if (reported.price !== fill.price) return differs('price', fill.price, reported.price);
    if (reported.quantity !== fill.quantity) {
      return differs('quantity', fill.quantity, reported.quantity);
    }
    return undefined;
  }

  #againstOrder(fill: FillBooked, { order, filled }: Known): string | undefined {
    if (filled > order.quantity) return differs('filled quantity', filled, order.quantity);
    if (fill.side !== order.side) return `fill ${fill.tradeId} is on the other side of its order`;
    const bps = slippageBpsOf(fill, order.referencePrice);
    if (bps !== fill.slippageBps) {
      return `slippage is ${fill.slippageBps} bps, price and reference give ${bps}`;
    }
    const cash = this.#cashOf(fill);
    return cash === fill.cash ? undefined : differs('cash', fill.cash, cash);
  }

  // Spot pays and gets the notional; a contract pays its fee and gets what it realised.
  #cashOf(fill: FillBooked): Decimal {
    const report = this.#reported!;
    const isSpot = this.#settings.spotSymbols.has(fill.symbol);
    const base = fill.symbol.slice(0, fill.symbol.indexOf('/'));
    const paidInCash = isSpot && report.feeCurrency === base ? ZERO : fill.fee;
    if (!isSpot) return fill.realized - paidInCash;
    const notional = roundCash(multiply(fill.price, fill.quantity));
    return (fill.side === 'buy' ? -notional : notional) - paidInCash;
  }
}

function slippageBpsOf(fill: FillBooked, reference: Decimal): number {
  if (reference === ZERO) return 0;
  const worse = fill.side === 'buy' ? fill.price - reference : reference - fill.price;
  return Math.round((Number(worse) / Number(abs(reference))) * 1_000_000) / 100;
}

function differs(what: string, is: Decimal, should: Decimal): string {
  return `${what} is ${format(is)}, it should be ${format(should)}`;
}
