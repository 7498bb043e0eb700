// A report as it is kept for comparison: what follows from plugin, data and flags, and nothing that
// a build, a machine or a day changes. Trades are one line each, so that a difference can be read.
import type { Report } from '@strategy-runner/contracts';

export interface GoldenReport {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly strategy: string;
  readonly data: Report['data'];
  readonly initial_equity: string;
  readonly final_equity: string;
  readonly result_hash: string;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly costs: Report['costs'];
  readonly intents: Report['intents'];
  readonly warnings: readonly string[];
  readonly open_positions: readonly string[];
  readonly trades: readonly string[];
}

export function goldenOf(report: Report, flags: GoldenReport['flags']): GoldenReport {
  const metrics = Object.entries(report.metrics).map(([name, value]) => [name, tenDigits(value)]);
  return {
    flags,
    strategy: report.strategy.id,
    data: report.data,
    initial_equity: report.initial_equity,
    final_equity: report.final_equity,
    result_hash: report.result_hash,
    metrics: Object.fromEntries(metrics),
    costs: report.costs,
    intents: report.intents,
    warnings: report.warnings.map(({ code, count }) =>
      count === undefined ? code : `${code} ${count}`,
    ),
    open_positions: report.open_positions.map(openLine),
    trades: report.trades.map(tradeLine),
  };
}

/** Metrics are float64: another order of summing may move the last digits, and means nothing. */
function tenDigits(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value.toPrecision(10));
}

const minute = (ms: number): string => new Date(ms).toISOString().slice(0, 16);

function tradeLine(trade: Report['trades'][number]): string {
  const { side, qty, entry_time_ms, entry_price, exit_time_ms, exit_price } = trade;
  const way = `${minute(entry_time_ms)} ${entry_price} -> ${minute(exit_time_ms)} ${exit_price}`;
  const { gross_pnl, fees, funding, pnl, exit_reason, id } = trade;
  const money = `${gross_pnl} - ${fees} + ${funding} = ${pnl}`;
  return `${side} ${qty} ${way} | ${money} | ${exit_reason} | ${id}`;
}

function openLine(position: Report['open_positions'][number]): string {
  const { side, qty, entry_price, mark_price, unrealized_pnl, fees, funding } = position;
  const money = `${unrealized_pnl} - ${fees} + ${funding}`;
  return `${side} ${qty} ${entry_price} -> ${mark_price} | ${money}`;
}

const MAX_DIFFERENCES = 20;

/** One line per difference: where, what was recorded, what came out. Empty when all is equal. */
export function differences(recorded: unknown, actual: unknown): readonly string[] {
  const found = [...walk('', recorded, actual)];
  if (found.length <= MAX_DIFFERENCES) return found;
  return [...found.slice(0, MAX_DIFFERENCES), `and ${found.length - MAX_DIFFERENCES} more`];
}

function* walk(path: string, recorded: unknown, actual: unknown): Generator<string> {
  if (!isContainer(recorded) || !isContainer(actual)) {
    if (Object.is(recorded, actual)) return;
    yield `${path}: recorded ${JSON.stringify(recorded)}, now ${JSON.stringify(actual)}`;
    return;
  }
  const keys = new Set([...Object.keys(recorded), ...Object.keys(actual)]);
  for (const key of keys) yield* walk(`${path}/${key}`, recorded[key], actual[key]);
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
