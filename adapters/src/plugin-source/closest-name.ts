// The name a person most likely meant: few edits away, counting two swapped letters as one edit.

const LENGTH_MAX = 100;

/** The candidate within a third of the name's length (at least 2 edits), or undefined. */
export function closestName(name: string, candidates: Iterable<string>): string | undefined {
  const typed = name.toLowerCase().slice(0, LENGTH_MAX);
  let best: string | undefined;
  let bestEdits = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const candidate of candidates) {
    const edits = editsBetween(typed, candidate.toLowerCase().slice(0, LENGTH_MAX));
    // As many edits as the candidate has letters would suggest anything for a short name.
    if (edits < bestEdits && edits < candidate.length) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** ' Did you mean "fast"?', or nothing, to follow a sentence. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const closest = closestName(name, candidates);
  return closest === undefined ? '' : ` Did you mean "${closest}"?`;
}

function editsBetween(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1];
      const isSwap = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      let edits = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (isSame ? 0 : 1),
      );
      if (isSwap && row > 1 && column > 1) edits = Math.min(edits, beforeLast[column - 2]! + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length]!;
}
