// The only code that changes engine state. `applyEvent` takes in what happened, `applyRecord` what
// was decided; recovery calls both over the journal and arrives at the same state without deciding.
import { type Decimal, ZERO, abs, multiply, toNumber } from '../decimal.js';
import { contentKey, idempotencyName } from '../intent/content.js';
import type { BarEvent, EngineEvent } from '../events.js';
import { isTerminal } from '../order/order-state.js';
import type { Order } from '../order/order.js';
import type {
  EngineRecord,
  ExternalBooked,
  FillBooked,
  IntentDone,
  OrderMoved,
  OrderTriggeredNoted,
} from '../records.js';
import { isClosing, noteAccepted, noteDone } from './closing.js';
import { type EngineState, type InstanceState, LIMITS, tradeName } from './engine-state.js';
import { recall, remember } from './recent.js';
import { noteTouched } from './touched.js';

export function applyEvent(state: EngineState, event: EngineEvent): void {
  if (event.kind === 'bar') return applyBar(state, event);
  if (event.ts > state.clockMs) state.clockMs = event.ts;
  if (event.kind === 'run_started') {
    state.run = event.run;
    state.connection = event.connection ?? 'ready';
  } else if (event.kind === 'connection') {
    state.connection = event.state;
  } else if (event.kind === 'cursor') {
    state.cursors.set(event.name, event.value);
  } else if (event.kind === 'filters_changed') {
    const { kind: _kind, ts: _ts, symbol, ...rules } = event;
    state.filters.set(symbol, rules);
  }
}

/** `applyEvent` for a caller that knows it to be a bar. */
export function applyBar(state: EngineState, bar: BarEvent): void {
  if (bar.ts > state.clockMs) state.clockMs = bar.ts;
  const market = state.market.get(bar.symbol);
  if (market === undefined) {
    const { symbol, openMs, closeMs, high, low } = bar;
    state.market.set(symbol, { symbol, bars: 1, openMs, closeMs, last: bar.close, high, low });
    return;
  }
  market.bars += 1;
  market.openMs = bar.openMs;
  market.closeMs = bar.closeMs;
  market.last = bar.close;
  market.high = bar.high;
  market.low = bar.low;
}

export function applyRecord(state: EngineState, record: EngineRecord): void {
  switch (record.type) {
    case 'ask':
      return applyAsk(state, state.instances.get(record.ask.instance)!, record.ask.id);
    case 'ask_queued':
      state.instances.get(record.instance)!.queue.push(record.hook);
      if (record.hook.hook === 'onIntentEvent') countEvent(state, record.hook.trigger);
      return;
    case 'answer_taken':
      return applyAnswerTaken(state.instances.get(record.instance)!, record.fault);
    case 'warmup_dropped':
      state.instances.get(record.instance)!.warmupDropped += record.count;
      return;
    case 'plugin_fault': {
      const instance = state.instances.get(record.instance)!;
      instance.consecutiveFaults = record.faults;
      instance.isHalted = record.isHalted;
      if (record.isHalted) instance.queue.length = 0;
      return;
    }
    case 'gate':
      state.gates[record.gate] = record.isClosed;
      return;
    case 'backoff':
      state.backoffRejects = record.rejects;
      state.backoffUntilMs = record.untilMs;
      return;
    case 'day_started':
      state.day = record.day;
      state.dayStartEquity = record.equity;
      return;
    case 'timer_set':
      return setTimer(state, record.name, record.dueMs);
    case 'timer_cleared':
      return setTimer(state, record.name, null);
    default:
      noteTouched(state, record);
      return applyTrading(state, record);
  }
}

/** `applyRecord` of an ask, for a caller that has its instance at hand. */
export function applyAsk(state: EngineState, instance: InstanceState, askId: number): void {
  state.lastAskId = askId;
  instance.outstandingAsk = askId;
  instance.outstandingHook = instance.queue.length === 0 ? null : instance.queue.shift()!;
}

/** `applyRecord` of an answer, for a caller that has its instance at hand. */
export function applyAnswerTaken(instance: InstanceState, isFault: boolean): void {
  instance.outstandingAsk = 0;
  if (!isFault) instance.consecutiveFaults = 0;
}

