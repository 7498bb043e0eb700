// Fixed-point money: a Decimal is the value × 1e18 in a BigInt, one scale for prices, quantities,
// cash. Every function that can lose a digit names its rounding; sums and differences are plain +
// and −. A bare `a * b` or `a / b` of two Decimals is always a mistake: use multiply and divide.

export type Decimal = bigint;

const PLACES = 18;

export const SCALE: Decimal = 10n ** 18n;
export const ZERO: Decimal = 0n;
export const ONE: Decimal = SCALE;
/** Cash is kept in multiples of 1e-8. */
export const CASH_QUANTUM: Decimal = 10n ** 10n;

const HALF = SCALE / 2n;
const POWERS_OF_TEN = Array.from({ length: PLACES + 1 }, (_, exponent) => 10n ** BigInt(exponent));
const BPS_SCALE = 10_000n * SCALE;
const TEN_THOUSAND = 10_000n;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const PLAIN_DECIMAL = /^([+-]?)(\d+)(?:\.(\d{1,18}))?$/;
const SHORTEST_FLOAT = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;
const MAX_SIGNIFICANT_DIGITS = 15;

/** Reads a plain decimal: optional sign, digits, at most 18 decimals, no exponent, no spaces. */
export function decimal(text: string): Decimal {
  return readShort(text) ?? readAny(text);
}

// Up to 15 digits fit a float64 exactly: most texts are read without a pattern or a long BigInt.
function readShort(text: string): Decimal | undefined {
  const { length } = text;
  if (length > MAX_SIGNIFICANT_DIGITS) return undefined;
  let digits = 0;
  let point = length;
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) digits = digits * 10 + (code - 48);
    else if (code === 46 && point === length) point = i;
    else return undefined;
  }
  if (point === 0 || point === length - 1) return undefined;
  return BigInt(digits) * POWERS_OF_TEN[PLACES - Math.max(0, length - point - 1)]!;
}

function readAny(text: string): Decimal {
  const match = PLAIN_DECIMAL.exec(text);
  if (match === null) {
    throw new RangeError(
      `DECIMAL_INVALID: ${JSON.stringify(text)} is not a decimal. ` +
        'Write an optional sign, digits and ' +
        'at most 18 decimals, without exponent or spaces, such as "-0.25".',
    );
  }
  const [, sign = '', whole = '', fraction = ''] = match;
  const units = BigInt(whole + fraction.padEnd(PLACES, '0'));
  return sign === '-' ? -units : units;
}

/** The shortest plain decimal of the value: no exponent, no trailing zeros, never '-0'. */
export function format(value: Decimal): string {
  const quanta = value / CASH_QUANTUM;
  if (quanta <= MAX_SAFE && quanta >= -MAX_SAFE && quanta * CASH_QUANTUM === value) {
    return formatQuanta(Number(quanta));
  }
  const digits = abs(value)
    .toString()
    .padStart(PLACES + 1, '0');
  const point = digits.length - PLACES;
  let end = digits.length;
  while (end > point && digits.charCodeAt(end - 1) === 48) end -= 1;
  const whole = digits.slice(0, point);
  const unsigned = end === point ? whole : `${whole}.${digits.slice(point, end)}`;
  return value < 0n ? `-${unsigned}` : unsigned;
}

// Multiples of 1e-8 that a float64 holds exactly, as nearly all of them are: no digit moves.
function formatQuanta(quanta: number): string {
  const unsigned = Math.abs(quanta);
  const whole = Math.trunc(unsigned / 1e8);
  const rest = unsigned - whole * 1e8;
  const sign = quanta < 0 ? '-' : '';
  if (rest === 0) return `${sign}${whole}`;
  const digits = String(rest).padStart(8, '0');
  let end = 8;
  while (digits.charCodeAt(end - 1) === 48) end -= 1;
  return `${sign}${whole}.${digits.slice(0, end)}`;
}

/**
 * The shortest decimal of a float64. Refuses a number that needs more than 15 significant digits,
 * because only up to 15 does a decimal survive the way through a float64 unchanged.
 */
export function fromNumber(x: number): Decimal {
  // One close is asked for by sizing, risk and ledger in turn.
  if (x === lastNumber) return lastDecimal;
  const value = readNumber(x);
  lastNumber = x;
  lastDecimal = value;
  return value;
}

let lastNumber = 0;
let lastDecimal: Decimal = ZERO;

function readNumber(x: number): Decimal {
  // Dividing integers below 2^53 by a power of ten rounds once, so an equal quotient proves that
  // `quanta / 1e8` is the one decimal of at most 15 digits behind x.
  const quanta = Math.round(x * 1e8);
  if (quanta > -1e15 && quanta < 1e15 && quanta / 1e8 === x) return BigInt(quanta) * CASH_QUANTUM;
  return fromShortestText(x);
}

/** The float64 nearest to the value, ties to even, as `Number(format(value))` gives it. */
export function toNumber(value: Decimal): number {
  // Both operands of each fast division are exact float64s, so it rounds once, as reading text
  // does.
  const quanta = value / CASH_QUANTUM;
  if (quanta <= MAX_SAFE && quanta >= -MAX_SAFE && quanta * CASH_QUANTUM === value) {
    return Number(quanta) / 1e8;
  }
  if (value <= MAX_SAFE && value >= -MAX_SAFE) return Number(value) / 1e18;
  return Number(format(value));
}

