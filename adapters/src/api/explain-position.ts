// One position as it is told: each change of cash that belongs to it, its protection, and what it
// came to.
import {
  type EngineRecord,
  type ExternalBooked,
  type FillBooked,
  type FundingBooked,
  type Position,
  type ProtectionChanged,
  format,
} from '@strategy-runner/core';
import { entryPrice } from './explain-price.js';
import type { LedgerStory, PositionStory, ProtectionStory } from './explain-document.js';

export class PositionTeller {
  readonly id: string;
  readonly #ledger: LedgerStory[] = [];
  readonly #protection: ProtectionStory[] = [];
  #position: Position | undefined;
  #time = 0;
  #exitReason: string | null = null;

  constructor(id: string) {
    this.id = id;
  }

  get isOver(): boolean {
    return this.#position === undefined || this.#exitReason !== null;
  }

  /** `cash` is the account's, before the record. */
  record(seq: number, record: EngineRecord, cash: bigint): void {
    switch (record.type) {
      case 'fill':
      case 'external_fill':
        if (record.positionId === this.id) this.#traded(seq, record, cash);
        return;
      case 'funding':
        if (record.positionId === this.id) this.#funded(seq, record, cash);
        return;
      case 'protection':
        if (record.positionId === this.id) this.#protection.push(protectionOf(seq, record));
        return;
      case 'position_closed':
        if (record.position.id !== this.id) return;
        this.#position = record.position;
        this.#time = record.ts;
        this.#exitReason = record.reason;
        return;
      default:
    }
  }

  #traded(seq: number, fill: FillBooked | ExternalBooked, cash: bigint): void {
    this.#position = fill.position;
    this.#time = fill.ts;
    this.#ledger.push({
      seq,
      time_ms: fill.ts,
      what: fill.type,
      id: fill.tradeId,
      intent_id: fill.type === 'fill' ? fill.intentId : null,
      leg: fill.type === 'fill' ? fill.leg : fill.cause,
      side: fill.side,
      price: format(fill.price),
      quantity: format(fill.quantity),
      realized: format(fill.realized),
      fee: `${format(fill.fee)} ${fill.feeCurrency}`,
      ...moved(cash, fill.cash),
      quantity_after: format(fill.position.quantity),
    });
  }

  #funded(seq: number, funding: FundingBooked, cash: bigint): void {
    if (this.#position !== undefined) {
      this.#position = { ...this.#position, funding: this.#position.funding + funding.amount };
    }
    this.#ledger.push({
      seq,
      time_ms: funding.ts,
      what: 'funding',
      id: funding.id,
      intent_id: null,
      leg: null,
      side: null,
      price: null,
      quantity: null,
      realized: '0',
      fee: '0',
      ...moved(cash, funding.amount),
      quantity_after: format(this.#position?.quantity ?? 0n),
    });
  }

  /** Null for one that never came to be. */
  story(): PositionStory | null {
    const position = this.#position;
    if (position === undefined) return null;
    const { grossPnl, fees, funding } = position;
    return {
      position_id: this.id,
      symbol: position.symbol,
      side: position.side,
      opened_by: position.openIntentId,
      ledger: this.#ledger,
      protection: this.#protection,
      result: {
        time_ms: this.#time,
        quantity: format(position.quantity),
        entry_price: entryPrice(position),
        gross_pnl: format(grossPnl),
        fees: format(fees),
        funding: format(funding),
        net_pnl: format(grossPnl - fees + funding),
        exit_reason: this.#exitReason,
      },
    };
  }
}

function moved(before: bigint, change: bigint) {
  return {
    cash_before: format(before),
    cash: format(change),
    cash_after: format(before + change),
  };
}

function protectionOf(seq: number, record: ProtectionChanged): ProtectionStory {
  const { ts, cause, protection, initialRisk } = record;
  const stop = protection?.stop ?? null;
  return {
    seq,
    time_ms: ts,
    cause,
    place: protection?.place ?? null,
    stop: stop === null ? null : format(stop.price),
    stop_source: stop?.source ?? null,
    targets: (protection?.targets ?? []).map(({ price }) => format(price)),
    initial_risk: initialRisk === null ? null : format(initialRisk),
  };
}
