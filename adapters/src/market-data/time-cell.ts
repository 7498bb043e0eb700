// Times of a CSV cell as epoch milliseconds. Text without a zone is UTC; local time never enters.
// The byte readers take the common forms; `parseTime` takes every accepted form and is the rule.

const ZERO = 48;

// Bounds between epoch units. They meet (1e11 s, 1e11 ms, ...), so that a number has one reading,
// and whatever lies below 1973-03-03 is refused: it is a row number far more often than a time.
const EPOCH_MIN = 1e8;
const SECONDS_MAX = 1e11;
const MILLISECONDS_MAX = 1e14;
const MICROSECONDS_MAX = 1e17;
const NANOSECONDS_MAX = 1e20;

/**
 * Reads an ISO date and time, keeping the last date, because most rows share it with the one
 * before.
 */
export class TimeReader {
  #date = -1;
  #dateMs = 0;

  /** Answers the position after the time, or -1 when the cell needs `parseTime`. */
  read(bytes: Uint8Array, position: number, out: Float64Array, index: number): number {
    return bytes[position + 4] === 45
      ? this.#readIso(bytes, position, out, index)
      : readEpoch(bytes, position, out, index);
  }

  #readIso(bytes: Uint8Array, at: number, out: Float64Array, index: number): number {
    const year = twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2);
    const date = year * 10_000 + twoDigits(bytes, at + 5) * 100 + twoDigits(bytes, at + 8);
    if (date !== this.#date) {
      const dateMs = bytes[at + 7] === 45 ? dateToMs(date) : Number.NaN;
      if (Number.isNaN(dateMs)) return -1;
      this.#date = date;
      this.#dateMs = dateMs;
    } else if (bytes[at + 7] !== 45) return -1;

    const separator = bytes[at + 10];
    if (separator === 44 || separator === 13 || separator === 10) {
      out[index] = this.#dateMs;
      return at + 10;
    }
    if (separator !== 84 && separator !== 32) return -1;
    if (bytes[at + 13] !== 58 || bytes[at + 16] !== 58) return -1;
    const hour = twoDigits(bytes, at + 11);
    const minute = twoDigits(bytes, at + 14);
    const second = twoDigits(bytes, at + 17);
    // Any digit that is none makes its pair hugely negative.
    if (hour < 0 || minute < 0 || second < 0) return -1;
    if (hour > 23 || minute > 59 || second > 59) return -1;
    out[index] = this.#dateMs + ((hour * 60 + minute) * 60 + second) * 1000;
    return afterZeroFraction(bytes, at + 19);
  }
}

const DATE = String.raw`(\d{4})-(\d\d)-(\d\d)`;
const CLOCK = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?`;
const ZONE = String.raw`(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)`;
const ISO_TIME = new RegExp(`^${DATE}(?:[T ]${CLOCK}(?: ?${ZONE})?)?$`, 'i');

/** Epoch milliseconds of any accepted form, or NaN. Parts of a millisecond are dropped. */
export function parseTime(text: string): number {
  const iso = ISO_TIME.exec(text);
  if (iso === null) return parseEpoch(text);
  const dateMs = dateToMs(Number(`${iso[1]}${iso[2]}${iso[3]}`));
  const hour = Number(iso[4] ?? '0');
  const minute = Number(iso[5] ?? '0');
  const second = Number(iso[6] ?? '0');
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN;
  const fractionMs = Number((iso[7] ?? '').padEnd(3, '0').slice(0, 3));
  return dateMs + ((hour * 60 + minute) * 60 + second) * 1000 + fractionMs - offsetMs(iso[8]);
}

function parseEpoch(text: string): number {
  if (!/^\d+(\.\d*)?([eE]\+?\d+)?$/.test(text)) return Number.NaN;
  return epochToMs(Number(text));
}

function readEpoch(bytes: Uint8Array, position: number, out: Float64Array, index: number): number {
  let at = position;
  // Two integers of eight digits are read faster than one float64 of sixteen.
  let high = 0;
  let low = 0;
  let scale = 1;
  let digit = (bytes[at] as number) - ZERO;
  while (digit >= 0 && digit <= 9 && at < position + 8) {
    high = (high * 10 + digit) | 0;
    digit = (bytes[++at] as number) - ZERO;
  }
  while (digit >= 0 && digit <= 9 && at < position + 16) {
    low = (low * 10 + digit) | 0;
    scale = (scale * 10) | 0;
    digit = (bytes[++at] as number) - ZERO;
  }
  // Sixteen digits are microseconds; longer numbers are not exact in float64.
  if (digit >= 0 && digit <= 9) return -1;
  const timeMs = epochToMs(high * scale + low);
  if (Number.isNaN(timeMs)) return -1;
  out[index] = timeMs;
  return at;
}

function epochToMs(value: number): number {
  if (!(value >= EPOCH_MIN)) return Number.NaN;
  if (value < SECONDS_MAX) return Math.floor(value * 1000);
  if (value < MILLISECONDS_MAX) return Math.floor(value);
  if (value < MICROSECONDS_MAX) return Math.floor(value / 1000);
  return value < NANOSECONDS_MAX ? Math.floor(value / 1e6) : Number.NaN;
}

/** Skips '.000' and 'Z' or '+00:00'; -1 when anything there would change the instant. */
function afterZeroFraction(bytes: Uint8Array, position: number): number {
  let at = position;
  if (bytes[at] === 46) {
    const start = ++at;
    while (bytes[at] === ZERO) at++;
    if (at === start) return -1;
  }
  const zone = bytes[at];
  if (zone === 44 || zone === 13 || zone === 10) return at;
  if (zone === 90) return at + 1;
  const isPlusZero =
    zone === 43 &&
    twoDigits(bytes, at + 1) === 0 &&
    bytes[at + 3] === 58 &&
    twoDigits(bytes, at + 4) === 0;
  return isPlusZero ? at + 6 : -1;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - ZERO;
  const ones = (bytes[at + 1] as number) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1e9;
}

/** Midnight UTC of yyyymmdd; NaN when there is no such day. Years before 1900 are refused. */
function dateToMs(date: number): number {
  const month = Math.floor(date / 100) % 100;
  const day = date % 100;
  if (date < 19_000_000 || month < 1 || month > 12 || day < 1) return Number.NaN;
  const dateMs = Date.UTC(Math.floor(date / 10_000), month - 1, day);
  // Date.UTC rolls 30 February over to March.
  return new Date(dateMs).getUTCDate() === day ? dateMs : Number.NaN;
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || !/^[+-]/.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 18 || minutes > 59) return Number.NaN;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
