// The table of exchanges as a page, made from the capabilities so that it cannot say anything else.
import { LISTED_EXCHANGES, NEEDS, type Need, capabilitiesOf } from './capabilities.js';

const INTRODUCTION = `# Exchanges

Made from \`adapters/src/venue/ccxt/capabilities.ts\` by \`node adapters/scripts/venues-page.mjs\`.

- **proven**: tests run it with the real client against the local exchange, with faults.
- **mapped**: ccxt offers the unified calls. Nobody has traded on it with this runner: begin on a
  test network, and with amounts that do not matter.
- **–**: not there. A run that needs it ends at its start with \`CAPABILITY_UNSUPPORTED\`.

An exchange that cannot find an order by our own id cannot tell what became of a request whose
answer was lost, and without that no order is sent.
`;

export function venuesPage(): string {
  const needs = Object.keys(NEEDS) as readonly Need[];
  const known = LISTED_EXCHANGES.map((exchange) => capabilitiesOf(exchange)!);
  const support = known.map(({ exchange, support: has }) => [
    `\`${exchange}\``,
    ...needs.map((need) => (has[need] === 'unsupported' ? '–' : has[need])),
  ]);
  const ids = known.map(({ exchange, clientOrderId, note }) => [
    `\`${exchange}\``,
    clientOrderId,
    note,
  ]);
  const meanings = needs.map((need) => [`\`${need}\``, NEEDS[need]]);
  return [
    INTRODUCTION,
    table(['exchange', ...needs.map((need) => `\`${need}\``)], support),
    '\n## What each need is\n',
    table(['need', 'meaning'], meanings),
    '\n## Our order id\n',
    table(['exchange', 'its name and longest length', 'note'], ids),
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.map((row) => line(row))].join('\n');
}
