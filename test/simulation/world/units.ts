// The exchange counts in whole ticks, lots and 1e-8 of cash, as plain integers: arithmetic that
// core's decimals share nothing with. A price or quantity that is off its grid is an error, not a
// rounding.
import type { Decimal } from '@strategy-runner/core';

const TICK = 10n ** 17n;
const LOT = 10n ** 15n;
const CENT = 10n ** 10n;

export function ticksOf(price: Decimal): number {
  return whole(price, TICK, 'price');
}

export function lotsOf(quantity: Decimal): number {
  return whole(quantity, LOT, 'quantity');
}

function whole(value: Decimal, unit: bigint, what: string): number {
  if (value % unit !== 0n) throw new Error(`${what} ${value} is not on the grid`);
  return Number(value / unit);
}

export function priceOf(ticks: number): Decimal {
  return BigInt(ticks) * TICK;
}

export function quantityOf(lots: number): Decimal {
  return BigInt(lots) * LOT;
}

/** From 1e-8 of cash. */
export function cashOf(units: number): Decimal {
  return BigInt(units) * CENT;
}

/** A tick (0.1) times a lot (0.001) is 1e-4; a basis point of that is 1e-8: fees are exact. */
export function feeUnits(ticks: number, lots: number, rateBps: number): number {
  return ticks * lots * rateBps;
}
