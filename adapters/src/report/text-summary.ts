// The summary that a person reads after a backtest. One screen; everything else is in --json.
import type { Report } from '@strategy-runner/contracts';

const WIDTH = 22;

export function textSummary(report: Report): string {
  const { strategy, data, metrics } = report;
  const quote = quoteOf(data.symbol);
  const lines = [
    `${strategy.id} ${strategy.version} on ${data.symbol} ${data.timeframe}`,
    `${iso(data.from_ms)} to ${iso(data.to_ms)}, ${group(data.bars)} bars`,
    '',
    row('Final equity', `${money(report.final_equity)} ${quote}`, from(report, quote)),
    row('Net profit', money(metrics['net_profit']), percent(metrics['total_return'])),
    row('Max drawdown', percent(metrics['max_drawdown']), duration(metrics)),
    ratioRow('CAGR', 'cagr', report, percent),
    ratioRow('Sharpe', 'sharpe', report, fixed),
    ratioRow('Sortino', 'sortino', report, fixed),
    ratioRow('Calmar', 'calmar', report, fixed),
    row('Exposure', percent(metrics['exposure']), 'of bars with a position'),
    '',
    row('Trades', group(metrics['trades'] ?? 0), openText(report)),
    ratioRow('Win rate', 'win_rate', report, percent),
    ratioRow('Profit factor', 'profit_factor', report, fixed),
    ratioRow('Expectancy', 'expectancy', report, money),
    ratioRow('SQN', 'sqn', report, fixed),
    '',
    row('Fees', money(report.costs.fees), ''),
    row('Funding', money(report.costs.funding), 'received positive'),
    row('Slippage', money(report.costs.slippage), 'inside the fill prices'),
    row('Intents', `${group(report.intents.accepted)} accepted`, deniedText(report)),
  ];
  for (const { code, message } of report.warnings) lines.push(`warning ${code}: ${message}`);
  lines.push(
    '',
    `result ${report.result_hash.slice(0, 16)}  config ${report.config_hash.slice(0, 16)}`,
  );
  if (report.run.session_dir !== null) lines.push(`session ${report.run.session_dir}`);
  return `${lines.join('\n')}\n`;
}

function row(label: string, value: string, note: string): string {
  return `  ${label.padEnd(WIDTH - 8)}${value.padStart(WIDTH)}  ${note}`.trimEnd();
}

function ratioRow(
  label: string,
  name: string,
  report: Report,
  show: (value: number) => string,
): string {
  const value = report.metrics[name];
  if (value !== null && value !== undefined) return row(label, show(value), '');
  return row(label, 'N/A', report.metrics_na[name] ?? '');
}

function from(report: Report, quote: string): string {
  return `from ${money(report.initial_equity)} ${quote}`;
}

function openText(report: Report): string {
  const open = report.open_positions;
  if (open.length === 0) return '';
  const each = open.map(
    ({ side, qty, unrealized_pnl }) => `${side} ${qty} (${money(unrealized_pnl)})`,
  );
  return `still open: ${each.join(', ')}`;
}

function deniedText(report: Report): string {
  const denied = Object.entries(report.intents.denied);
  if (denied.length === 0) return '';
  return `denied: ${denied.map(([code, count]) => `${code} ${count}`).join(', ')}`;
}

function duration(metrics: Report['metrics']): string {
  const ms = metrics['max_drawdown_duration_ms'] ?? null;
  if (ms === null) return '';
  const hours = ms / 3_600_000;
  return hours < 48
    ? `longest ${hours.toFixed(1)} hours`
    : `longest ${(hours / 24).toFixed(1)} days`;
}

function quoteOf(symbol: string): string {
  return /\/([^:]+)/.exec(symbol)?.[1] ?? '';
}

function money(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return 'N/A';
  const [whole = '0', cents = ''] = Number(value).toFixed(2).split('.');
  return `${grouped(whole)}.${cents}`;
}

function grouped(whole: string): string {
  return whole.replace(/\B(?=(\d{3})+$)/g, ',');
}

function group(value: number): string {
  return grouped(String(value));
}

function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? 'N/A' : `${(value * 100).toFixed(2)} %`;
}

function fixed(value: number): string {
  return value.toFixed(2);
}

function iso(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
