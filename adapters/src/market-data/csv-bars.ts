// Loads a CSV file of bars: header, cells, order, timeframe, range, gaps, prices, hash, in that
// order. What it returns has passed every check; a bad file throws one RunnerError that names the
// line.
import { checkBars } from './bar-prices.js';
import { BarParser, IGNORED, TIME } from './bar-parser.js';
import { shiftSource } from './bar-source.js';
import { checkOrder, checkTimeframe, findGaps, inferTimeframe, refuseGaps } from './bar-spacing.js';
import type { Gaps } from './bar-spacing.js';
import { hashColumns } from './column-hash.js';
import { sliceColumns } from './columns.js';
import type { BarColumns } from './columns.js';
import { isBlank, lineEnd, splitCells } from './csv-cells.js';
import { readChunks } from './csv-chunks.js';
import type { Chunk } from './csv-chunks.js';
import { matchHeader, TIME_COLUMN } from './csv-header.js';
import type { WantedColumn } from './csv-header.js';
import { dataError, isoTime } from './data-error.js';
import { settlePrices } from './price-precision.js';
import { readSidecar } from './sidecar.js';
import type { SidecarFilters } from './sidecar.js';
import { formatTimeframe, parseTimeframe } from './timeframe.js';

export interface LoadBarsOptions {
  /** Default: the sidecar's, else inferred from the times. */
  readonly timeframe?: string;
  /** Whether a time in the file is its bar's open (default) or close. */
  readonly timeIs?: 'open' | 'close';
  /** Missing bars below a day: refused by default. */
  readonly gaps?: 'refuse' | 'allow';
  /** First open time to keep, inclusive. */
  readonly fromMs?: number;
  /** Last open time to keep, exclusive. */
  readonly toMs?: number;
}

export interface BarsFile {
  readonly path: string;
  readonly columns: BarColumns;
  readonly timeframe: string;
  readonly timeframeMs: number;
  /** sha256 (hex) of timeframe and columns: the same bars have the same hash in any file. */
  readonly hash: string;
  /** The most decimals any price has; 100.50 has one. */
  readonly priceDecimals: number;
  /** Prices that carried a float residue (1.2065000000000001) and were set to their decimal. */
  readonly cleanedPrices: number;
  readonly gaps: Gaps;
  /** Bars in the file, before the range was cut. */
  readonly rows: number;
  /** False when the file has no volume column; volumes are then 0. */
  readonly hasVolume: boolean;
  readonly synthetic: boolean;
  readonly symbol?: string;
  readonly filters: SidecarFilters;
}

const PRICE_COLUMNS: readonly WantedColumn[] = [
  { role: 'open', names: ['open'] },
  { role: 'high', names: ['high'] },
  { role: 'low', names: ['low'] },
  { role: 'close', names: ['close'] },
  { role: 'volume', names: ['volume'], isOptional: true },
];

export function loadBarsCsv(path: string, options: LoadBarsOptions = {}): BarsFile {
  const sidecar = readSidecar(path);
  const { parser, hasVolume } = parseFile(path);
  const all = parser.columns;
  const source = { path, lineOf: (row: number) => parser.lineOf(row) };
  checkOrder(all.openMs, source);

  const gapRule = options.gaps ?? 'refuse';
  const said = options.timeframe ?? sidecar?.timeframe;
  const timeframeMs = said === undefined ? inferTimeframe(all.openMs, path) : parseTimeframe(said);
  if (said !== undefined) checkTimeframe(all.openMs, timeframeMs, gapRule, path);
  if (options.timeIs === 'close') shiftTimes(all.openMs, -timeframeMs);

  const from = firstAtOrAfter(all.openMs, options.fromMs ?? -Infinity);
  const to = firstAtOrAfter(all.openMs, options.toMs ?? Infinity);
  if (to <= from) throw nothingInRange(path, all, options);
  const columns = sliceColumns(all, from, to);
  const sliceSource = shiftSource(source, from);
  const gaps = findGaps(columns, timeframeMs, sliceSource);
  const isInferred = said === undefined;
  if (gapRule === 'refuse') refuseGaps(columns, gaps, timeframeMs, sliceSource, isInferred);
  const precision = settlePrices(columns, sliceSource);
  checkBars(columns, sliceSource);

  const timeframe = formatTimeframe(timeframeMs);
  return {
    path,
    columns,
    timeframe,
    timeframeMs,
    hash: hashColumns(columns, timeframe),
    priceDecimals: precision.decimals,
    cleanedPrices: precision.cleaned,
    gaps,
    rows: all.length,
    hasVolume,
    synthetic: sidecar?.synthetic ?? false,
    ...(sidecar?.symbol === undefined ? {} : { symbol: sidecar.symbol }),
    filters: sidecar?.filters ?? {},
  };
}

function parseFile(path: string): { parser: BarParser; hasVolume: boolean } {
  let parser: BarParser | undefined;
  let hasVolume = false;
  for (const chunk of readChunks(path)) {
    let start = chunk.start;
    if (parser === undefined) {
      const header = readHeader(path, chunk);
      parser = new BarParser(path, header.roles, 2);
      hasVolume = header.hasVolume;
      start = header.next;
    }
    parser.parse(chunk, start);
  }
  if (parser === undefined || parser.columns.length === 0) {
    throw dataError(path, {
      code: 'DATA_EMPTY',
      message: parser === undefined ? 'the file is empty' : 'there is a header but no bar',
      next: 'use a file with bars, or the bundled data set: --data sample',
    });
  }
  return { parser, hasVolume };
}

function readHeader(
  path: string,
  chunk: Chunk,
): { roles: readonly number[]; hasVolume: boolean; next: number } {
  const end = lineEnd(chunk.bytes, chunk.start, chunk.end);
  const cells = splitCells(chunk.bytes, chunk.start, end);
  if (cells === undefined || isBlank(chunk.bytes, chunk.start, end)) {
    throw dataError(path, {
      code: 'DATA_HEADER',
      message: `the first line is ${cells === undefined ? 'badly quoted' : 'blank'}`,
      next: 'make the first line name the columns: timestamp,open,high,low,close,volume',
    });
  }
  const found = matchHeader(path, cells, [TIME_COLUMN, ...PRICE_COLUMNS]);
  const roles = cells.map(() => IGNORED);
  roles[found.get(TIME_COLUMN.role) as number] = TIME;
  for (const [index, column] of PRICE_COLUMNS.entries()) {
    const at = found.get(column.role);
    if (at !== undefined) roles[at] = TIME + 1 + index;
  }
  return { roles, hasVolume: found.has('volume'), next: end + 1 };
}

function shiftTimes(times: Float64Array, byMs: number): void {
  for (let row = 0; row < times.length; row++) times[row] = (times[row] as number) + byMs;
}

/** The first row whose time is at or after `timeMs`, by bisection. */
function firstAtOrAfter(times: Float64Array, timeMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function nothingInRange(path: string, all: BarColumns, options: LoadBarsOptions): Error {
  const first = isoTime(all.openMs[0] as number);
  const last = isoTime(all.openMs[all.length - 1] as number);
  const from = options.fromMs === undefined ? 'the start' : isoTime(options.fromMs);
  const to = options.toMs === undefined ? 'the end' : isoTime(options.toMs);
  return dataError(path, {
    code: 'DATA_EMPTY',
    message: `no bar opens from ${from} to ${to}`,
    why: `The file has bars from ${first} to ${last}`,
    next: 'change --from or --to',
    context: { fromMs: options.fromMs, toMs: options.toMs },
  });
}
