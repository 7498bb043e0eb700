// Exact decimals for prices and amounts, which a float64 cannot hold: the value × 1e18 in a BigInt,
// plain text outside. Every rounding says its direction.

export type Decimal = bigint;

const PLACES = 18;
export const ONE: Decimal = 10n ** BigInt(PLACES);
const TEN_THOUSAND = 10_000n;

/** Reads an unsigned plain decimal of at most 18 places, the form in which the host writes them. */
export function decimal(text: string): Decimal {
  const match = /^(\d+)(?:\.(\d{1,18}))?$/.exec(text);
  if (match === null) {
    throw new RangeError(
      `CONFIG_INVALID: ${JSON.stringify(text)} is not a decimal. Write digits such as "200.5".`,
    );
  }
  const [, whole = '', fraction = ''] = match;
  return BigInt(whole + fraction.padEnd(PLACES, '0'));
}

export function format(value: Decimal): string {
  const fraction = (value % ONE).toString().padStart(PLACES, '0').replace(/0+$/, '');
  const whole = (value / ONE).toString();
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

export function scaleDown(value: Decimal, bps: number): Decimal {
  return (value * BigInt(bps)) / TEN_THOUSAND;
}

export function floorTo(value: Decimal, step: Decimal): Decimal {
  return value - (value % step);
}

export function ceilTo(value: Decimal, step: Decimal): Decimal {
  return floorTo(value + step - 1n, step);
}

/** The price `bps` below, on a tick at or below that. */
export function below(price: Decimal, bps: number, tick: Decimal): Decimal {
  return floorTo((price * (TEN_THOUSAND - BigInt(bps))) / TEN_THOUSAND, tick);
}

/** The price `bps` above, on a tick at or above that. */
export function above(price: Decimal, bps: number, tick: Decimal): Decimal {
  const exact = price * (TEN_THOUSAND + BigInt(bps));
  return ceilTo((exact + TEN_THOUSAND - 1n) / TEN_THOUSAND, tick);
}
