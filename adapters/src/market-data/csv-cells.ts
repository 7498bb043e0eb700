// The general reading of one CSV line: cells by comma, quotes as RFC 4180 has them, blanks trimmed.
// A quoted cell may not span lines.

const TEXT = new TextDecoder('utf-8');

/** Position of the newline that ends the line at `start`; `end` is behind the last newline. */
export function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  const at = bytes.indexOf(10, start);
  return at === -1 || at >= end ? end - 1 : at;
}

/** True when there is nothing but blanks between the positions. */
export function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte !== 13 && byte !== 32 && byte !== 9) return false;
  }
  return true;
}

/**
 * The cells of the line between the positions; undefined when a quote is not closed as it must be.
 */
export function splitCells(
  bytes: Uint8Array,
  start: number,
  end: number,
): readonly string[] | undefined {
  const text = TEXT.decode(bytes.subarray(start, end)).replace(/\r$/, '');
  if (!text.includes('"')) return text.split(',').map((cell) => cell.trim());
  const cells: string[] = [];
  const cell = /[ \t]*(?:"((?:[^"]|"")*)"[ \t]*|([^",]*))(,|$)/y;
  for (;;) {
    const match = cell.exec(text);
    if (match === null) return undefined;
    cells.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim());
    if (match[3] === '') return cells;
  }
}