function applyTrading(state: EngineState, record: EngineRecord): void {
  switch (record.type) {
    case 'intent_denied':
      return remember(state.intentOutcomes, record.intentId, record.code, LIMITS.intentOutcomes);
    case 'intent_accepted': {
      const { intent, instance, positionId, deadlineMs } = record;
      state.intents.set(intent.intent_id, {
        intent,
        instance,
        positionId,
        deadlineMs,
        acceptedBar: record.bar,
        moves: 0,
        fallbackUses: 0,
        resends: 0,
        pending: null,
      });
      noteAccepted(state, record);
      const key = intent.idempotency_key;
      if (key !== undefined) {
        const name = idempotencyName(instance, key);
        remember(state.idempotencyKeys, name, contentKey(intent), LIMITS.idempotencyKeys);
      }
      return;
    }
    case 'intent_progress': {
      const intent = state.intents.get(record.intentId);
      if (intent === undefined) return;
      intent.moves = record.moves;
      intent.fallbackUses = record.fallbackUses;
      intent.pending = record.pending;
      if (record.resends !== undefined) intent.resends = record.resends;
      return;
    }
    case 'intent_done':
      return endIntent(state, record);
    case 'order_created':
      state.orders.set(record.order.key, record.order);
      noteAttempt(state, record.order);
      if (record.order.action === 'entry') noteEntry(state, record.ts);
      return;
    case 'order_moved':
      return applyMove(state, record);
    case 'order_triggered':
      return applyTrigger(state, record);
    case 'fill':
      return applyFill(state, record);
    default:
      return applyLedger(state, record);
  }
}

function endIntent(state: EngineState, { intentId, outcome }: IntentDone): void {
  const ended = state.intents.get(intentId);
  if (ended === undefined) return;
  state.intents.delete(intentId);
  remember(state.endedIntents, intentId, ended.intent, LIMITS.endedIntents);
  noteDone(state, ended, outcome);
  if (!opensPosition(state, intentId) && !isClosing(state, intentId)) {
    state.attempts.delete(intentId);
  }
  remember(state.intentOutcomes, intentId, outcome, LIMITS.intentOutcomes);
}

function applyLedger(state: EngineState, record: EngineRecord): void {
  switch (record.type) {
    case 'funding': {
      state.cash += record.amount;
      state.funding += record.amount;
      remember(state.fundingIds, record.id, true, LIMITS.fundingIds);
      const position = state.positions.get(record.positionId);
      if (position !== undefined) {
        const funding = position.funding + record.amount;
        state.positions.set(position.id, { ...position, funding });
      }
      return;
    }
    case 'external_fill':
      return applyExternalFill(state, record);
    case 'cash_moved':
      state.cash += record.cash;
      state.moved += record.cash;
      // A flow is not a result: the day's loss is measured as if it had always been so.
      state.dayStartEquity += record.cash;
      return remember(state.cashMoveIds, record.id, true, LIMITS.cashMoveIds);
    case 'symbol_hold': {
      const key = `${record.symbol}|${record.ref}`;
      if (record.isHeld) state.holds.set(key, record.code);
      else state.holds.delete(key);
      return;
    }
    case 'protection_gap':
      if (record.sinceMs !== null) state.unprotectedSince.set(record.positionId, record.sinceMs);
      else state.unprotectedSince.delete(record.positionId);
      state.unprotectedMs += record.unprotectedMs;
      return;
    case 'position_closed':
      state.positions.delete(record.position.id);
      state.attempts.delete(record.position.openIntentId);
      state.closedPositions += 1;
      return;
    case 'position_note': {
      const position = state.positions.get(record.positionId);
      if (position === undefined) return;
      state.positions.set(position.id, { ...position, dcaLevel: record.dcaLevel });
      return;
    }
    case 'protection': {
      const position = state.positions.get(record.positionId);
      if (position === undefined) return;
      const { protection, initialRisk } = record;
      state.positions.set(position.id, { ...position, protection, initialRisk });
      return;
    }
    default:
      return;
  }
}

function applyMove(state: EngineState, record: OrderMoved): void {
  const order = state.orders.get(record.order);
  if (order === undefined) return;
  const moved: Order = {
    ...order,
    status: record.status,
    venueOrderId: record.venueOrderId ?? order.venueOrderId,
    cancelReason: record.cancelReason ?? order.cancelReason,
    acceptedMs: record.status === 'accepted' ? record.ts : order.acceptedMs,
  };
  put(state, moved);
  if (record.marketPrice !== undefined) notePrice(state, order.symbol, record, record.marketPrice);
}

