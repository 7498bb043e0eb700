// The one account of the exchange: wallet, positions at average cost, income rows, settings. Every
// change of the wallet has an income row, so the rows add up to it.
import { type Amount, ZERO, cash, plain } from './amount.js';
import type { PositionSide } from './order.js';

export interface Position {
  readonly symbol: string;
  readonly side: PositionSide;
  /** Negative = short. */
  quantity: Amount;
  entry: Amount;
  /** Realised over the life of the account. */
  realized: Amount;
  updatedMs: number;
}

export type IncomeType = 'REALIZED_PNL' | 'COMMISSION' | 'FUNDING_FEE' | 'TRANSFER';

export interface Income {
  readonly tranId: number;
  readonly type: IncomeType;
  readonly symbol: string;
  readonly asset: string;
  readonly amount: Amount;
  readonly tradeId: string;
  readonly timeMs: number;
}

export type MarginType = 'CROSSED' | 'ISOLATED';

export class Account {
  readonly asset: string = 'USDT';
  readonly income: Income[] = [];
  readonly leverage = new Map<string, number>();
  readonly marginType = new Map<string, MarginType>();
  isHedged = false;
  #wallet: Amount;
  readonly #positions = new Map<string, Position>();
  readonly #initial: Amount;
  /** Beside the wallet: what fees may be paid in. */
  readonly #coins = new Map<string, Amount>();
  readonly #changedMs = new Map<string, number>();

  constructor(initial: Amount) {
    this.#wallet = initial;
    this.#initial = initial;
  }

  get wallet(): Amount {
    return this.#wallet;
  }

  get initialWallet(): Amount {
    return this.#initial;
  }

  leverageOf(symbol: string): number {
    return this.leverage.get(symbol) ?? 20;
  }

  marginTypeOf(symbol: string): MarginType {
    return this.marginType.get(symbol) ?? 'CROSSED';
  }

  position(symbol: string, side: PositionSide): Position {
    const key = `${symbol}:${side}`;
    const known = this.#positions.get(key);
    if (known !== undefined) return known;
    const position: Position = {
      symbol,
      side,
      quantity: ZERO,
      entry: ZERO,
      realized: ZERO,
      updatedMs: 0,
    };
    this.#positions.set(key, position);
    return position;
  }

  positions(): readonly Position[] {
    return [...this.#positions.values()];
  }

  openPositions(symbol?: string): readonly Position[] {
    return this.positions().filter(
      (position) =>
        !position.quantity.isZero() && (symbol === undefined || position.symbol === symbol),
    );
  }

  coin(asset: string): Amount {
    return this.#coins.get(asset) ?? ZERO;
  }

  coins(): readonly (readonly [string, Amount])[] {
    return [...this.#coins];
  }

  /** When the asset last changed; of one that nothing has moved, when it was first asked about. */
  changedMs(asset: string, nowMs: number): number {
    const known = this.#changedMs.get(asset) ?? nowMs;
    this.#changedMs.set(asset, known);
    return known;
  }

  /** Adds a row of income and moves its asset by it. Amounts of zero leave no row. */
  book(row: Omit<Income, 'tranId' | 'asset'>, asset = this.asset): Income | undefined {
    if (row.amount.isZero()) return undefined;
    const income = { ...row, asset, tranId: 900_000_001 + this.income.length };
    this.income.push(income);
    this.#changedMs.set(asset, row.timeMs);
    if (asset === this.asset) this.#wallet = this.#wallet.plus(row.amount);
    else this.#coins.set(asset, this.coin(asset).plus(row.amount));
    return income;
  }
}

/** Moves a position by a signed quantity at a price; answers the profit that this realised. */
export function applyToPosition(
  position: Position,
  change: { readonly quantity: Amount; readonly price: Amount; readonly timeMs: number },
): Amount {
  const before = position.quantity;
  const after = before.plus(change.quantity);
  let realized = ZERO;
  if (before.isZero() || before.isNegative() === change.quantity.isNegative()) {
    const cost = before.times(position.entry).plus(change.quantity.times(change.price));
    position.entry = cost.div(after);
  } else {
    const closed = change.quantity.abs().lt(before.abs()) ? change.quantity.neg() : before;
    realized = cash(closed.times(change.price.minus(position.entry)));
    const isFlipped = !after.isZero() && after.isNegative() !== before.isNegative();
    if (isFlipped) position.entry = change.price;
    if (after.isZero()) position.entry = ZERO;
  }
  position.quantity = after;
  position.realized = position.realized.plus(realized);
  position.updatedMs = change.timeMs;
  return realized;
}

export function incomeJson(row: Income): Record<string, unknown> {
  return {
    symbol: row.symbol,
    incomeType: row.type,
    income: plain(row.amount),
    asset: row.asset,
    info: row.tradeId === '' ? row.type : row.tradeId,
    time: row.timeMs,
    tranId: row.tranId,
    tradeId: row.tradeId,
  };
}
