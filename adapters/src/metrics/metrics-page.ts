// The page of all metrics, made from the table so that it cannot say anything else.
import { METRIC_NAMES, type Label, metricOf } from './metric-table.js';

const INTRODUCTION = `# Metrics

Made from \`adapters/src/metrics/metric-table.ts\` by \`node adapters/scripts/metrics-page.mjs\`.

Each paper and live run counts what happens in it. Every \`--metrics-interval\` seconds (15) and
when it ends it leaves a snapshot in its session's folder: \`metrics.prom\` in the text format of
Prometheus, \`metrics.json\` with the same values. A reader never sees half of a file.

\`\`\`bash
npx runner status --metrics            # of the last session, and how old they are
npx runner status <session> --metrics --json
cp sessions/<session>/metrics.prom /var/lib/node_exporter/   # for one that reads text files
\`\`\`

- Names, labels and their values are fixed; a code that is not known counts as \`other\`.
- All of them exist from the first snapshot on. Once a cold start is ready every one reads 0, but
  for the start time, the ages, the money that it began with, and the readings and earlier bars
  that it took.
- Counters begin at 0 with each process. Gauges show what the session holds, after a warm start
  too; drift and divergences read 0 until they are measured again.
- Ages are wall time. Latencies and time without protection are on the venue's clock, which a
  local exchange may run faster. What has not happened in this run yet is as old as the run.
- Money is rounded to a float: it is for a graph, the session holds the exact amounts.
- A process that dies leaves the last snapshot that it wrote. \`status --metrics\` says so once
  that is three intervals old. \`runner bundle\` takes it along as \`run-metrics.json\`.

## Connection that does not hold

A loss of a ready connection counts into \`runner_reconnects_total\`. The alert
\`CONNECTION_UNSTABLE\` is raised at the 5th loss within 10 minutes, \`CONNECTION_DOWN\` when it
has not been ready for 5 minutes: in the log (\`"event":"alert"\`), in the journal, in
\`runner status\` and in \`runner_alerts_total\`. Losses are one alert per episode; another begins
after 10 minutes without a loss. Each outage is one. \`accounts.<name>.alert_reconnects\` sets
\`count\`, \`within_ms\` and \`outage_ms\` ([CONFIG.md](CONFIG.md)).

## Heartbeat of the account

The account is read every \`reconcile_interval_ms\` in a quiet moment, which is waited for three
intervals at most (none of them counts as missed), and each reading is a line
\`"event":"heartbeat"\` in the log with the positions that the exchange shows. \`HEARTBEAT_MISSED\`
is raised at exactly two intervals in a row without a reading, once until there is one again.

## All of them
`;

export function metricsPage(): string {
  const rows = METRIC_NAMES.map((name) => {
    const { type, unit, help, label } = metricOf(name);
    return [`\`${name}\``, type, unit, label === undefined ? '' : labelText(label), help];
  });
  return [INTRODUCTION, table(['metric', 'type', 'unit', 'label', 'meaning'], rows), ''].join('\n');
}

function labelText({ name, values, about }: Label): string {
  return `\`${name}\`: ${about ?? values.join(', ')}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.map((row) => line(row))].join('\n');
}