/** a × b, half-even at 1e-18. */
export function multiply(a: Decimal, b: Decimal): Decimal {
  const product = a * b;
  const quotient = product / SCALE;
  const remainder = product - quotient * SCALE;
  if (remainder < HALF && remainder > -HALF) return quotient;
  if (remainder === HALF || remainder === -HALF) return toEven(quotient, remainder);
  return remainder > 0n ? quotient + 1n : quotient - 1n;
}

/** a ÷ b, half-even at 1e-18. */
export function divide(a: Decimal, b: Decimal): Decimal {
  return divideHalfEven(a * SCALE, nonZero(b));
}

/** a ÷ b, towards zero at 1e-18. */
export function divideDown(a: Decimal, b: Decimal): Decimal {
  return (a * SCALE) / nonZero(b);
}

/** The largest multiple of `step` that is not above the value. */
export function floorTo(value: Decimal, step: Decimal): Decimal {
  const remainder = value % positive(step);
  return remainder < 0n ? value - remainder - step : value - remainder;
}

/** The smallest multiple of `step` that is not below the value. */
export function ceilTo(value: Decimal, step: Decimal): Decimal {
  const remainder = value % positive(step);
  return remainder > 0n ? value - remainder + step : value - remainder;
}

/** The multiple of `step` nearest to the value; of two equally near, the even multiple. */
export function roundHalfEvenTo(value: Decimal, step: Decimal): Decimal {
  return divideHalfEven(value, positive(step)) * step;
}

/** Half-even to the cash quantum of 1e-8. */
export function roundCash(value: Decimal): Decimal {
  if (value % CASH_QUANTUM === 0n) return value;
  return divideHalfEven(value, CASH_QUANTUM) * CASH_QUANTUM;
}

/** value × rate ÷ 10000, half-even at 1e-18; the rate is a Decimal or a whole number. */
export function bps(value: Decimal, rate: Decimal | number): Decimal {
  if (typeof rate === 'bigint') return divideHalfEven(value * rate, BPS_SCALE);
  if (!Number.isSafeInteger(rate)) {
    throw new RangeError(
      `DECIMAL_INVALID: ${rate} bps is not a whole number. ` +
        'Pass a fraction of a basis point as a Decimal.',
    );
  }
  return divideHalfEven(value * BigInt(rate), TEN_THOUSAND);
}

export function abs(value: Decimal): Decimal {
  return value < 0n ? -value : value;
}

export function min(a: Decimal, b: Decimal): Decimal {
  return a < b ? a : b;
}

export function max(a: Decimal, b: Decimal): Decimal {
  return a > b ? a : b;
}

export function isMultipleOf(value: Decimal, step: Decimal): boolean {
  return value % positive(step) === 0n;
}

/** Decimals needed to write the step exactly: 0.001 → 3, 0.5 → 1, 10 → 0. */
export function decimalsOf(step: Decimal): number {
  const text = format(step);
  const point = text.indexOf('.');
  return point === -1 ? 0 : text.length - point - 1;
}

function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const remainder = numerator - quotient * denominator;
  if (remainder === 0n) return quotient;
  const twice = abs(remainder) * 2n;
  const divisor = abs(denominator);
  if (twice < divisor) return quotient;
  // BigInt division truncates, so a quotient of 0 has lost the sign; the operands still have it.
  const direction = numerator < 0n === denominator < 0n ? 1n : -1n;
  if (twice === divisor) return toEven(quotient, direction);
  return quotient + direction;
}

function toEven(quotient: bigint, direction: bigint): bigint {
  if ((quotient & 1n) === 0n) return quotient;
  return direction > 0n ? quotient + 1n : quotient - 1n;
}

function fromShortestText(x: number): Decimal {
  const match = SHORTEST_FLOAT.exec(String(x));
  if (match === null) throw precisionError(x, 'is not a finite number');
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant.length > MAX_SIGNIFICANT_DIGITS) {
    throw precisionError(x, `needs ${significant.length} significant digits, the most is 15`);
  }
  const decimals = fraction.length - Number(exponent) - (digits.length - significant.length);
  if (decimals > PLACES) throw precisionError(x, `needs ${decimals} decimals, the most is 18`);
  const units = BigInt(significant) * 10n ** BigInt(PLACES - decimals);
  return sign === '-' ? -units : units;
}

function precisionError(x: number, why: string): RangeError {
  return new RangeError(
    `DATA_PRECISION: ${x} ${why}. Round the source to the instrument's tick or lot size.`,
  );
}

function nonZero(divisor: Decimal): Decimal {
  if (divisor === 0n) {
    throw new RangeError(
      'DECIMAL_DIVISION_BY_ZERO: the divisor is 0. Check it before the division.',
    );
  }
  return divisor;
}

function positive(step: Decimal): Decimal {
  if (step <= 0n) {
    throw new RangeError(`DECIMAL_STEP_INVALID: the step ${format(step)} is not above 0.`);
  }
  return step;
}
