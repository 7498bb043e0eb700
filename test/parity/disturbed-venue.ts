// A live-like venue of its own making: it shares no code with the simulated one. Orders are acked
// late, refused, forgotten, filled in pieces, late, early, or at another price; somebody else
// trades, funding is booked otherwise, the host is paused or away. All of it from one seed.
import {
  type BarEvent,
  type Decimal,
  type Engine,
  type EngineEvent,
  type FillReported,
  type Order,
  type StrategyRuntime,
  TurnRunner,
  bps,
  decimal,
  floorTo,
  fromNumber,
  multiply,
  roundCash,
} from '@strategy-runner/core';
import { SYMBOL } from '../support/world-config.js';

interface Working {
  readonly order: Order;
  readonly bornAt: number;
  filled: Decimal;
  isAcked: boolean;
  isCancelled: boolean;
  readonly fate: 'plain' | 'rejected' | 'missed' | 'late' | 'pieces' | 'short';
}

const TICK = decimal('0.1');
const LOT = decimal('0.001');

export class DisturbedVenue {
  readonly #engine: Engine;
  readonly #runner: TurnRunner;
  readonly #random: () => number;
  readonly #orders = new Map<string, Working>();
  readonly #known = new Set<string>();
  /** Asked for, and never here. */
  readonly #absent: string[] = [];
  #bar = 0;
  #trades = 0;
  #run = 1;
  #isPaused = false;

  constructor(engine: Engine, runtime: StrategyRuntime, random: () => number) {
    this.#engine = engine;
    this.#runner = new TurnRunner(engine, runtime);
    this.#random = random;
  }

