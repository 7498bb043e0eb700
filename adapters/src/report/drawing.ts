// What the drawings of a page have in common: one size, scales, and text that cannot become markup.
export const WIDTH = 960;
export const HEIGHT = 260;
export const PAD = 12;

export function scale(
  values: readonly number[],
  from: number,
  to: number,
): (value: number) => number {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const span = most - least || 1;
  return (value) => round(from + ((value - least) / span) * (to - from));
}

export function svg(parts: readonly string[]): string {
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">${parts.join('')}</svg>`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
