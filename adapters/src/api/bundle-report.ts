// The page of a bundle that a person reads first: what ran, how it ended, what it came to, and
// whether the journal is sound. It says nothing that depends on when or where it was made.
import type { SessionMetadata } from '@strategy-runner/contracts';
import type { SessionMetrics } from './bundle-metrics.js';
import type { SessionVerdict } from './verify-session.js';

/** What a copy of a session shows. */
export interface Findings {
  verdict?: SessionVerdict;
  metrics?: SessionMetrics;
  /** It was not looked at to its end: nobody wanted to wait that long. */
  isCutShort: boolean;
}

export function bundleReport(metadata: SessionMetadata, findings: Findings): string {
  const { metrics } = findings;
  const { strategy, data, timeframe, runs } = metadata;
  return [
    `session   ${metadata.session_id}`,
    `what      ${metadata.kind}, ${strategy.id} ${strategy.version} on ${data.symbol} ${timeframe}`,
    `exchange  ${metadata.exchange}, account ${metadata.account}`,
    `began     ${metadata.started_at}`,
    `ended     ${metadata.ended_at ?? 'not yet'}`,
    `host      ${metadata.host_version}, contract ${metadata.contract_version}`,
    `code      ${strategy.code_hash}`,
    `config    ${metadata.config_hash}`,
    ...runs.map(
      ({ run, started_at, start, exit }) =>
        `run ${run}     ${started_at}, ${start} start, ${exit ?? 'no end recorded'}`,
    ),
    `journal   ${soundness(findings)}`,
    ...(metrics === undefined ? [] : numbers(metrics)),
    '',
  ].join('\n');
}

function soundness({ verdict, isCutShort }: Findings): string {
  if (verdict === undefined && isCutShort) return 'not verified: there was no time for it';
  if (verdict === undefined) return 'none: the bundle has a trace only';
  const { rows, head, finding } = verdict;
  if (finding === undefined) return `sound, ${rows} rows, head ${head?.hash ?? 'none'}`;
  const where = finding.seq === null ? '' : `row ${finding.seq}: `;
  return `NOT sound: ${finding.part}: ${where}${finding.what}`;
}

function numbers(metrics: SessionMetrics): readonly string[] {
  const { intents, costs, positions } = metrics;
  const denied = Object.entries(intents.denied).map(([code, count]) => `${code} ${count}`);
  return [
    '',
    `bars      ${metrics.bars}`,
    `equity    ${metrics.initial_equity} -> ${metrics.final_equity}, cash ${metrics.cash}`,
    `costs     fees ${costs.fees}, funding ${costs.funding}, slippage ${costs.slippage}`,
    `positions ${positions.closed} closed, ${positions.open} open`,
    `orders    ${metrics.working_orders} working`,
    `intents   ${intents.accepted} accepted, denied: ${denied.join(', ') || 'none'}`,
    '',
    ...Object.entries(metrics.metrics).map(
      ([name, value]) => `${name.padEnd(28)} ${value ?? 'not available'}`,
    ),
  ];
}
