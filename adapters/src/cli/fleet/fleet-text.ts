// The table of runs for people, and the document for machines.
import type { RunStanding } from './supervisor.js';

const HEADER = ['run', 'account', 'symbol', 'state', 'session', 'exit', 'restarts'] as const;

export function tableOf(standings: readonly RunStanding[]): string {
  return columns([HEADER, ...standings.map(rowOf)]);
}

/** Lines of cells, each as wide as its widest. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  const lines = rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at]!)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** The table, and below it why a run could not go on. */
export function endText(standings: readonly RunStanding[]): string {
  const reasons = standings.flatMap(({ name, state, end }) =>
    state === 'ended' || end?.error === null || end === null ? [] : [`${name}: ${end.error}\n`],
  );
  return `${tableOf(standings)}${reasons.join('')}`;
}

export function endDocument(standings: readonly RunStanding[], status: number): string {
  const runs = standings.map((standing) => ({
    ...summaryOf(standing),
    exit: standing.end === null ? null : standing.end.status,
    signal: standing.end?.signal ?? null,
    error: standing.end?.error ?? null,
    end: standing.end?.document ?? null,
  }));
  return `${JSON.stringify({ schema: 'runner.runs/1', exit: status, runs })}\n`;
}

export function summaryOf(standing: RunStanding) {
  const { name, exchange, account, symbol, state, session, restarts } = standing;
  return { name, exchange, account, symbol, state, session, restarts };
}

function rowOf(standing: RunStanding): readonly string[] {
  const { name, exchange, account, symbol, state, session, restarts } = standing;
  const what = [name, `${exchange} ${account}`, symbol ?? '-', state, session ?? '-'];
  return [...what, exitOf(standing), String(restarts)];
}

function exitOf({ end }: RunStanding): string {
  if (end === null) return '-';
  return end.signal ?? String(end.status);
}
