// open and dca: from a permitted intent to a working entry order, or to a denial with its numbers.
import type { DcaIntent, OpenIntent, Protection } from '@strategy-runner/contracts';
import { type Decimal, decimal } from '../decimal.js';
import { isDust } from '../ledger/external.js';
import { type Normalized, withAdjustments } from '../order/normalize.js';
import { type Order, remaining } from '../order/order.js';
import { nextAttempt, place, prepare } from '../order/place.js';
import { type LegBase, type OrderShape, orderRequest } from '../order/request.js';
import { type Denial, type Outcome, deny, pass } from '../outcome.js';
import { stopPriceOf } from '../protection/levels.js';
import { checkProtection, checkStopNotional } from '../protection/sanity.js';
import { type Sized, sizeEntry } from '../sizing/size.js';
import { setTimer } from '../strategy/timers.js';
import { type Turn, instrumentOf, lastPrice } from '../turn.js';
import { referenceOf, shapeOf } from './leg.js';

export interface EntryPlan {
  readonly prepared: Normalized;
  readonly positionId: string;
}

/** Runs sizing, normalisation, protection sanity and risk without placing anything. */
export function planEntry(
  turn: Turn,
  intent: OpenIntent | DcaIntent,
  side: 'long' | 'short',
  positionId: string,
): Outcome<EntryPlan> {
  const base = legBase(turn, intent, side);
  if (!base.ok) return base;
  if (intent.order === undefined) {
    const why = 'neither the intent nor the execution policy says how to order';
    return deny('ORDER_STYLE_MISSING', '/order', why);
  }
  const shape = shapeOf(turn, intent.order, base.value);
  if (!shape.ok) return shape;
  const { referencePrice } = base.value;
  const last = lastPrice(turn, intent.symbol) ?? referencePrice;
  const price = shape.value.price ?? shape.value.stopPrice ?? last;
  const protection = protectionOf(turn, intent, positionId);
  const invalid = checkEntryProtection(turn, protection, base.value, price);
  if (invalid !== undefined) return invalid;
  const sized = sizeEntry(turn, {
    policy: intent.sizing_policy,
    instrument: instrumentOf(turn, intent.symbol),
    price,
    stopPrice: stopFor(turn, protection, base.value, price),
    leverage: base.value.leverage,
    side,
  });
  if (!sized.ok) return sized;
  return prepareEntry(
    turn,
    { base: base.value, shape: shape.value, protection, price, positionId },
    sized.value,
  );
}

interface EntryParts {
  readonly base: LegBase;
  readonly shape: OrderShape;
  readonly protection: Protection | undefined;
  readonly price: Decimal;
  readonly positionId: string;
}

function prepareEntry(
  turn: Turn,
  { base, shape, protection, price, positionId }: EntryParts,
  { quantity, adjustments }: Sized,
): Outcome<EntryPlan> {
  const attempt = nextAttempt(turn, base.intentId, 'entry');
  const prepared = prepare(turn, orderRequest(base, shape, { leg: 'entry', attempt, quantity }));
  if (!prepared.ok) return prepared;
  const tooSmall = checkStopNotional(protection, prepared.value.order.quantity, {
    side: base.positionSide,
    entry: price,
    reference: base.referencePrice,
    instrument: instrumentOf(turn, base.symbol),
  });
  if (tooSmall !== undefined) return tooSmall;
  return pass({ prepared: withAdjustments(prepared.value, adjustments), positionId });
}

function legBase(
  turn: Turn,
  intent: OpenIntent | DcaIntent,
  side: 'long' | 'short',
): Outcome<LegBase> {
  const asked = intent.kind === 'open' ? intent.leverage : undefined;
  const leverage = asked === undefined ? turn.config.sizing.leverage : decimal(asked);
  if (leverage > turn.config.risk.maxLeverage) {
    return deny('LEVERAGE_EXCEEDS_MAXIMUM', '/leverage', 'more leverage than allowed', {
      leverage,
      max: turn.config.risk.maxLeverage,
    });
  }
  return pass({
    intentId: intent.intent_id,
    instance: intent.strategy.instance,
    symbol: intent.symbol,
    positionSide: side,
    action: 'entry',
    leverage,
    referencePrice: referenceOf(intent),
  });
}

function protectionOf(
  turn: Turn,
  intent: OpenIntent | DcaIntent,
  positionId: string,
): Protection | undefined {
  if (intent.protection !== undefined) return intent.protection;
  return turn.state.positions.get(positionId)?.protection?.spec as Protection | undefined;
}

function checkEntryProtection(
  turn: Turn,
  protection: Protection | undefined,
  base: LegBase,
  entry: Decimal,
): Denial | undefined {
  const hasPosition = [...turn.state.positions.values()].some(
    ({ id, symbol, side }) => symbol === base.symbol && side === base.positionSide && !isDust(id),
  );
  if (protection === undefined) {
    if (!turn.config.policy.requireStop) return undefined;
    return deny(
      'STOP_REQUIRED',
      '/protection/stop_loss',
      'the host requires a stop on every entry',
    );
  }
  if (turn.config.policy.requireStop && protection.stop_loss === undefined) {
    return deny(
      'STOP_REQUIRED',
      '/protection/stop_loss',
      'the host requires a stop on every entry',
    );
  }
  if (hasPosition) return undefined;
  return checkProtection(protection, {
    side: base.positionSide,
    entry,
    reference: base.referencePrice,
    instrument: instrumentOf(turn, base.symbol),
    venueHoldsStops: turn.config.venueHoldsStops,
  });
}

function stopFor(
  turn: Turn,
  protection: Protection | undefined,
  base: LegBase,
  entry: Decimal,
): Decimal | null {
  if (protection?.stop_loss === undefined) return null;
  return stopPriceOf(protection.stop_loss.at, {
    side: base.positionSide,
    entryAverage: entry,
    entryFirst: entry,
    reference: base.referencePrice,
    instrument: instrumentOf(turn, base.symbol),
    riskPerUnit: null,
  });
}

/** Places the planned order and starts the clocks that its style and its permissions ask for. */
export function startEntry(
  turn: Turn,
  intent: OpenIntent | DcaIntent,
  plan: EntryPlan,
  isFollowUp?: boolean,
): Order {
  const order = place(turn, plan.prepared, plan.positionId, isFollowUp);
  startClocks(turn, intent, order);
  return order;
}

export function startClocks(
  turn: Turn,
  intent: Pick<OpenIntent, 'order' | 'fallback'>,
  order: Order,
): void {
  const style = intent.order;
  if (style?.type !== 'limit' || remaining(order) === 0n) return;
  if (style.time_in_force === 'GTD' && style.good_for_ms !== undefined) {
    setTimer(turn, `gtd:${order.key}`, turn.now + style.good_for_ms);
  }
  // What waits for its trigger does not rest yet: its clocks start when it is triggered.
  if (order.stopPrice !== null && !order.isTriggered) return;
  const { fallback } = intent;
  if (fallback?.mode === 'limit_to_market' && fallback.after_ms !== undefined) {
    setTimer(turn, `fallback:${order.key}`, turn.now + fallback.after_ms);
  }
  if (style.chase !== undefined) {
    setTimer(turn, `chase:${order.key}`, turn.now + style.chase.interval_ms);
  }
}
