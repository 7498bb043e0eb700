// A ledger that shares no code with core: decimal.js over the fills of a run, the plainest
// arithmetic that can be right. World results are held against it.
import { Decimal } from 'decimal.js';

const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_EVEN });
const SCALE = new Exact('1e18');

/** A fill as core records it; money is core's integer of 1e-18. */
export interface LedgerFill {
  readonly positionId: string;
  readonly positionSide: 'long' | 'short';
  readonly action: 'entry' | 'exit';
  readonly price: bigint;
  readonly quantity: bigint;
  readonly fee: bigint;
}

export interface LedgerFunding {
  readonly positionId: string;
  readonly amount: bigint;
}

export interface LedgerTrade {
  readonly positionId: string;
  readonly side: 'long' | 'short';
  readonly gross: string;
  readonly fees: string;
  readonly funding: string;
  readonly pnl: string;
}

export interface LedgerResult {
  readonly cash: string;
  readonly equity: string;
  readonly fees: string;
  /** Positions that are flat again, in the order in which they were opened. */
  readonly trades: readonly LedgerTrade[];
  /** Quantity still held per position. */
  readonly held: Readonly<Record<string, string>>;
}

interface Account {
  readonly side: 'long' | 'short';
  held: Decimal;
  /** Average-cost basis of what is held. */
  cost: Decimal;
  gross: Decimal;
  fees: Decimal;
  funding: Decimal;
}

export interface LedgerInput {
  readonly cash: string;
  readonly market: 'swap' | 'spot';
  readonly fills: readonly LedgerFill[];
  readonly funding?: readonly LedgerFunding[];
  /** The price that open positions are marked at. */
  readonly mark: string;
}

export function independentLedger(input: LedgerInput): LedgerResult {
  const accounts = new Map<string, Account>();
  let cash = new Exact(input.cash);
  let fees = new Exact(0);
  for (const fill of input.fills) {
    const account = accountOf(accounts, fill);
    const fee = exact(fill.fee);
    fees = fees.plus(fee);
    account.fees = account.fees.plus(fee);
    cash = cash.plus(book(account, fill, input.market)).minus(fee);
  }
  for (const { positionId, amount } of input.funding ?? []) {
    const account = accounts.get(positionId);
    if (account !== undefined) account.funding = account.funding.plus(exact(amount));
    cash = cash.plus(exact(amount));
  }
  const mark = new Exact(input.mark);
  let equity = cash;
  for (const account of accounts.values()) {
    const worth = account.held.times(mark);
    const profit = account.side === 'long' ? worth.minus(account.cost) : account.cost.minus(worth);
    equity = equity.plus(input.market === 'spot' ? worth : toCash(profit));
  }
  return {
    cash: cash.toFixed(),
    equity: equity.toFixed(),
    fees: fees.toFixed(),
    trades: [...accounts].filter(([, { held }]) => held.isZero()).map(tradeOf),
    held: Object.fromEntries(
      [...accounts]
        .filter(([, { held }]) => !held.isZero())
        .map(([id, { held }]) => [id, held.toFixed()]),
    ),
  };
}

function accountOf(accounts: Map<string, Account>, fill: LedgerFill): Account {
  const known = accounts.get(fill.positionId);
  if (known !== undefined) return known;
  const zero = new Exact(0);
  const fresh = { held: zero, cost: zero, gross: zero, fees: zero, funding: zero };
  const account = { side: fill.positionSide, ...fresh };
  accounts.set(fill.positionId, account);
  return account;
}

/** Books one fill and answers the change of cash before fees. */
function book(account: Account, fill: LedgerFill, market: 'swap' | 'spot'): Decimal {
  const quantity = exact(fill.quantity);
  const notional = exact(fill.price).times(quantity);
  if (fill.action === 'entry') {
    account.held = account.held.plus(quantity);
    account.cost = account.cost.plus(notional);
    return market === 'spot' ? toCash(notional).negated() : new Exact(0);
  }
  const removed = account.cost.times(quantity).dividedBy(account.held);
  const profit = account.side === 'long' ? notional.minus(removed) : removed.minus(notional);
  const realized = toCash(profit);
  account.held = account.held.minus(quantity);
  account.cost = account.held.isZero() ? new Exact(0) : account.cost.minus(removed);
  account.gross = account.gross.plus(realized);
  return market === 'spot' ? toCash(notional) : realized;
}

function tradeOf([positionId, account]: readonly [string, Account]): LedgerTrade {
  const { side, gross, fees, funding } = account;
  return {
    positionId,
    side,
    gross: gross.toFixed(),
    fees: fees.toFixed(),
    funding: funding.toFixed(),
    pnl: gross.minus(fees).plus(funding).toFixed(),
  };
}

function toCash(value: Decimal): Decimal {
  return value.toDecimalPlaces(8, Decimal.ROUND_HALF_EVEN);
}

/** Core's integer of 1e-18 as a decimal.js number. */
export function exact(value: bigint): Decimal {
  return new Exact(value.toString()).dividedBy(SCALE);
}
