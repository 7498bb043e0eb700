// Queues what a plugin wants to hear about. A plugin without the hook costs nothing: no id, no
// object.
import type { FillEvent, IntentEvent } from '@strategy-runner/contracts';
import { format } from '../decimal.js';
import type { HookName } from '../effects.js';
import type { ExternalBooked, FillBooked, QueuedHook } from '../records.js';
import { recall } from '../state/recent.js';
import { type Turn, instanceOf } from '../turn.js';
import { shortKey } from './short-key.js';

export function notifyFill(turn: Turn, fill: FillBooked): void {
  if (!hearsFills(turn, fill.instance)) return;
  const argument: FillEvent = {
    intent_id: fill.intentId,
    leg: fill.leg,
    position_id: fill.positionId,
    symbol: fill.symbol,
    side: fill.positionSide,
    action: fill.action,
    price: format(fill.price),
    quantity: format(fill.quantity),
    fee: format(fill.fee),
    fee_currency: fill.feeCurrency,
    liquidity: fill.liquidity,
    time_ms: fill.ts,
    is_complete: fill.isComplete,
  };
  const trigger = `fill:${shortKey(fill.order)}:${fill.leg}:${fillName(turn, fill)}`;
  enqueue(turn, fill.instance, 'onFill', trigger, argument);
}

/** A fill of somebody else that changed a position of a strategy. */
export function notifyExternalFill(turn: Turn, fill: ExternalBooked): void {
  const { instance, openIntentId } = fill.position;
  if (!hearsFills(turn, instance)) return;
  const argument: FillEvent = {
    intent_id: openIntentId,
    leg: 'external',
    position_id: fill.positionId,
    symbol: fill.symbol,
    side: fill.positionSide,
    action: fill.action,
    price: format(fill.price),
    quantity: format(fill.quantity),
    fee: format(fill.fee),
    fee_currency: fill.feeCurrency,
    liquidity: fill.liquidity,
    time_ms: fill.ts,
    is_complete: true,
  };
  const trigger = `fill:${shortKey(`${fill.symbol}|${fill.tradeId}`)}:external:complete`;
  enqueue(turn, instance, 'onFill', trigger, argument);
}

// Positions and orders of somebody else have no instance that could hear of them.
function hearsFills(turn: Turn, instance: string): boolean {
  return turn.config.instances.find(({ id }) => id === instance)?.hooks.onFill === true;
}

function fillName(turn: Turn, fill: FillBooked): string {
  if (fill.isComplete) return 'complete';
  const order = turn.state.orders.get(fill.order) ?? recall(turn.state.endedOrders, fill.order);
  const count = order?.tradeIds.length ?? 1;
  return count === 1 ? 'first' : String(count);
}

/** What the host adds to an event of an intent; the rest is stamped here. */
export type IntentNews = WithoutStamp<IntentEvent>;
type WithoutStamp<Event> = Event extends IntentEvent ? Omit<Event, 'intent_id' | 'time_ms'> : never;

export function notifyIntent(turn: Turn, intentId: string, news: IntentNews): void {
  if (!isAnyListening(turn)) return;
  const at = intentId.indexOf('@');
  const instanceId = at < 0 ? '' : intentId.slice(0, at);
  const instance = turn.config.instances.find(({ id }) => id === instanceId);
  if (instance === undefined || !instance.hooks.onIntentEvent) return;
  const argument = { ...news, intent_id: intentId, time_ms: turn.now } as IntentEvent;
  // Counted per intent and kind, without a time: the same event has the same key live and tested.
  const name = `event:${shortKey(intentId)}:${news.type}`;
  const nth = (recall(turn.state.eventCounts, name) ?? 0) + 1;
  enqueue(turn, instanceId, 'onIntentEvent', `${name}:${nth}`, argument);
}

function isAnyListening({ config: { instances } }: Turn): boolean {
  for (let i = 0; i < instances.length; i += 1) {
    if (instances[i]!.hooks.onIntentEvent) return true;
  }
  return false;
}

export function notifyTimer(turn: Turn, instance: string, name: string, dueMs: number): void {
  if (!instanceOf(turn, instance).hooks.onTimer) return;
  const argument = { name, due_ms: dueMs };
  enqueue(turn, instance, 'onTimer', `timer:${name}:${dueMs}`, argument);
}

function enqueue(
  turn: Turn,
  instance: string,
  hook: Exclude<HookName, 'onBar'>,
  trigger: string,
  argument: unknown,
): void {
  if (turn.state.instances.get(instance)?.isHalted === true) return;
  const queued: QueuedHook = { hook, trigger, asOfMs: turn.now, argument };
  turn.emit({ type: 'ask_queued', ts: turn.now, instance, hook: queued });
}