function applyTrigger(state: EngineState, record: OrderTriggeredNoted): void {
  const order = state.orders.get(record.order);
  if (order === undefined) return;
  const venueOrderId = record.venueOrderId ?? order.venueOrderId;
  state.orders.set(order.key, { ...order, isTriggered: true, venueOrderId });
}

// What the venue shows counts until a newer bar has closed.
function notePrice(
  state: EngineState,
  symbol: string,
  { ts }: { readonly ts: number },
  price: Decimal,
): void {
  const market = state.market.get(symbol);
  if (market !== undefined && ts >= market.closeMs) market.last = toNumber(price);
}

function applyFill(state: EngineState, fill: FillBooked): void {
  const order = state.orders.get(fill.order) ?? recall(state.endedOrders, fill.order);
  const notional = multiply(fill.price, fill.quantity);
  if (order !== undefined) {
    const filled = order.filled + fill.quantity;
    const isOver = filled >= order.quantity;
    const status =
      isTerminal(order.status) || order.status === 'pending_cancel'
        ? order.status
        : 'partially_filled';
    put(state, {
      ...order,
      filled,
      filledNotional: order.filledNotional + notional,
      tradeIds: [...order.tradeIds, fill.tradeId],
      status: isOver ? 'filled' : status,
    });
  }
  state.slippage += fill.slippage;
  bookInto(state, fill, notional);
  if (fill.marketPrice !== null) notePrice(state, fill.symbol, fill, fill.marketPrice);
}

function applyExternalFill(state: EngineState, fill: ExternalBooked): void {
  bookInto(state, fill, multiply(fill.price, fill.quantity));
  const name = tradeName(fill.symbol, fill.tradeId);
  remember(state.externalTrades, name, true, LIMITS.externalTrades);
}

function bookInto(state: EngineState, fill: FillBooked | ExternalBooked, notional: Decimal): void {
  const { foreignFee } = fill;
  state.cash += fill.cash;
  state.fees += foreignFee === undefined ? fill.fee : foreignFee.value;
  state.realized += fill.realized;
  state.traded += abs(notional);
  state.positions.set(fill.positionId, fill.position);
  const dust = foreignFee?.dust;
  if (dust?.quantity === ZERO) state.positions.delete(dust.id);
  else if (dust !== undefined) state.positions.set(dust.id, dust);
  if (foreignFee?.takenFrom !== 'other') return;
  const paid = state.otherFees.get(fill.feeCurrency) ?? ZERO;
  state.otherFees.set(fill.feeCurrency, paid + fill.fee);
}

function put(state: EngineState, order: Order): void {
  if (!isTerminal(order.status)) {
    state.orders.set(order.key, order);
    return;
  }
  state.orders.delete(order.key);
  remember(state.endedOrders, order.key, order, LIMITS.endedOrders);
}

function noteEntry(state: EngineState, ts: number): void {
  state.entryTimes.push(ts);
  if (state.entryTimes.length > LIMITS.entryTimes) state.entryTimes.shift();
}

function noteAttempt(state: EngineState, { intentId, leg, attempt }: Order): void {
  const legs = state.attempts.get(intentId);
  if (legs === undefined) state.attempts.set(intentId, { [leg]: attempt });
  else legs[leg] = attempt;
}

// Protection goes on under the id of the intent that opened the position, so its counts must too.
function opensPosition(state: EngineState, intentId: string): boolean {
  for (const { openIntentId } of state.positions.values()) {
    if (openIntentId === intentId) return true;
  }
  return false;
}

// Only who loses the earliest timer has to look for the next one.
function setTimer(state: EngineState, name: string, dueMs: number | null): void {
  const before = state.timers.get(name) ?? Infinity;
  if (dueMs === null) state.timers.delete(name);
  else state.timers.set(name, dueMs);
  const after = dueMs ?? Infinity;
  if (after <= state.nextTimerMs) state.nextTimerMs = after;
  else if (before === state.nextTimerMs) state.nextTimerMs = earliest(state.timers);
}

// The trigger key ends in the number itself.
function countEvent(state: EngineState, trigger: string): void {
  const at = trigger.lastIndexOf(':');
  const count = Number(trigger.slice(at + 1));
  remember(state.eventCounts, trigger.slice(0, at), count, LIMITS.eventCounts);
}

function earliest(timers: ReadonlyMap<string, number>): number {
  let next = Infinity;
  for (const due of timers.values()) if (due < next) next = due;
  return next;
}
