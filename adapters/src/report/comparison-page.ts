// The comparison as one page that needs nothing else: both equities over each other, the gap
// between them, the causes as a waterfall from backtest to live, and slippage against its model.
import { type Decimal, format, toNumber } from '@strategy-runner/core';
import type { SessionComparison } from '../api/compare-session.js';
import type { ModelAgainst } from '../api/slippage-document.js';
import { againstLines } from '../api/slippage-text.js';
import { type ComparisonHead, comparisonText } from './comparison-text.js';
import { HEIGHT, PAD, WIDTH, escaped, round, scale, svg } from './drawing.js';
import { SLIPPAGE_CHART_CSS, slippageChart } from './slippage-chart.js';

/** With a slippage model, what it had predicted stands beside what live has paid. */
export function comparisonPage(
  head: ComparisonHead,
  compared: SessionComparison,
  against?: ModelAgainst,
): string {
  const { attribution, live } = compared;
  const { backtestCurve } = attribution;
  const lived = live.equity.map(toNumber);
  const tested = backtestCurve.equity.map(toNumber);
  const byTime = new Map(backtestCurve.times.map((time, i) => [time, tested[i]!]));
  const gap = live.times.map((time, i) => lived[i]! - (byTime.get(time) ?? lived[i]!));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escaped(head.session)}: live and backtest</title>
<style>
body { font: 14px/1.5 system-ui, sans-serif; color: #1b1f24; }
body { max-width: ${WIDTH}px; margin: 2rem auto; }
svg { width: 100%; height: auto; background: #fafbfc; border: 1px solid #d9dee3; }
h2 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
pre { overflow-x: auto; background: #fafbfc; border: 1px solid #d9dee3; padding: .75rem; }
.live { stroke: #0b6bcb; fill: none; stroke-width: 1.5; }
.backtest { stroke: #b54708; fill: none; stroke-width: 1.5; stroke-dasharray: 5 3; }
.gap { stroke: #6941c6; fill: none; stroke-width: 1.5; }
.up { fill: #12805c; } .down { fill: #c4320a; } .end { fill: #667085; }
.zero { stroke: #98a2b3; stroke-width: 1; }
${SLIPPAGE_CHART_CSS}
text { font: 11px system-ui, sans-serif; fill: #344054; }
</style>
</head>
<body>
<h1>${escaped(head.strategy)}: live and its backtest</h1>
<p>${escaped(head.session)}, ${head.bars} bars, ${escaped(head.source)}</p>
<h2>Equity: live (solid), backtest (dashed)</h2>
${chart([
  { points: series(live.times, lived), css: 'live' },
  { points: series(backtestCurve.times, tested), css: 'backtest' },
])}
<h2>Live less backtest</h2>
${chart([{ points: series(live.times, gap), css: 'gap' }], true)}
<h2>From backtest to live, cause by cause</h2>
${waterfall(attribution)}
${against === undefined ? '' : slippageChart(against)}<h2>In words</h2>
<pre>${escaped([comparisonText(head, attribution), ...modelLines(against)].join(''))}</pre>
</body>
</html>
`;
}

function modelLines(against: ModelAgainst | undefined): readonly string[] {
  return against === undefined ? [] : againstLines(against).map((line) => `${line}\n`);
}

type Point = readonly [x: number, y: number];

interface Line {
  readonly points: readonly Point[];
  readonly css: string;
}

function series(times: readonly number[], values: readonly number[]): readonly Point[] {
  return times.map((time, i) => [time, values[i]!] as const);
}

function chart(lines: readonly Line[], isZeroShown = false): string {
  const all = lines.flatMap(({ points }) => points);
  if (all.length === 0) return '<p>No bars.</p>';
  const ys = [...all.map(([, y]) => y), ...(isZeroShown ? [0] : [])];
  const x = scale(
    all.map(([time]) => time),
    PAD,
    WIDTH - PAD,
  );
  const y = scale(ys, HEIGHT - PAD, PAD);
  const paths = lines.map(({ points, css }) => {
    const d = points.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${x(px)} ${y(py)}`).join('');
    return `<path class="${css}" d="${d}"/>`;
  });
  const zero = isZeroShown ? `<path class="zero" d="M${PAD} ${y(0)}H${WIDTH - PAD}"/>` : '';
  const top = figure(Math.max(...ys));
  const bottom = figure(Math.min(...ys));
  const labels = [
    `<text x="${PAD}" y="${PAD + 8}">${top}</text>`,
    `<text x="${PAD}" y="${HEIGHT - 4}">${bottom}</text>`,
  ];
  return svg([zero, ...paths, ...labels]);
}

function waterfall({
  channels,
  backtestEquity,
  liveEquity,
}: SessionComparison['attribution']): string {
  const steps: { label: string; from: number; to: number; css: string; amount: Decimal }[] = [];
  let at = toNumber(backtestEquity);
  for (const { channel, amount } of channels) {
    const to = at + toNumber(amount);
    steps.push({ label: channel, from: at, to, css: to >= at ? 'up' : 'down', amount });
    at = to;
  }
  const ends = [toNumber(backtestEquity), toNumber(liveEquity)];
  const values = [...steps.flatMap(({ from, to }) => [from, to]), ...ends];
  const y = scale(values, HEIGHT - 40, PAD + 14);
  const width = (WIDTH - 2 * PAD) / steps.length;
  const bars = steps.map(({ label, from, to, css, amount }, i) => {
    const left = PAD + i * width;
    const top = Math.min(y(from), y(to));
    const height = Math.max(1, Math.abs(y(from) - y(to)));
    const middle = left + width / 2;
    const told = toNumber(amount) === 0 ? '' : format(amount);
    return [
      `<rect class="${css}" x="${round(left + 4)}" y="${top}" width="${round(width - 8)}"`,
      ` height="${round(height)}"><title>${label} ${format(amount)}</title></rect>`,
      `<text x="${round(middle)}" y="${HEIGHT - 22}" text-anchor="middle">${label}</text>`,
      `<text x="${round(middle)}" y="${HEIGHT - 8}" text-anchor="middle">${short(told)}</text>`,
    ].join('');
  });
  return svg(bars);
}

function figure(value: number): string {
  return value.toFixed(2);
}

function short(text: string): string {
  return text.length > 11 ? text.slice(0, 11) : text;
}
