// One answer's intents in the order in which they are safe to act on (rule 20): what frees comes
// before what binds, and a close outranks a partial close or a DCA on the same target.
import type { IntentBody } from '@strategy-runner/contracts';
import type { Valid } from './stages.js';

const RANK: Readonly<Record<IntentBody['kind'], number>> = {
  cancel: 0,
  amend_protection: 1,
  close: 2,
  partial_close: 3,
  dca: 4,
  open: 5,
  hold: 6,
};

/** A body with its place in the answer and the id that it would have as an intent. */
export interface Placed {
  readonly body: Valid<IntentBody>;
  readonly index: number;
  readonly intentId: string;
}

export function inActingOrder(bodies: readonly Placed[]): readonly Placed[] {
  if (bodies.length < 2) return bodies;
  return [...bodies].sort((a, b) => RANK[a.body.kind] - RANK[b.body.kind] || a.index - b.index);
}

/** True when a close in the batch goes for the same target. */
export function isOutranked(body: IntentBody, batch: readonly Placed[]): boolean {
  if (body.kind !== 'partial_close' && body.kind !== 'dca') return false;
  return batch.some(({ body: other }) => other.kind === 'close' && sameTarget(other, body));
}

function sameTarget(
  a: { readonly target: { position_id?: string; side?: string }; readonly symbol?: string },
  b: { readonly target: { position_id?: string; side?: string }; readonly symbol?: string },
): boolean {
  if (a.symbol !== undefined && b.symbol !== undefined && a.symbol !== b.symbol) return false;
  const sideA = a.target.side;
  const sideB = b.target.side;
  const idA = a.target.position_id;
  const idB = b.target.position_id;
  if (idA !== undefined && idB !== undefined) return idA === idB;
  return sideA === undefined || sideB === undefined || sideA === sideB;
}
