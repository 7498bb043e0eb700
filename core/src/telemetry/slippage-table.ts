// Slippage and latency of many orders, summed up: one line per group, quantiles per figure.
import { type LegSlippage, latenciesOf, stepsOf, takerBpsOf } from './leg-slippage.js';
import { type Quantiles, quantilesOf } from './quantiles.js';

export const SLIPPAGE_GROUPINGS = ['symbol', 'side', 'type', 'hour', 'liquidity'] as const;
export type SlippageGrouping = (typeof SLIPPAGE_GROUPINGS)[number];

export const SLIPPAGE_FIGURES = [
  'decision_to_arrival_bps',
  'arrival_to_submit_bps',
  'submit_to_fill_bps',
  'total_bps',
  'taker_bps',
  'decided_to_sent_ms',
  'sent_to_acked_ms',
  'acked_to_filled_ms',
] as const;
export type SlippageFigure = (typeof SLIPPAGE_FIGURES)[number];

export interface SlippageGroup {
  /** `all`, or the value that its orders have in common. */
  readonly group: string;
  readonly orders: number;
  readonly figures: Readonly<Record<SlippageFigure, Quantiles>>;
}

/** All orders first, then group by group in the order of their names. */
export function slippageTable(
  rows: readonly LegSlippage[],
  by?: SlippageGrouping,
): readonly SlippageGroup[] {
  const all = groupOf('all', rows);
  if (by === undefined) return [all];
  const groups = new Map<string, LegSlippage[]>();
  for (const row of rows) {
    const name = nameOf(row, by);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  const names = [...groups.keys()].sort();
  return [all, ...names.map((name) => groupOf(name, groups.get(name)!))];
}

function nameOf(row: LegSlippage, by: SlippageGrouping): string {
  return by === 'hour' ? String(row.hour).padStart(2, '0') : row[by];
}

function groupOf(group: string, rows: readonly LegSlippage[]): SlippageGroup {
  const values = rows.map(figuresOf);
  const quantiles = (figure: SlippageFigure): Quantiles =>
    quantilesOf(values.flatMap((value) => value[figure] ?? []));
  const figures = Object.fromEntries(
    SLIPPAGE_FIGURES.map((figure) => [figure, quantiles(figure)]),
  ) as Record<SlippageFigure, Quantiles>;
  return { group, orders: rows.length, figures };
}

/** Null where the figure does not exist for the order. */
export function figuresOf(row: LegSlippage): Readonly<Record<SlippageFigure, number | null>> {
  const steps = stepsOf(row);
  const { decidedToSentMs, sentToAckedMs, ackedToFilledMs } = latenciesOf(row);
  return {
    decision_to_arrival_bps: steps?.decisionToArrival ?? null,
    arrival_to_submit_bps: steps?.arrivalToSubmit ?? null,
    submit_to_fill_bps: steps?.submitToFill ?? null,
    total_bps: steps?.total ?? null,
    taker_bps: takerBpsOf(row),
    decided_to_sent_ms: decidedToSentMs,
    sent_to_acked_ms: sentToAckedMs,
    acked_to_filled_ms: ackedToFilledMs,
  };
}
