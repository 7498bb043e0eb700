// What really happened at the exchange, append-only, one JSON object per line: the checker's truth.
// Rows carry no secret: no signature, no key, no listen key.
import { appendFileSync } from 'node:fs';
import { algoJson } from './algo-order.js';
import { incomeJson } from './account.js';
import { plain } from './amount.js';
import { type VenueOrder, orderJson, tradeJson } from './order.js';
import { toJson } from './to-json.js';
import { balanceRows, spotOrderJson, spotTradeJson } from './spot-json.js';
import type { SpotEvent, SpotState, SpotTransfer } from './spot-state.js';
import type { VenueEvent, VenueState } from './venue-state.js';

export class TruthLog {
  readonly #lines: string[] = [];
  readonly #path: string | undefined;

  constructor(path?: string) {
    this.#path = path;
  }

  append(kind: string, timeMs: number, row: object): void {
    const line = toJson({ seq: this.#lines.length + 1, kind, time_ms: timeMs, ...row });
    this.#lines.push(line);
    if (this.#path !== undefined) appendFileSync(this.#path, `${line}\n`, { mode: 0o600 });
  }

  /** The rows after a sequence number, as JSON lines. */
  text(afterSeq = 0): string {
    return this.#lines
      .slice(afterSeq)
      .map((line) => `${line}\n`)
      .join('');
  }

  appendSpotEvent(event: SpotEvent, timeMs: number): void {
    switch (event.kind) {
      case 'order': {
        const { execution, order, trade } = event;
        this.append('spot_order', timeMs, { execution, order: spotOrderJson(order) });
        if (trade !== undefined) this.append('spot_trade', timeMs, { trade: spotTradeJson(trade) });
        return;
      }
      case 'transfer':
        return this.append('spot_transfer', timeMs, { transfer: transferJson(event.transfer) });
      case 'bar':
        return this.append('spot_bar', timeMs, { symbol: event.symbol, bar: event.bar });
      default:
        return;
    }
  }

  appendEvent(event: VenueEvent, timeMs: number): void {
    switch (event.kind) {
      case 'order': {
        const { execution, order, trade } = event;
        this.append('order', timeMs, { execution, order: orderJson(order) });
        if (trade !== undefined) this.append('trade', timeMs, { trade: tradeJson(trade) });
        return;
      }
      case 'income':
        return this.append('income', timeMs, { income: incomeJson(event.income) });
      case 'algo':
        return this.append('algo', timeMs, { algo: algoJson(event.algo) });
      case 'leverage':
        return this.append('leverage', timeMs, { ...event, kind: 'leverage' });
      case 'bar':
        return this.append('bar', timeMs, { symbol: event.symbol, bar: event.bar });
      default:
        // Account rows follow from trades and income; ticks and prints are the market's.
        return;
    }
  }
}

/** The account as it stands, in sets that can be compared with those of a client. */
export function truthOf(state: VenueState, spot: SpotState): object {
  const { account } = state;
  return {
    schema: 'runner.venue-truth/1',
    time_ms: state.nowMs,
    initial_wallet: plain(account.initialWallet),
    wallet: plain(account.wallet),
    is_hedged: account.isHedged,
    orders: [...state.orders.values()].map((order: VenueOrder) => orderJson(order)),
    algo_orders: [...state.algos.values()].map(algoJson),
    trades: state.trades.map(tradeJson),
    income: account.income.map(incomeJson),
    positions: account.openPositions().map((position) => ({
      symbol: position.symbol,
      position_side: position.side,
      quantity: plain(position.quantity),
      entry_price: plain(position.entry, 12),
    })),
    coins: account.coins().map(([asset, held]) => ({ asset, amount: plain(held) })),
    spot: {
      orders: [...spot.orders.values()].map(spotOrderJson),
      trades: spot.trades.map(spotTradeJson),
      transfers: spot.transfers.map(transferJson),
      balances: balanceRows(spot),
    },
  };
}

function transferJson({ id, asset, amount, timeMs }: SpotTransfer): object {
  return { id, asset, amount: plain(amount), time: timeMs };
}