  take(event: EngineEvent): void {
    this.#runner.run({ ...event, ts: Math.max(event.ts, this.#engine.now) });
    for (const effect of this.#runner.outbox.splice(0)) {
      if (effect.kind === 'submit') this.#submit(effect.order);
      else if (effect.kind === 'cancel') this.#cancel(effect.order.key);
      else if (effect.kind === 'query') this.#query(effect.order.key);
    }
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #submit(order: Order): void {
    if (this.#orders.has(order.key)) return;
    this.#known.add(order.key);
    const draw = this.#random();
    const isEntry = order.action === 'entry';
    const fate =
      isEntry && draw < 0.06
        ? 'rejected'
        : draw < 0.1
          ? 'missed'
          : draw < 0.2
            ? 'late'
            : draw < 0.35
              ? 'pieces'
              : isEntry && draw < 0.4
                ? 'short'
                : 'plain';
    const born = { bornAt: this.#bar, filled: 0n, isAcked: false, isCancelled: false };
    this.#orders.set(order.key, { order, ...born, fate });
  }

  #cancel(key: string): void {
    const found = this.#orders.get(key);
    if (found !== undefined) found.isCancelled = true;
  }

  #query(key: string): void {
    const found = this.#orders.get(key);
    if (found !== undefined) found.isAcked = false;
    else if (!this.#known.has(key)) this.#absent.push(key);
  }

  /** What happens while the bar is under way; the bar itself is told by the caller. */
  during(bar: BarEvent): void {
    this.#bar += 1;
    if (this.#chance(0.03)) this.#restart(bar.openMs + 100);
    if (this.#chance(0.03)) this.#toggle(bar.openMs + 200);
    if (this.#bar % 9 === 0) this.#fund(bar);
    const isDownFirst = this.#chance(0.5);
    const path = isDownFirst
      ? [bar.open, bar.low, bar.high, bar.close]
      : [bar.open, bar.high, bar.low, bar.close];
    path.forEach((price, step) => {
      const ts = bar.openMs + 300 + step * 15_000 + Math.floor(this.#random() * 900);
      this.#wakeBefore(ts);
      this.#moment(price, ts);
    });
    if (this.#chance(0.02)) this.#tradeOfSomebody(bar.close, bar.openMs + 55_000);
  }

  // A live host has an alarm for its earliest timer.
  #wakeBefore(ts: number): void {
    const wakeMs = this.#engine.wakeMs;
    if (wakeMs <= ts) this.take({ kind: 'timer_fired', ts: wakeMs, name: '' });
  }

  #moment(price: number, ts: number): void {
    for (const order of this.#absent.splice(0)) this.take({ kind: 'order_absent', ts, order });
    const keys = [...this.#orders.keys()];
    if (this.#chance(0.5)) keys.reverse();
    for (const key of keys) {
      const working = this.#orders.get(key);
      if (working !== undefined) this.#meet(working, price, ts);
    }
  }

  #meet(working: Working, price: number, ts: number): void {
    const { order, fate } = working;
    const { key } = order;
    if (!working.isAcked) {
      if (fate === 'rejected') return this.#reject(working, ts);
      if (this.#chance(0.1)) return;
      working.isAcked = true;
      this.take({ kind: 'order_accepted', ts, order: key, venueOrderId: `v${key}` });
      if (!this.#orders.has(key)) return;
    }
    if (working.isCancelled && this.#chance(0.8)) return this.#end(working, ts, 'cancelled');
    if (fate === 'missed') {
      const cannotRest = order.type === 'market' || order.timeInForce !== 'GTC';
      if (cannotRest && this.#bar > working.bornAt) this.#end(working, ts, 'expired');
      return;
    }
    if (fate === 'late' && this.#bar < working.bornAt + 3) return;
    if (this.#isReached(order, price)) this.#fill(working, price, ts);
    else if (order.timeInForce !== 'GTC') this.#end(working, ts, 'expired');
  }

  #reject({ order }: Working, ts: number): void {
    this.#orders.delete(order.key);
    const base = { kind: 'order_rejected', ts, order: order.key, reason: 'other' } as const;
    this.take({ ...base, code: 'INSUFFICIENT_MARGIN', detail: 'no' });
  }

  #end({ order, filled }: Working, ts: number, status: 'cancelled' | 'expired'): void {
    this.#orders.delete(order.key);
    const code = status === 'expired' ? 'EXPIRED' : '';
    this.take({ kind: 'order_ended', ts, order: order.key, status, code, filled });
  }

  #isReached(order: Order, price: number): boolean {
    const isBuy = order.side === 'buy';
    if (order.stopPrice !== null) {
      const stop = Number(order.stopPrice) / 1e18;
      return isBuy ? price >= stop : price <= stop;
    }
    if (order.price === null) return true;
    const limit = Number(order.price) / 1e18;
    // Now and then a touch is enough, now and then going through is not.
    const need = this.#chance(0.2) ? 0 : 0.05;
    return isBuy ? price <= limit - need : price >= limit + need;
  }

  #fill(working: Working, price: number, ts: number): void {
    const { order, fate } = working;
    const isMaker = order.type === 'limit' && order.timeInForce === 'GTC';
    const noise = BigInt(Math.floor(this.#random() * 5) - 2) * TICK;
    const at = isMaker ? order.price! : fromNumber(price) + noise;
    const rest = order.quantity - working.filled;
    const wanted = this.#wanted(fate, rest);
    const quantity = order.reduceOnly ? this.#atMostHeld(order, wanted) : wanted;
    if (quantity <= 0n) {
      if (order.reduceOnly) this.#end(working, ts, 'expired');
      return;
    }
    working.filled += quantity;
    const isOver = working.filled >= order.quantity;
    if (isOver) this.#orders.delete(order.key);
    this.#trades += 1;
    const rate = decimal(isMaker ? '1.5' : this.#chance(0.3) ? '6' : '5');
    const fill: FillReported = {
      kind: 'fill_reported',
      ts,
      order: order.key,
      tradeId: `t${this.#trades}`,
      price: at,
      quantity,
      fee: roundCash(bps(multiply(at, quantity), rate)),
      feeCurrency: 'USDT',
      liquidity: isMaker ? 'maker' : 'taker',
      basePrice: null,
    };
    this.take(fill);
    // A stream that was opened anew tells things again.
    if (this.#chance(0.1)) this.take(fill);
    if (!isOver && fate === 'short') this.#end(working, ts + 1, 'expired');
  }

  #wanted(fate: Working['fate'], rest: Decimal): Decimal {
    if (fate !== 'pieces' && fate !== 'short') return rest;
    const part = floorTo((rest * BigInt(20 + Math.floor(this.#random() * 60))) / 100n, LOT);
    return part > 0n ? part : rest;
  }

  #atMostHeld({ symbol, positionSide }: Order, wanted: Decimal): Decimal {
    let held = 0n;
    for (const position of this.#engine.state.positions.values()) {
      if (position.symbol === symbol && position.side === positionSide) held += position.quantity;
    }
    return wanted < held ? wanted : held;
  }

  #fund(bar: BarEvent): void {
    const held = [...this.#engine.state.positions.values()];
    for (const { side, quantity } of held) {
      const rate = decimal('0.0003');
      const owed = roundCash(multiply(multiply(quantity, fromNumber(bar.open)), rate));
      const noise = decimal('0.0001') * BigInt(Math.floor(this.#random() * 3));
      const amount = (side === 'long' ? -owed : owed) + noise;
      const id = `f${bar.openMs}${side}`;
      const ts = bar.openMs + 10;
      this.take({ kind: 'funding_paid', ts, id, symbol: SYMBOL, side, rate, amount });
    }
  }

  #tradeOfSomebody(price: number, ts: number): void {
    this.#trades += 1;
    const isFlow = this.#chance(0.3);
    if (isFlow) {
      const flow = { id: `c${this.#trades}`, currency: 'USDT', amount: decimal('50') } as const;
      return this.take({ kind: 'cash_moved', ts, ...flow, cause: 'deposit' });
    }
    this.take({
      kind: 'external_fill',
      ts,
      tradeId: `x${this.#trades}`,
      venueOrderId: `y${this.#trades}`,
      symbol: SYMBOL,
      side: this.#chance(0.5) ? 'buy' : 'sell',
      positionSide: null,
      price: fromNumber(price),
      quantity: decimal('0.25'),
      fee: decimal('0.0125'),
      feeCurrency: 'USDT',
      liquidity: 'taker',
      cause: 'manual',
    });
    const ack = `x${this.#trades}`;
    const resume = { command: 'resume', by: 'operator', reason: 'seen', ack } as const;
    if (this.#chance(0.7)) this.take({ kind: 'command', ts: ts + 500, ...resume });
  }

  #toggle(ts: number): void {
    this.#isPaused = !this.#isPaused;
    const command = this.#isPaused ? 'pause' : 'resume';
    this.take({ kind: 'command', ts, command, by: 'operator', reason: 'a test asks' });
  }

  #restart(ts: number): void {
    this.take({ kind: 'run_ended', ts, run: this.#run, cause: 'crash' });
    this.#run += 1;
    this.take({ kind: 'run_started', ts: ts + 50, run: this.#run, start: 'warm' });
  }

  /** The host goes away, and comes back at `ts`. */
  away(ts: number): void {
    this.#restart(ts);
  }

  /** The host dies with the bar taken in and nothing of what follows from it done. */
  dieWith(bar: BarEvent): void {
    this.#engine.process(bar);
    this.#engine.effects.length = 0;
    this.#restart(bar.ts + 1000);
  }
}
