// dca: adding to a position, level by level (rule 14). Caps apply to the whole position in risk.
import type { DcaIntent, Protection } from '@strategy-runner/contracts';
import { type Decimal, bps, decimal, divide, multiply } from '../decimal.js';
import { type Position, averageEntry } from '../ledger/position.js';
import { resolvePrice } from '../order/price.js';
import { type Denial, type Outcome, deny, pass } from '../outcome.js';
import { checkProtection } from '../protection/sanity.js';
import { type Order, isTakenBack, sideOf } from '../order/order.js';
import type { Frozen } from '../state/frozen.js';
import { type Turn, instrumentOf, lastPrice } from '../turn.js';
import { type EntryPlan, planEntry } from './entry.js';
import { referenceOf } from './leg.js';

/** The entry, or that it has to wait for the end of one that is being taken back. */
export type DcaPlan = EntryPlan | 'after_cancel';

export function planDca(turn: Turn, intent: DcaIntent, position: Position): Outcome<DcaPlan> {
  const denial =
    checkLevel(intent, position) ??
    checkWorking(turn, intent, position) ??
    checkImprovement(turn, intent, position);
  if (denial !== undefined) return denial;
  if (entriesOf(turn, position).length > 0) return pass('after_cancel');
  const plan = planEntry(turn, intent, position.side, position.id);
  if (!plan.ok) return plan;
  return checkNextProtection(turn, intent, position, plan.value) ?? plan;
}

// The protection as it would stand after the fill, at the average that the fill would make.
function checkNextProtection(
  turn: Turn,
  intent: DcaIntent,
  position: Position,
  { prepared }: EntryPlan,
): Denial | undefined {
  const isReplaced = intent.protection_mode === 'replace';
  const spec = isReplaced ? intent.protection : (position.protection?.spec as Protection);
  if (intent.protection_mode === 'keep' || spec === undefined) return undefined;
  const { order } = prepared;
  const last = lastPrice(turn, order.symbol) ?? order.referencePrice;
  const entry = order.price ?? order.stopPrice ?? last;
  const cost = position.cost + multiply(entry, order.quantity);
  return checkProtection(spec, {
    side: position.side,
    entry,
    average: divide(cost, position.quantity + order.quantity),
    reference: position.referencePrice,
    instrument: instrumentOf(turn, position.symbol),
    venueHoldsStops: turn.config.venueHoldsStops,
    riskPerUnit: position.protection?.riskPerUnit ?? null,
  });
}

function checkLevel(intent: DcaIntent, position: Position): Denial | undefined {
  if (intent.max_levels !== undefined && intent.level > intent.max_levels) {
    return deny('DCA_MAX_LEVELS', '/level', 'the ladder has no such level', {
      level: intent.level,
      max_levels: intent.max_levels,
    });
  }
  if (intent.level === position.dcaLevel + 1) return undefined;
  return deny('DCA_LEVEL_INVALID', '/level', 'levels fill one after the other', {
    level: intent.level,
    expected: position.dcaLevel + 1,
  });
}

function checkWorking(turn: Turn, intent: DcaIntent, position: Position): Denial | undefined {
  const working = entriesOf(turn, position).find((order) => !isTakenBack(order));
  if (working !== undefined) {
    return deny('DCA_ENTRY_WORKING', '', `entry ${working.key} still works`);
  }
  for (const { intent: other, pending, positionId } of turn.state.intents.values()) {
    const isOther = positionId === position.id && other.intent_id !== intent.intent_id;
    if (isOther && pending === 'after_cancel') {
      return deny('DCA_ENTRY_WORKING', '', `${other.intent_id} waits to enter already`);
    }
  }
  return undefined;
}

function entriesOf(turn: Turn, { symbol, side }: Position): readonly Frozen<Order>[] {
  return [...turn.state.orders.values()].filter(
    (order) => order.symbol === symbol && order.positionSide === side && order.action === 'entry',
  );
}

function checkImprovement(turn: Turn, intent: DcaIntent, position: Position): Denial | undefined {
  const needed = intent.require_improvement_bps;
  if (needed === undefined) return undefined;
  const average = averageEntry(position);
  const price = expectedPrice(turn, intent, position);
  const distance = bps(average, needed);
  const limit = position.side === 'long' ? average - distance : average + distance;
  if (position.side === 'long' ? price <= limit : price >= limit) return undefined;
  return deny(
    'DCA_NO_IMPROVEMENT',
    '/require_improvement_bps',
    'the price does not improve enough',
    {
      price,
      average_entry: average,
      limit,
    },
  );
}

function expectedPrice(turn: Turn, intent: DcaIntent, position: Position): Decimal {
  const reference = referenceOf(intent);
  const last = lastPrice(turn, position.symbol) ?? reference;
  const style = intent.order;
  if (style?.trigger !== undefined) return decimal(style.trigger.price);
  if (style?.type !== 'limit') return last;
  const { tickSize } = instrumentOf(turn, position.symbol);
  const side = sideOf(position.side, 'entry');
  return resolvePrice(style.price, side, { reference, last }, tickSize);
}
