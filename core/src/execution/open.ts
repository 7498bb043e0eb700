// open: who may be in the way (rule 10), and the entry itself.
import type { OpenIntent, Side } from '@strategy-runner/contracts';
import { isDust } from '../ledger/external.js';
import type { Position } from '../ledger/position.js';
import { isTakenBack } from '../order/order.js';
import { type Denial, type Outcome, deny, pass } from '../outcome.js';
import type { Turn } from '../turn.js';
import { type EntryPlan, planEntry } from './entry.js';

export type OpenPlan =
  | { readonly kind: 'enter'; readonly plan: EntryPlan }
  | { readonly kind: 'close_first'; readonly opposite: Position }
  /** Nothing is in the way but an entry that is being taken back. */
  | { readonly kind: 'after_cancel' }
  | { readonly kind: 'ignore' };

/** A position is named after the intent that opens it. */
export function positionIdOf(intentId: string): string {
  return `pos:${intentId}`;
}

export function openIntentOf(positionId: string): string {
  return positionId.slice('pos:'.length);
}

export function planOpen(turn: Turn, intent: OpenIntent): Outcome<OpenPlan> {
  const { symbol, side } = intent;
  const positionId = positionIdOf(intent.intent_id);
  if (turn.config.instruments.get(symbol)?.market === 'spot' && side === 'short') {
    return deny('INSTRUMENT_UNSUPPORTED', '/side', 'a spot account cannot be short');
  }
  const owner = ownerOf(turn, intent, side);
  if (owner !== undefined) {
    if (owner.instance !== intent.strategy.instance) return ownedBy(owner.instance);
    if (owner.isLeaving) return pass({ kind: 'after_cancel' });
    if (intent.on_existing === 'ignore') return pass({ kind: 'ignore' });
    return deny('POSITION_EXISTS', '/side', `a ${side} is open or being opened already`);
  }
  const opposite = planOpposite(turn, intent);
  if (opposite !== undefined) return opposite;
  const plan = planEntry(turn, intent, side, positionId);
  return plan.ok ? pass({ kind: 'enter', plan: plan.value }) : plan;
}

// In hedge mode both sides may be held unless the intent says otherwise. On a one-way account even
// an entry that only works would net against the other side.
function planOpposite(turn: Turn, intent: OpenIntent): Outcome<OpenPlan> | undefined {
  const { symbol, strategy, on_opposite } = intent;
  const isOneWay = turn.config.positionMode === 'one_way';
  if (!isOneWay && on_opposite === undefined) return undefined;
  const side = intent.side === 'long' ? 'short' : 'long';
  const owner = ownerOf(turn, intent, side);
  if (owner === undefined) return undefined;
  if (owner.instance !== strategy.instance) return ownedBy(owner.instance);
  if (owner.isLeaving) return pass({ kind: 'after_cancel' });
  const opposite = findPosition(turn, symbol, side);
  if (on_opposite === 'close_first' && opposite !== undefined) {
    return pass({ kind: 'close_first', opposite });
  }
  const is = opposite === undefined ? 'being opened; cancel' : 'open; close';
  return deny('OPPOSITE_POSITION', '/side', `a ${side} is ${is} it first`);
}

function ownedBy(owner: string): Denial {
  return deny('SYMBOL_OWNED', '/side', `this side of the symbol belongs to ${owner}`);
}

interface Owner {
  readonly instance: string;
  /** It holds this side only by entries that are being taken back. */
  readonly isLeaving: boolean;
}

/** The instance that holds this side, works an entry into it, or waits until it may enter it. */
function ownerOf(turn: Turn, intent: OpenIntent, side: Side): Owner | undefined {
  const { symbol, intent_id } = intent;
  const position = findPosition(turn, symbol, side);
  if (position !== undefined) return { instance: position.instance, isLeaving: false };
  let leaving: Owner | undefined;
  for (const order of turn.state.orders.values()) {
    const isSame = order.symbol === symbol && order.positionSide === side;
    if (!isSame || order.action !== 'entry') continue;
    const { instance } = order;
    if (!isTakenBack(order)) return { instance, isLeaving: false };
    leaving = { instance, isLeaving: true };
  }
  for (const { intent: other, pending, instance } of turn.state.intents.values()) {
    const isWaiting = pending === 'close_first' || pending === 'after_cancel';
    if (!isWaiting || other.kind !== 'open' || other.intent_id === intent_id) continue;
    if (other.symbol === symbol && other.side === side) return { instance, isLeaving: false };
  }
  return leaving;
}

export function findPosition(
  turn: Turn,
  symbol: string,
  side: 'long' | 'short',
): Position | undefined {
  for (const position of turn.state.positions.values()) {
    const isThere = position.symbol === symbol && position.side === side;
    if (isThere && !isDust(position.id)) return position as Position;
  }
  return undefined;
}
