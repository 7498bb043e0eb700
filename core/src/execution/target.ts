// Which position an intent means (rule 11): exactly one, owned by this instance.
import type { Target } from '@strategy-runner/contracts';
import type { Position } from '../ledger/position.js';
import { type Outcome, deny, pass } from '../outcome.js';
import type { Turn } from '../turn.js';

export function resolveTarget(
  turn: Turn,
  target: Target,
  instance: string,
  symbol: string,
): Outcome<Position> {
  const owned = [...turn.state.positions.values()].filter(
    (position) =>
      position.instance === instance &&
      position.symbol === symbol &&
      (target.position_id === undefined || position.id === target.position_id) &&
      (target.side === undefined || position.side === target.side),
  );
  if (owned.length === 0) return deny('NO_POSITION', '/target', 'no such position is open');
  if (owned.length > 1) {
    const why = 'two positions are open; say which by side or position_id';
    return deny('AMBIGUOUS_TARGET', '/target', why);
  }
  return pass(owned[0] as Position);
}
