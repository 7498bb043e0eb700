// Holds what the engine booked against what the exchange traded, and against a ledger in
// decimal.js.
import {
  type Engine,
  type EngineRecord,
  type EngineState,
  type FillBooked,
  equity,
  format,
  fromNumber,
} from '@strategy-runner/core';
import { independentLedger } from '../../support/independent-ledger.js';
import { SYMBOL } from '../../support/world-config.js';
import type { ExchangeTruth } from './exchange-truth.js';
import { cashOf, priceOf, quantityOf } from './units.js';
import { must } from './violation.js';

type FundingBooked = Extract<EngineRecord, { type: 'funding' }>;

export class BookWatch {
  readonly #truth: ExchangeTruth;
  readonly #cash: string;
  readonly #fills = new Map<string, FillBooked>();
  readonly #funding = new Map<string, FundingBooked>();
  readonly #held = { long: 0n, short: 0n };

  constructor(truth: ExchangeTruth, cash: string) {
    this.#truth = truth;
    this.#cash = cash;
  }

  take(record: EngineRecord): void {
    if (record.type === 'fill') this.#takeFill(record);
    else if (record.type === 'funding') {
      const isNew = !this.#funding.has(record.id);
      must(isNew, 'ledger-adds-up', () => `${record.id} was booked twice`);
      this.#funding.set(record.id, record);
    }
  }

  #takeFill(fill: FillBooked): void {
    const { tradeId, positionSide, action, quantity } = fill;
    const trade = this.#truth.trades.get(tradeId);
    const isTrade =
      trade !== undefined &&
      trade.key === fill.order &&
      quantityOf(trade.lots) === quantity &&
      priceOf(trade.ticks) === fill.price &&
      cashOf(trade.feeUnits) === fill.fee;
    must(isTrade, 'fills-are-the-position', () => `${tradeId} is no trade of ${fill.order}`);
    const isNew = !this.#fills.has(tradeId);
    must(isNew, 'fills-are-the-position', () => `${tradeId} was booked twice`);
    this.#fills.set(tradeId, fill);
    this.#held[positionSide] += action === 'entry' ? quantity : -quantity;
    const isPaid = fill.cash === fill.realized - fill.fee;
    must(isPaid, 'ledger-adds-up', () => `${tradeId} moved cash by ${format(fill.cash)}`);
  }

  /** The position is the sum of what was booked; cash and equity are what decimal.js says. */
  check(engine: Engine): void {
    const held = heldBy(engine.state as EngineState);
    for (const side of ['long', 'short'] as const) {
      const why = (): string => `${side}: ${held[side]} held, fills say ${this.#held[side]}`;
      must(held[side] === this.#held[side], 'fills-are-the-position', why);
    }
    const last = engine.state.market.get(SYMBOL)?.last;
    const ledger = independentLedger({
      cash: this.#cash,
      market: 'swap',
      fills: [...this.#fills.values()],
      funding: [...this.#funding.values()],
      mark: format(fromNumber(last ?? 1000)),
    });
    const is = { cash: format(engine.state.cash), equity: format(equity(engine)) };
    const why = (): string => `${is.cash}, ${is.equity}; not ${ledger.cash}, ${ledger.equity}`;
    const agrees = is.cash === ledger.cash && is.equity === ledger.equity;
    must(agrees && format(engine.state.fees) === ledger.fees, 'ledger-adds-up', why);
  }

  /** Nothing the exchange did is missing, to the hundred-millionth per trade. */
  checkComplete(engine: Engine): void {
    const { trades, funding, held } = this.#truth;
    for (const id of trades.keys()) {
      must(this.#fills.has(id), 'fills-are-the-position', () => `${id} was never booked`);
    }
    const booked = heldBy(engine.state as EngineState);
    for (const side of ['long', 'short'] as const) {
      const why = (): string =>
        `${side}: ${booked[side]} held, the exchange has ${held[side]} lots`;
      must(booked[side] === quantityOf(held[side]), 'fills-are-the-position', why);
    }
    for (const { id } of funding) {
      must(this.#funding.has(id), 'ledger-adds-up', () => `${id} was never booked`);
    }
    const off = engine.state.cash - engine.config.initialCash - this.#exchangeCash();
    const isClose = off * off <= cashOf(trades.size) ** 2n;
    must(isClose, 'ledger-adds-up', () => `cash is ${format(off)} off what the exchange has`);
  }

  // Flat, so that what was paid and received is all there is: no average cost, no rounding.
  #exchangeCash(): bigint {
    let units = 0;
    for (const { positionSide, action, ticks, lots, feeUnits } of this.#truth.trades.values()) {
      const isSell = (positionSide === 'long') === (action === 'exit');
      units += (isSell ? 1 : -1) * ticks * lots * 10_000 - feeUnits;
    }
    const paid = this.#truth.funding.reduce((sum, { amount }) => sum + amount, 0n);
    return cashOf(units) + paid;
  }
}

function heldBy(state: EngineState): Readonly<Record<'long' | 'short', bigint>> {
  const held = { long: 0n, short: 0n };
  for (const { side, quantity } of state.positions.values()) held[side] += quantity;
  return held;
}
