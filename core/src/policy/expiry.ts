// When an intent is over (rule 6): at a time fixed when it is accepted, or after closed bars, which
// are counted and never reckoned in time: a weekend has none.
import type { Expiry, Intent } from '@strategy-runner/contracts';
import { type OrderRequest, isProtectionLeg } from '../order/order.js';
import { type Denial, deny } from '../outcome.js';
import type { WorkingIntent } from '../state/engine-state.js';
import type { Frozen } from '../state/frozen.js';
import type { Turn } from '../turn.js';

/** Epoch ms from which nothing of the intent may be sent any more, or null. */
export function deadlineOf(expires: Expiry | undefined, asOfMs: number): number | null {
  if (expires === undefined || 'after_bars' in expires) return null;
  return 'at_ms' in expires ? expires.at_ms : asOfMs + expires.after_ms;
}

/** Closed bars that the intent may live for, or null. */
function barsOf(intent: Frozen<Intent>): number | null {
  const expires = 'expires' in intent ? intent.expires : undefined;
  return expires !== undefined && 'after_bars' in expires ? expires.after_bars : null;
}

/**
 * Closed bars as of the event that the intent answers: `expires.after_bars` counts from here. An
 * answer may come late; where bars are missing this errs towards an earlier end.
 */
export function acceptedBarOf(turn: Turn, intent: Intent): number {
  const market = turn.state.market.get(intent.symbol);
  if (market === undefined) return 0;
  const asked = intent.as_of.bar;
  if (asked === undefined) return market.bars;
  const timeframeMs = asked.close_ms - asked.open_ms;
  return market.bars - Math.max(0, Math.ceil((market.closeMs - asked.close_ms) / timeframeMs));
}

type Dated = Pick<WorkingIntent, 'intent' | 'deadlineMs' | 'acceptedBar'>;

export function isOver(turn: Turn, { intent, deadlineMs, acceptedBar }: Frozen<Dated>): boolean {
  if (deadlineMs !== null && turn.now >= deadlineMs) return true;
  const bars = barsOf(intent);
  return bars !== null && closedBars(turn, intent.symbol) >= acceptedBar + bars;
}

/** Ids of the working intents of the symbol that the bar which has just closed was the last of. */
export function overByBars(turn: Turn, symbol: string): readonly string[] {
  const closed = closedBars(turn, symbol);
  const over: string[] = [];
  for (const [intentId, { intent, acceptedBar }] of turn.state.intents) {
    const bars = intent.symbol === symbol ? barsOf(intent) : null;
    if (bars !== null && closed === acceptedBar + bars) over.push(intentId);
  }
  return over;
}

function closedBars(turn: Turn, symbol: string): number {
  return turn.state.market.get(symbol)?.bars ?? 0;
}

/**
 * Denies what an intent would still send after its end: chase, reprice, fallback, top-up.
 * Protection belongs to the position, and what a flatten takes back must not stay, so neither
 * expires.
 */
export function checkDeadline(
  turn: Turn,
  { intentId, leg }: Pick<OrderRequest, 'intentId' | 'leg'>,
): Denial | undefined {
  if (isProtectionLeg(leg) || leg === 'flatten') return undefined;
  const working = turn.state.intents.get(intentId);
  if (working === undefined || !isOver(turn, working)) return undefined;
  const { deadlineMs, intent } = working;
  const numbers = deadlineMs === null ? { bars: barsOf(intent)! } : { deadline_ms: deadlineMs };
  return deny('EXPIRED', '/expires', 'the intent is over; nothing more is sent', numbers);
}
