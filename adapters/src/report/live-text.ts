// What a person reads when a live run has ended, with the command that runs the same in a backtest
// (R24).
import type { Warning } from '../api/setup.js';

export interface LiveEnd {
  readonly schema: 'runner.live/1';
  readonly session_id: string;
  readonly session_dir: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly timeframe: string;
  readonly start: 'cold' | 'warm';
  /** `end_of_data`, the signal that ended the run, or `nothing_new`: there was no run. */
  readonly cause: string;
  readonly bars: number;
  readonly last_bar_ms: number | null;
  readonly final_equity: string;
  readonly fees: string;
  readonly funding: string;
  readonly closed_positions: number;
  readonly open_positions: readonly { readonly side: string; readonly qty: string }[];
  readonly working_orders: number;
  readonly intents: {
    readonly accepted: number;
    readonly denied: Readonly<Record<string, number>>;
  };
  readonly warnings: readonly Warning[];
  readonly result_hash: string;
  readonly config_hash: string;
  readonly comparison: string;
  /** What the run has packed at its end; null = nothing, omitted = it never does. */
  readonly bundle?: string | null;
}

export function liveText(end: LiveEnd): string {
  const last = end.last_bar_ms === null ? 'none' : new Date(end.last_bar_ms).toISOString();
  const open = end.open_positions.map(({ side, qty }) => `${side} ${qty}`).join(', ');
  const denied = Object.entries(end.intents.denied).map(([code, count]) => `${code} ${count}`);
  return [
    `${end.strategy} on ${end.symbol} ${end.timeframe}: ${howItEnded(end)}`,
    `  Bars           ${end.bars}, last closed ${last}`,
    `  Equity         ${end.final_equity}`,
    `  Positions      ${end.closed_positions} closed, open: ${open || 'none'}`,
    `  Working orders ${end.working_orders}`,
    `  Intents        ${end.intents.accepted} accepted, denied: ${denied.join(', ') || 'none'}`,
    `  Result         ${end.result_hash.slice(0, 16)}`,
    ...end.warnings.map(({ code, message }) => `warning ${code}: ${message}`),
    `session ${end.session_dir}`,
    ...(end.bundle === undefined ? [] : [`bundle ${end.bundle ?? 'none was written'}`]),
    `compare with    ${end.comparison}`,
    '',
  ].join('\n');
}

function howItEnded({ start, cause }: LiveEnd): string {
  return cause === 'nothing_new'
    ? 'nothing new in the file, the session stays as it was'
    : `${start} start, ended by ${cause}`;
}
