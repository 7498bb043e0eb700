// What the times of bars say: their order, their timeframe, and where bars are missing.
import { rowError } from './bar-source.js';
import type { BarSource } from './bar-source.js';
import type { BarColumns } from './columns.js';
import { dataError, isoTime } from './data-error.js';
import {
  DAY_MS,
  formatDuration,
  formatTimeframe,
  isStandardTimeframe,
  STANDARD_TIMEFRAMES,
} from './timeframe.js';

export interface Gaps {
  /** Number of places where bars are missing. */
  readonly count: number;
  readonly missingBars: number;
  /** Longest stretch without bars. */
  readonly largestMs: number;
  /** Open time of the first missing bar. */
  readonly firstMs?: number;
}

/** Throws unless every time is later than the one before. */
export function checkOrder(times: Float64Array, source: BarSource): void {
  for (let row = 1; row < times.length; row++) {
    const time = times[row] as number;
    const before = times[row - 1] as number;
    if (time > before) continue;
    if (time === before) {
      throw rowError(source, row, {
        code: 'DATA_DUPLICATE_TIME',
        message: `time ${isoTime(time)} was already on line ${source.lineOf(row - 1)}`,
        why: 'There is one bar per time',
        next: 'delete one of the two rows',
      });
    }
    const isReversed = (times.at(-1) as number) < (times[0] as number);
    throw rowError(source, row, {
      code: 'DATA_UNSORTED',
      message:
        `time ${isoTime(time)} is before ${isoTime(before)} on line ` + source.lineOf(row - 1),
      why: isReversed ? 'The file runs newest first' : 'Bars must be in order of time',
      next: 'sort the rows by time, oldest first',
    });
  }
}

/** The median distance between ascending times; undefined for fewer than two. */
export function medianSpacing(times: Float64Array): number | undefined {
  if (times.length < 2) return undefined;
  const usual = (times[1] as number) - (times[0] as number);
  let usualCount = 0;
  for (let row = 1; row < times.length; row++) {
    if ((times[row] as number) - (times[row - 1] as number) === usual) usualCount++;
  }
  // What more than half of them share is the median, and sorting a million numbers is slow.
  if (usualCount * 2 > times.length) return usual;
  const spacings = times.slice(1);
  for (let row = 1; row < times.length; row++) {
    spacings[row - 1] = (times[row] as number) - (times[row - 1] as number);
  }
  return spacings.toSorted()[Math.floor(spacings.length / 2)];
}

/** The timeframe the times have, when nobody has said it. */
export function inferTimeframe(times: Float64Array, path: string): number {
  const spacing = medianSpacing(times);
  if (spacing !== undefined && isStandardTimeframe(spacing)) return spacing;
  const message =
    spacing === undefined
      ? 'one bar does not show its timeframe'
      : `bars are usually ${formatDuration(spacing)} apart, which is no standard timeframe`;
  throw dataError(path, {
    code: 'DATA_MALFORMED',
    message,
    why: `Standard are ${STANDARD_TIMEFRAMES.join(', ')}`,
    next: 'say it: --timeframe 1h',
    context: { spacingMs: spacing },
  });
}

/** Throws when the said timeframe is not the one that the times have. */
export function checkTimeframe(
  times: Float64Array,
  timeframeMs: number,
  gaps: 'refuse' | 'allow',
  path: string,
): void {
  const spacing = medianSpacing(times);
  if (spacing === undefined || spacing === timeframeMs) return;
  if (spacing > timeframeMs && (gaps === 'allow' || timeframeMs >= DAY_MS)) return;
  const next = isStandardTimeframe(spacing)
    ? `use --timeframe ${formatTimeframe(spacing)}, or the file with ` +
      `${formatTimeframe(timeframeMs)} bars`
    : `use a file with ${formatTimeframe(timeframeMs)} bars`;
  throw dataError(path, {
    code: 'DATA_MALFORMED',
    message:
      `bars are ${formatDuration(spacing)} apart, ` +
      `the timeframe is ${formatTimeframe(timeframeMs)}`,
    next,
    context: { spacingMs: spacing, timeframeMs },
  });
}

/** Measures the gaps; throws for a bar off the grid that the first bar and the timeframe set. */
export function findGaps(columns: BarColumns, timeframeMs: number, source: BarSource): Gaps {
  const times = columns.openMs;
  let count = 0;
  let missingBars = 0;
  let largestMs = 0;
  let firstRow = 0;
  for (let row = 1; row < times.length; row++) {
    const spacing = (times[row] as number) - (times[row - 1] as number);
    if (spacing === timeframeMs) continue;
    if (spacing % timeframeMs !== 0) throw offGrid(times, row, timeframeMs, source);
    if (count++ === 0) firstRow = row;
    missingBars += spacing / timeframeMs - 1;
    largestMs = Math.max(largestMs, spacing - timeframeMs);
  }
  if (count === 0) return { count, missingBars, largestMs };
  return { count, missingBars, largestMs, firstMs: (times[firstRow - 1] as number) + timeframeMs };
}

function offGrid(times: Float64Array, row: number, timeframeMs: number, source: BarSource): Error {
  const time = times[row] as number;
  const before = times[row - 1] as number;
  const timeframe = formatTimeframe(timeframeMs);
  return rowError(source, row, {
    code: 'DATA_MALFORMED',
    message: `time ${isoTime(time)} is ${formatDuration(time - before)} after ${isoTime(before)}`,
    why: `Bars of ${timeframe} are a multiple of ${timeframe} apart`,
    next: `delete or correct the row; dates of daily bars need no time of day`,
  });
}

/** Gaps inside a day are refused unless allowed; weekends and holidays between days are normal. */
export function refuseGaps(
  columns: BarColumns,
  gaps: Gaps,
  timeframeMs: number,
  source: BarSource,
  isInferred = false,
): void {
  if (gaps.firstMs === undefined || timeframeMs >= DAY_MS) return;
  const { openMs } = columns;
  const before = openMs.indexOf(gaps.firstMs - timeframeMs);
  const lengthMs = (openMs[before + 1] as number) - gaps.firstMs;
  const bars = lengthMs / timeframeMs;
  const places = gaps.count === 1 ? '1 gap' : `${gaps.count} gaps`;
  const timeframe = formatTimeframe(timeframeMs);
  const taken = `. The timeframe ${timeframe} was taken from how far bars are usually apart`;
  throw rowError(source, before + 1, {
    code: 'DATA_GAP',
    message:
      `${bars} ${bars === 1 ? 'bar is' : 'bars are'} missing ` +
      `from ${isoTime(gaps.firstMs)} (${formatDuration(lengthMs)})`,
    why:
      `The file has ${places}, ${gaps.missingBars} bars in all, ` +
      `the longest ${formatDuration(gaps.largestMs)}${isInferred ? taken : ''}`,
    next:
      'fill the gap from the source, or accept it: --gaps allow' +
      (isInferred ? '; or say another --timeframe' : ''),
    context: { ...gaps },
  });
}
