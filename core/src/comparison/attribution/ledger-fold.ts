// Live's equity, folded from what was booked and from nothing else: it must not share a mistake
// with the counterfactual that it is held against.
import type { EngineConfig } from '../../config.js';
import { type Decimal, fromNumber, multiply } from '../../decimal.js';
import { type Position, averageEntry, unrealized } from '../../ledger/position.js';
import type { EngineRecord } from '../../records.js';

type Premises = Pick<EngineConfig, 'initialCash' | 'instruments'>;

export class LedgerFold {
  readonly #config: Premises;
  readonly #symbol: string;
  readonly #positions = new Map<string, Position>();
  readonly #times: number[] = [];
  readonly #equity: Decimal[] = [];
  #cash: Decimal;
  #close = 0;

  constructor(config: Premises, symbol: string) {
    this.#config = config;
    this.#symbol = symbol;
    this.#cash = config.initialCash;
  }

  mark(closeMs: number, close: number): void {
    this.#close = close;
    this.#times.push(closeMs);
    this.#equity.push(this.#value());
  }

  record(record: EngineRecord): void {
    switch (record.type) {
      case 'fill':
      case 'external_fill':
        this.#cash += record.cash;
        this.#positions.set(record.positionId, record.position);
        return;
      case 'funding':
        this.#cash += record.amount;
        return;
      case 'cash_moved':
        this.#cash += record.cash;
        return;
      case 'position_closed':
        this.#positions.delete(record.position.id);
        return;
      default:
        return;
    }
  }

  #value(): Decimal {
    const mark = { symbol: this.#symbol, close: this.#close };
    return equityAt(this.#config, this.#cash, this.#positions.values(), mark);
  }

  result() {
    return { times: this.#times, equity: this.#equity, finalEquity: this.#value() };
  }
}

/** Cash and open positions at one close; what no bars are known of counts at its entry. */
export function equityAt(
  { instruments }: Pick<EngineConfig, 'instruments'>,
  cash: Decimal,
  positions: Iterable<Position>,
  mark: { readonly symbol: string; readonly close: number },
): Decimal {
  let total = cash;
  for (const position of positions) {
    const isMarked = position.symbol === mark.symbol && mark.close > 0;
    const price = isMarked ? fromNumber(mark.close) : averageEntry(position);
    const isSpot = instruments.get(position.symbol)?.market === 'spot';
    total += isSpot ? multiply(position.quantity, price) : unrealized(position, price);
  }
  return total;
}
