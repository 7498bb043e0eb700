// Writes the claimed rows of requirements.json into README.md, between the two markers.
// `--check` writes nothing and exits 2 where the page is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';

const BEGIN = '<!-- requirements:begin -->';
const END = '<!-- requirements:end -->';
const EXIT_CHECK_SAID_NO = 2;
const EXIT_BAD_DATA = 65;

const { values: options } = parseArgs({
  options: {
    table: { type: 'string', default: fromHere('requirements.json') },
    page: { type: 'string', default: fromHere('../../README.md') },
    check: { type: 'boolean', default: false },
  },
});

const table = JSON.parse(readFileSync(options.table, 'utf8'));
const page = readFileSync(options.page, 'utf8');
const begin = page.indexOf(BEGIN);
const end = page.indexOf(END);

if (begin < 0 || end < begin) {
  console.error(`${options.page} has no place for the requirements. Add two lines to it:`);
  console.error(`${BEGIN}\n${END}`);
  process.exitCode = EXIT_BAD_DATA;
} else {
  const written = `${page.slice(0, begin)}${BEGIN}\n\n${await claimedRows()}\n${page.slice(end)}`;
  if (!options.check) writeFileSync(options.page, written);
  else if (written !== page) {
    console.error(`${options.page} is out of date. Next: npm run generate`);
    process.exitCode = EXIT_CHECK_SAID_NO;
  }
}

async function claimedRows() {
  const claimed = Object.entries(table).filter(([, { claimed: isClaimed }]) => isClaimed);
  const rows = claimed.map(([id, { title, command }]) => row(id, title, `\`${command}\``));
  const header = [row('id', 'what', 'command that shows it'), '| --- | --- | --- |'];
  const text = rows.length === 0 ? 'No row is claimed yet.' : [...header, ...rows].join('\n');
  // Formatted here, so that the formatter of the project finds nothing to change.
  const style = await resolveConfig(fromHere('generate.mjs'));
  return format(text, { ...style, parser: 'markdown' });
}

function row(...cells) {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function fromHere(path) {
  return fileURLToPath(new URL(path, import.meta.url));
}
