// Two runs joined leg by leg on (intent id, leg), whatever the number of attempts and fills.
import { type Decimal, ZERO, divide, multiply } from '../../decimal.js';
import type { FillBooked } from '../../records.js';

export interface LegSide {
  /** Of its first fill. */
  readonly timeMs: number;
  /** Average. */
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly fills: number;
}

export interface LegRow {
  readonly intentId: string;
  readonly leg: string;
  readonly side: 'buy' | 'sell';
  /** Null on a leg that only the backtest filled (missed), or only live (extra). */
  readonly live: LegSide | null;
  readonly backtest: LegSide | null;
  readonly status: 'matched' | 'missed' | 'extra';
  /** Live less backtest, of a matched leg. */
  readonly difference: {
    readonly timeMs: number;
    readonly price: Decimal;
    readonly quantity: Decimal;
    readonly fee: Decimal;
  } | null;
}

/** In the order of the first fill on either side. */
export function joinLegs(
  live: readonly FillBooked[],
  backtest: readonly FillBooked[],
): readonly LegRow[] {
  const lived = byLeg(live);
  const tested = byLeg(backtest);
  const keys = [...new Set([...lived.keys(), ...tested.keys()])];
  const rows = keys.map((key) => rowOf(lived.get(key) ?? [], tested.get(key) ?? []));
  return rows.sort((a, b) => startOf(a) - startOf(b));
}

function byLeg(fills: readonly FillBooked[]): ReadonlyMap<string, FillBooked[]> {
  const legs = new Map<string, FillBooked[]>();
  for (const fill of fills) {
    const key = `${fill.intentId}/${fill.leg}`;
    const known = legs.get(key);
    if (known === undefined) legs.set(key, [fill]);
    else known.push(fill);
  }
  return legs;
}

function startOf({ live, backtest }: LegRow): number {
  return Math.min(live?.timeMs ?? Infinity, backtest?.timeMs ?? Infinity);
}

function rowOf(lived: readonly FillBooked[], tested: readonly FillBooked[]): LegRow {
  const { intentId, leg, side } = (lived[0] ?? tested[0])!;
  const live = sideOf(lived);
  const backtest = sideOf(tested);
  const names = { intentId, leg, side, live, backtest };
  if (live === null) return { ...names, status: 'missed', difference: null };
  if (backtest === null) return { ...names, status: 'extra', difference: null };
  const difference = {
    timeMs: live.timeMs - backtest.timeMs,
    price: live.price - backtest.price,
    quantity: live.quantity - backtest.quantity,
    fee: live.fee - backtest.fee,
  };
  return { ...names, status: 'matched', difference };
}

function sideOf(fills: readonly FillBooked[]): LegSide | null {
  const [first] = fills;
  if (first === undefined) return null;
  let quantity = ZERO;
  let notional = ZERO;
  let fee = ZERO;
  for (const fill of fills) {
    quantity += fill.quantity;
    notional += multiply(fill.price, fill.quantity);
    fee += fill.fee;
  }
  const price = fills.length === 1 ? first.price : divide(notional, quantity);
  return { timeMs: first.ts, price, quantity, fee, fills: fills.length };
}
