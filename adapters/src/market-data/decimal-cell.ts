// Decimal numbers of a CSV cell. The byte reader is exact for up to 15 digits, because an integer
// below 1e15 divided by a power of ten up to 1e15 is correctly rounded; all else goes by Number().

const POWERS_OF_TEN = Float64Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`));

const MAX_EXACT_DIGITS = 15;

const ZERO = 48;
const DOT = 46;

/**
 * Reads plain digits with an optional point at `position` into `out[index]`. Answers the position
 * after the number, or -1 when the cell needs `parseDecimal` (sign, exponent, > 15 digits, no
 * digit).
 */
export function readDecimal(
  bytes: Uint8Array,
  position: number,
  out: Float64Array,
  index: number,
): number {
  let at = position;
  let mantissa = 0;
  let decimals = 0;
  let digit = (bytes[at] as number) - ZERO;
  while (digit >= 0 && digit <= 9) {
    mantissa = (Math.imul(mantissa, 10) + digit) | 0;
    digit = (bytes[++at] as number) - ZERO;
  }
  let digits = at - position;
  if (digit === DOT - ZERO) {
    const start = ++at;
    digit = (bytes[at] as number) - ZERO;
    while (digit >= 0 && digit <= 9) {
      mantissa = (Math.imul(mantissa, 10) + digit) | 0;
      digit = (bytes[++at] as number) - ZERO;
    }
    decimals = at - start;
    digits += decimals;
  }
  if (digits === 0 || digits > MAX_EXACT_DIGITS) return -1;
  // Integer arithmetic is twice as fast but wraps from ten digits on; such cells are read again.
  const exact = digits < 10 ? mantissa : joinDigits(bytes, position, at);
  out[index] = decimals === 0 ? exact : exact / (POWERS_OF_TEN[decimals] as number);
  return at;
}

/** The digits between the positions as one integer, a point among them left out. */
function joinDigits(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit >= 0) value = value * 10 + digit;
  }
  return value;
}

/** Any decimal or exponent number; NaN for everything else, infinities and hexadecimal included. */
export function parseDecimal(text: string): number {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number.NaN;
  const value = Number(text);
  // Adding zero turns -0 into 0, so that equal bars have equal bytes.
  return Number.isFinite(value) ? value + 0 : Number.NaN;
}

export interface DecimalShape {
  /** Significant digits of the shortest decimal. */
  readonly digits: number;
  /** Digits after the point of the shortest decimal. */
  readonly decimals: number;
}

/** The shape of the shortest decimal that reads back as this float64. */
export function shapeOf(value: number): DecimalShape {
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '').length;
  return { digits, decimals: Math.max(0, digits - 1 - Number(exponent)) };
}

/**
 * A decimal as exact plain text: exponent expanded, no plus sign, a digit before the point;
 * trailing zeros stay as written. Undefined when it is not a number or would exceed 40 digits.
 */
export function plainDecimal(text: string): string | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text);
  if (match === null) return undefined;
  const whole = match[2] ?? '';
  const fraction = match[3] ?? '';
  const shift = Number(match[4] ?? '0');
  const digits = whole + fraction;
  if (digits === '' || digits.length + Math.abs(shift) > 40) return undefined;
  const point = whole.length + shift;
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0');
  const at = Math.max(0, point);
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '') || '0';
  const right = padded.slice(at);
  const plain = right === '' ? left : `${left}.${right}`;
  return match[1] === '-' && /[1-9]/.test(plain) ? `-${plain}` : plain;
}
