// open: who may be in the way (rule 10), and the entry itself.
import type { OpenIntent } from '@strategy-runner/contracts';
import type { Position } from '../ledger/position.js';
import { type Outcome, deny, pass } from '../outcome.js';
import type { Turn } from '../turn.js';
import { type EntryPlan, planEntry } from './entry.js';

export type OpenPlan =
  | { readonly kind: 'enter'; readonly plan: EntryPlan }
  | { readonly kind: 'close_first'; readonly opposite: Position; readonly positionId: string }
  | { readonly kind: 'ignore' };

/** A position is named after the intent that opens it. */
export function positionIdOf(intentId: string): string {
  return `pos:${intentId}`;
}

export function planOpen(turn: Turn, intent: OpenIntent): Outcome<OpenPlan> {
  const { symbol, side } = intent;
  const positionId = positionIdOf(intent.intent_id);
  if (turn.config.instruments.get(symbol)?.market === 'spot' && side === 'short') {
    return deny('INSTRUMENT_UNSUPPORTED', '/side', 'a spot account cannot be short');
  }
  if (isTaken(turn, symbol, side)) {
    if (intent.on_existing === 'ignore') return pass({ kind: 'ignore' });
    return deny('POSITION_EXISTS', '/side', `a ${side} is open or being opened already`);
  }
  const opposite = findPosition(turn, symbol, side === 'long' ? 'short' : 'long');
  if (opposite !== undefined) {
    if (intent.on_opposite === 'close_first') {
      return pass({ kind: 'close_first', opposite, positionId });
    }
    if (turn.config.positionMode === 'one_way' || intent.on_opposite === 'reject') {
      return deny('OPPOSITE_POSITION', '/side', `a ${opposite.side} is open; close it first`);
    }
  }
  const plan = planEntry(turn, intent, side, positionId);
  return plan.ok ? pass({ kind: 'enter', plan: plan.value }) : plan;
}

function isTaken(turn: Turn, symbol: string, side: 'long' | 'short'): boolean {
  if (findPosition(turn, symbol, side) !== undefined) return true;
  for (const order of turn.state.orders.values()) {
    const isSame = order.symbol === symbol && order.positionSide === side;
    if (isSame && order.action === 'entry') return true;
  }
  return false;
}

export function findPosition(
  turn: Turn,
  symbol: string,
  side: 'long' | 'short',
): Position | undefined {
  for (const position of turn.state.positions.values()) {
    if (position.symbol === symbol && position.side === side) return position as Position;
  }
  return undefined;
}
