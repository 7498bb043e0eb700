// Sides that a strategy has said to close and has not entered since. Until it does, nothing else
// may open them again: not an entry that was being taken back, and not one that nobody knew of.
import type { CloseIntent, Side } from '@strategy-runner/contracts';
import { ZERO } from '../decimal.js';
import type { IntentAccepted } from '../records.js';
import type { EngineState, WorkingIntent } from './engine-state.js';
import type { Frozen } from './frozen.js';

export interface HeldSide {
  readonly instance: string;
  readonly symbol: string;
  readonly positionSide: Side;
}

/** The close that stands on this side, or undefined. */
export function closingOf(state: Frozen<EngineState>, side: HeldSide): CloseIntent | undefined {
  if (state.closing.size === 0) return undefined;
  return state.closing.get(nameOf(side)) as CloseIntent | undefined;
}

/** Whether the order is one of the exits of the close that stands on its side. */
export function isOfClosing(
  state: Frozen<EngineState>,
  order: HeldSide & { readonly intentId: string },
): boolean {
  return closingOf(state, order)?.intent_id === order.intentId;
}

/** A close stands from here on; an entry says otherwise. */
export function noteAccepted(state: EngineState, { intent, positionId }: IntentAccepted): void {
  const { kind, symbol, strategy } = intent;
  if (kind !== 'close' && kind !== 'open' && kind !== 'dca') return;
  if (positionId === '') return;
  const positionSide = kind === 'open' ? intent.side : state.positions.get(positionId)?.side;
  if (positionSide === undefined) return;
  const name = nameOf({ instance: strategy.instance, symbol, positionSide });
  forget(state, name);
  if (kind === 'close' && intent.cancel_open_orders !== false) state.closing.set(name, intent);
}

/** A close that came to nothing is over, and its position is as it was. */
export function noteDone(state: EngineState, ended: WorkingIntent, outcome: string): void {
  if (ended.intent.kind !== 'close' || outcome === 'filled') return;
  const position = state.positions.get(ended.positionId);
  if (position === undefined || position.quantity === ZERO) return;
  const { instance, symbol, side: positionSide } = position;
  const name = nameOf({ instance, symbol, positionSide });
  if (state.closing.get(name)?.intent_id === ended.intent.intent_id) forget(state, name);
}

/** A close may have to send another order after it is over: its counts stay. */
export function isClosing(state: EngineState, intentId: string): boolean {
  for (const intent of state.closing.values()) if (intent.intent_id === intentId) return true;
  return false;
}

function forget(state: EngineState, name: string): void {
  const intent = state.closing.get(name);
  if (intent === undefined) return;
  state.closing.delete(name);
  if (!state.intents.has(intent.intent_id)) state.attempts.delete(intent.intent_id);
}

function nameOf({ instance, symbol, positionSide }: HeldSide): string {
  return `${instance}|${symbol}|${positionSide}`;
}
