// What a person reads of a comparison: both results, every cause with its share, the legs that
// differ, and what no cause explains.
import { type Attribution, type Decimal, type LegRow, ZERO, format } from '@strategy-runner/core';

export interface ComparisonHead {
  readonly session: string;
  readonly strategy: string;
  readonly source: string;
  readonly order: 'forward' | 'reverse';
  readonly bars: number;
}

const LEGS_SHOWN = 20;

export function comparisonText(head: ComparisonHead, attribution: Attribution): string {
  const { channels, total, residual, liveEquity, backtestEquity, legs } = attribution;
  const bars = `${head.bars} bars, ${head.source}`;
  const width = Math.max(...channels.map(({ channel }) => channel.length), 8);
  return [
    `${head.session}  ${head.strategy} against its backtest (${bars})`,
    `  Live            ${format(liveEquity)}`,
    `  Backtest        ${format(backtestEquity)}`,
    `  Live - backtest ${signed(total)}`,
    `Causes, ${head.order === 'forward' ? 'in their order' : 'in reverse order'}:`,
    ...channels.map(({ channel, amount }) => `  ${channel.padEnd(width)}  ${signed(amount)}`),
    `  ${'residual'.padEnd(width)}  ${signed(residual)}`,
    ...differenceOf(attribution),
    ...legsOf(legs),
    ...scoreOf(attribution),
    '',
  ].join('\n');
}

function signed(amount: Decimal): string {
  return amount > ZERO ? `+${format(amount)}` : format(amount);
}

function differenceOf({ firstDifference }: Attribution): readonly string[] {
  if (firstDifference === null) return [];
  const { intentId, leg, live, counterfactual } = firstDifference;
  return [
    `NOT explained from ${intentId}/${leg} on:`,
    `  live            ${live ?? 'no fill'}`,
    `  counterfactual  ${counterfactual ?? 'no fill'}`,
  ];
}

function legsOf(legs: readonly LegRow[]): readonly string[] {
  const count = (status: LegRow['status']): number =>
    legs.filter((leg) => leg.status === status).length;
  const differing = legs.filter(isDifferent);
  const lines = differing.slice(0, LEGS_SHOWN).map(legLine);
  const more = differing.length - lines.length;
  return [
    `Legs: ${count('matched')} matched, ${count('missed')} missed, ${count('extra')} extra` +
      (differing.length === 0 ? ', all alike' : ''),
    ...lines,
    ...(more > 0 ? [`  and ${more} more (--json has all)`] : []),
  ];
}

function isDifferent({ status, difference }: LegRow): boolean {
  if (status !== 'matched' || difference === null) return true;
  const { timeMs, price, quantity, fee } = difference;
  return timeMs !== 0 || price !== ZERO || quantity !== ZERO || fee !== ZERO;
}

function legLine({ status, intentId, leg, side, live, backtest, difference }: LegRow): string {
  const name = `${intentId}/${leg} ${side}`;
  if (difference === null) {
    const { quantity, price } = (live ?? backtest)!;
    return `  ${status.padEnd(7)} ${name} ${format(quantity)} at ${format(price)}`;
  }
  const { timeMs, price, quantity, fee } = difference;
  const parts = [
    ...(timeMs === 0 ? [] : [`time ${timeMs > 0 ? '+' : ''}${timeMs / 1000} s`]),
    ...(price === ZERO ? [] : [`price ${signed(price)}`]),
    ...(quantity === ZERO ? [] : [`size ${signed(quantity)}`]),
    ...(fee === ZERO ? [] : [`fee ${signed(fee)}`]),
  ];
  return `  matched ${name}: ${parts.join(', ')}`;
}

function scoreOf({ score }: Attribution): readonly string[] {
  const { returnsCorrelation, annualDtwDistance, driftBpsPerDay, liveSlippageBps } = score;
  const slippage =
    liveSlippageBps === null
      ? 'N/A'
      : `p50 ${liveSlippageBps.p50} p95 ${liveSlippageBps.p95} p99 ${liveSlippageBps.p99} bps`;
  return [
    `Returns correlation ${figure(returnsCorrelation, 4)}, ` +
      `annual DTW distance ${figure(annualDtwDistance, 4)}`,
    `Drift ${figure(driftBpsPerDay, 2)} bps a day, live slippage ${slippage}`,
  ];
}

function figure(value: number | null, digits: number): string {
  return value === null ? 'N/A' : value.toFixed(digits);
}
