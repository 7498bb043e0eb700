// What really happened at the exchange, append-only, one JSON object per line: the checker's truth.
// Rows carry no secret: no signature, no key, no listen key.
import { appendFileSync } from 'node:fs';
import { algoJson } from './algo-order.js';
import { incomeJson } from './account.js';
import { plain } from './amount.js';
import { type VenueOrder, orderJson, tradeJson } from './order.js';
import { toJson } from './to-json.js';
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
export function truthOf(state: VenueState): object {
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
  };
}
