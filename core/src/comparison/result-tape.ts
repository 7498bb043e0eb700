// Rows of a result laid out flat, the fields of one after the other: texts and Decimals on one
// tape, times and other numbers on a second. A long run keeps hundreds of thousands of rows; as
// objects they would be what the collector of dead objects copies most. Rows are made on reading.
import type { Decimal } from '../decimal.js';
import type { ClosedPosition, ClosedRow, FillRow, OrderRow, ResultRow } from './result-rows.js';

type Cell = string | Decimal | null;

const FIRST_CAPACITY = 4096;
/** A long array is copied whole when it grows; pieces of this many cells are not. */
const PIECE_CELLS = 2048;

export class ResultTape {
  readonly #pieces: Cell[][] = [[]];
  #piece: Cell[] = this.#pieces[0]!;
  #rows = 0;
  #numbers = new Float64Array(FIRST_CAPACITY);
  #numbersLength = 0;

  /** Rows of kinds that come with an id, a word, and a time. */
  named(kind: 'intent' | 'denied' | 'over', ts: number, id: string, word: string): void {
    this.#startRow(ts).push(kind, id, word);
  }

  funding(ts: number, id: string, amount: Decimal): void {
    this.#startRow(ts).push('funding', id, amount);
  }

  order(ts: number, row: Omit<OrderRow, 'kind' | 'ts'>): void {
    const { key, type, side, quantity, price, stopPrice } = row;
    this.#startRow(ts).push('order', key, type, side, quantity, price, stopPrice);
  }

  fill(row: Omit<FillRow, 'kind'>): void {
    const cells = this.#startRow(row.ts);
    this.#number(row.slippageBps);
    const { order, leg, tradeId, positionId, side } = row;
    cells.push('fill', order, leg, tradeId, positionId, side, row.liquidity);
    cells.push(row.price, row.quantity, row.fee, row.realized, row.cash);
  }

  closed(ts: number, position: ClosedPosition, reason: string): void {
    const cells = this.#startRow(ts);
    this.#number(position.openedMs);
    cells.push('closed', reason, position.id, position.symbol, position.side);
    cells.push(position.enteredQuantity, position.enteredNotional);
    cells.push(position.exitedQuantity, position.exitedNotional);
    cells.push(position.grossPnl, position.fees, position.funding, position.initialRisk);
  }

  /** Number of rows. */
  get length(): number {
    return this.#rows;
  }

  /** All rows in the order in which they came. */
  read(): ResultRow[] {
    const reader = new TapeReader(this.#pieces, this.#numbers);
    return Array.from({ length: this.#rows }, () => reader.row());
  }

  // No row lies in two pieces.
  #startRow(ts: number): Cell[] {
    if (this.#piece.length >= PIECE_CELLS) {
      this.#piece = [];
      this.#pieces.push(this.#piece);
    }
    this.#rows += 1;
    this.#number(ts);
    return this.#piece;
  }

  #number(value: number): void {
    if (this.#numbersLength === this.#numbers.length) {
      const longer = new Float64Array(this.#numbersLength * 2);
      longer.set(this.#numbers);
      this.#numbers = longer;
    }
    this.#numbers[this.#numbersLength] = value;
    this.#numbersLength += 1;
  }
}

/** Reads cells in the order in which `ResultTape` wrote them, which is what the types rest on. */
class TapeReader {
  readonly #pieces: readonly (readonly Cell[])[];
  readonly #numbers: Float64Array;
  #piece = 0;
  #cell = 0;
  #number = 0;

  constructor(pieces: readonly (readonly Cell[])[], numbers: Float64Array) {
    this.#pieces = pieces;
    this.#numbers = numbers;
  }

  row(): ResultRow {
    if (this.#cell === this.#pieces[this.#piece]!.length) {
      this.#piece += 1;
      this.#cell = 0;
    }
    const kind: ResultRow['kind'] = this.#next();
    const ts = this.#nextNumber();
    switch (kind) {
      case 'intent':
        return { kind, ts, id: this.#next(), intent: this.#next() };
      case 'denied':
        return { kind, ts, id: this.#next(), code: this.#next() };
      case 'over':
        return { kind, ts, key: this.#next(), status: this.#next() };
      case 'funding':
        return { kind, ts, id: this.#next(), amount: this.#next() };
      case 'order':
        return this.#order(ts);
      case 'fill':
        return this.#fill(ts);
      case 'closed':
        return this.#closed(ts);
    }
  }

  #order(ts: number): OrderRow {
    return {
      kind: 'order',
      ts,
      key: this.#next(),
      type: this.#next(),
      side: this.#next(),
      quantity: this.#next(),
      price: this.#next(),
      stopPrice: this.#next(),
    };
  }

  #fill(ts: number): FillRow {
    return {
      kind: 'fill',
      ts,
      slippageBps: this.#nextNumber(),
      order: this.#next(),
      leg: this.#next(),
      tradeId: this.#next(),
      positionId: this.#next(),
      side: this.#next(),
      liquidity: this.#next(),
      price: this.#next(),
      quantity: this.#next(),
      fee: this.#next(),
      realized: this.#next(),
      cash: this.#next(),
    };
  }

  #closed(ts: number): ClosedRow {
    const openedMs = this.#nextNumber();
    const reason: string = this.#next();
    const position: ClosedPosition = {
      id: this.#next(),
      symbol: this.#next(),
      side: this.#next(),
      openedMs,
      enteredQuantity: this.#next(),
      enteredNotional: this.#next(),
      exitedQuantity: this.#next(),
      exitedNotional: this.#next(),
      grossPnl: this.#next(),
      fees: this.#next(),
      funding: this.#next(),
      initialRisk: this.#next(),
    };
    return { kind: 'closed', ts, position, reason };
  }

  #next<Value extends Cell>(): Value {
    const value = this.#pieces[this.#piece]![this.#cell] as Value;
    this.#cell += 1;
    return value;
  }

  #nextNumber(): number {
    const value = this.#numbers[this.#number]!;
    this.#number += 1;
    return value;
  }
}
