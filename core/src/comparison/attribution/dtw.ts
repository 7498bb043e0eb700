// Dynamic time warping of two series of returns within a band, so that time and memory grow with
// the length and not with its square. The distance is the mean along the cheapest path.

/** How far one series may lead the other: a tenth, at least 10 places and at most 500. */
function bandOf(length: number): number {
  return Math.min(500, Math.max(10, Math.ceil(length / 10)));
}

/** Null for an empty series. */
export function dtwDistance(a: readonly number[], b: readonly number[]): number | null {
  if (a.length === 0 || b.length === 0) return null;
  const band = Math.max(bandOf(Math.max(a.length, b.length)), Math.abs(a.length - b.length));
  const width = b.length + 1;
  let cost = new Float64Array(width).fill(Infinity);
  let steps = new Float64Array(width);
  let nextCost = new Float64Array(width);
  let nextSteps = new Float64Array(width);
  cost[0] = 0;
  for (let i = 1; i <= a.length; i += 1) {
    nextCost.fill(Infinity, Math.max(0, i - band - 1), Math.min(width, i + band + 2));
    for (let j = Math.max(1, i - band); j <= Math.min(b.length, i + band); j += 1) {
      const diagonal = cost[j - 1]!;
      const above = cost[j]!;
      const left = nextCost[j - 1]!;
      const best = Math.min(diagonal, above, left);
      const from =
        best === diagonal ? steps[j - 1]! : best === above ? steps[j]! : nextSteps[j - 1]!;
      nextCost[j] = best + Math.abs(a[i - 1]! - b[j - 1]!);
      nextSteps[j] = from + 1;
    }
    [cost, nextCost] = [nextCost, cost];
    [steps, nextSteps] = [nextSteps, steps];
  }
  return cost[b.length]! / steps[b.length]!;
}
