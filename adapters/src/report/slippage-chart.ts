// Each order that was filled as a taker as a point: what the model had predicted to the right, what
// live has paid upwards. On the dashed line both are the same; above it live paid more.
import type { ModelAgainst } from '../api/slippage-document.js';
import { HEIGHT, PAD, WIDTH, escaped, scale, svg } from './drawing.js';

export const SLIPPAGE_CHART_CSS = `
.same { stroke: #667085; stroke-width: 1; stroke-dasharray: 5 3; }
.buy { fill: #0b6bcb; } .sell { fill: #b54708; } .buy, .sell { fill-opacity: .65; }`.trimStart();

/** Room for figures and words beside the field. */
const [LEFT, BOTTOM, RADIUS] = [70, 34, 4];

export function slippageChart({ model, result }: ModelAgainst): string {
  const name = escaped(model.hash.slice(0, 12));
  const head = `<h2>Slippage: predicted by model ${name}, and paid</h2>`;
  const { legs } = result;
  if (legs.length === 0) return `${head}\n<p>No order was filled as a taker.</p>\n`;
  // One range for both axes, so that equal is a straight line from corner to corner.
  const bps = legs.flatMap(({ predictedBps, realisedBps }) => [predictedBps, realisedBps]);
  const [least, most] = [Math.min(0, ...bps), Math.max(0, ...bps)];
  const x = scale([least, most], LEFT, WIDTH - PAD);
  const y = scale([least, most], HEIGHT - BOTTOM, PAD);
  const points = legs.map(({ row, predictedBps, realisedBps }) => {
    const told = `${row.intentId} ${row.leg}: predicted ${bpsOf(predictedBps)}`;
    const title = `<title>${escaped(`${told}, paid ${bpsOf(realisedBps)} bps`)}</title>`;
    const at = `cx="${x(predictedBps)}" cy="${y(realisedBps)}" r="${RADIUS}"`;
    return `<circle class="${row.side}" ${at}>${title}</circle>`;
  });
  const bottom = HEIGHT - BOTTOM;
  const lines = [
    `<path class="zero" d="M${LEFT} ${y(0)}H${WIDTH - PAD}M${x(0)} ${PAD}V${bottom}"/>`,
    `<path class="same" d="M${x(least)} ${y(least)}L${x(most)} ${y(most)}"/>`,
  ];
  const words = [
    word(LEFT - 6, PAD + 8, 'end', bpsOf(most)),
    word(LEFT - 6, bottom, 'end', bpsOf(least)),
    word(LEFT - 6, (PAD + bottom) / 2, 'end', 'paid, bps'),
    word(LEFT, HEIGHT - PAD, 'start', bpsOf(least)),
    word(WIDTH - PAD, HEIGHT - PAD, 'end', bpsOf(most)),
    word((LEFT + WIDTH) / 2, HEIGHT - PAD, 'middle', 'predicted, bps'),
  ];
  const legend = '<p>Buys blue, sales brown; dashed: paid as predicted, above it more.</p>';
  return `${head}\n${svg([...lines, ...points, ...words])}\n${legend}\n`;
}

function word(x: number, y: number, anchor: 'start' | 'middle' | 'end', text: string): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${text}</text>`;
}

// Adding zero turns a rounded −0 into 0.
function bpsOf(value: number): string {
  return (Number(value.toFixed(2)) + 0).toFixed(2);
}
