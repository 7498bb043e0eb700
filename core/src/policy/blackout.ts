// Times in which no new risk is taken, known beforehand: news, maintenance, thin hours. A pure
// function of the plan and a time, so that a backtest and a live session decide the same at a bar.
import type { BlackoutPlan, BlackoutWindow, WeeklyBlackout } from '../config.js';
import { type Denial, deny } from '../outcome.js';
import type { Turn } from '../turn.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** A Monday, from which the minutes of a week are counted. */
const MONDAY_MS = 4 * DAY_MS;

export interface StandingBlackout {
  readonly reason: string;
  /** When this window ends; another may stand beside it. */
  readonly untilMs: number;
}

/** What stands on the symbol at that time; omitted = on any symbol. From `from` on, before `to`. */
export function blackoutAt(
  plan: BlackoutPlan | undefined,
  ms: number,
  symbol?: string,
): StandingBlackout | undefined {
  if (plan === undefined) return undefined;
  for (const window of plan.windows) {
    const { symbols, reason } = window;
    if (symbols !== null && symbol !== undefined && !symbols.includes(symbol)) continue;
    const untilMs = endOf(plan, window, ms);
    if (untilMs !== undefined) return { reason, untilMs };
  }
  return undefined;
}

/**
 * Holds an entry where its event or the present lies in a window: what was decided on a bar of the
 * window is not sent after it, and what comes late is not sent into it.
 */
export function checkBlackout(turn: Turn, symbol: string, asOfMs: number): Denial | undefined {
  const plan = turn.config.blackout;
  if (plan === undefined) return undefined;
  const standing = blackoutAt(plan, asOfMs, symbol) ?? blackoutAt(plan, turn.now, symbol);
  if (standing === undefined) return undefined;
  const { reason, untilMs } = standing;
  return deny('BLACKOUT', '', `a black-out window: ${reason}`, { until_ms: untilMs, reason });
}

/** Undefined where the time lies outside. */
function endOf(plan: BlackoutPlan, window: BlackoutWindow, ms: number): number | undefined {
  if (window.kind === 'weekly') return endOfWeekly(plan, window, ms);
  return ms >= window.fromMs && ms < window.toMs ? window.toMs : undefined;
}

// By the clock on the wall: a window of an hour that the clock repeats is black twice, and one that
// stands when the clock is put back stands on, though the clock shows times before it once more.
function endOfWeekly(plan: BlackoutPlan, window: WeeklyBlackout, ms: number): number | undefined {
  const { fromMs, offsetMs } = offsetAt(plan, ms);
  const shownMs = ms + offsetMs;
  const leftMs = leftOf(window, shownMs);
  if (leftMs !== undefined) return momentOf(plan, shownMs + leftMs, ms + leftMs);
  // What the clock showed before its last change, if it has not shown that again since.
  const backMs = fromMs + offsetAt(plan, fromMs - 1).offsetMs - 1;
  const leftBackMs = shownMs > backMs ? undefined : leftOf(window, backMs);
  if (leftBackMs === undefined) return undefined;
  const endMs = backMs + leftBackMs;
  return momentOf(plan, endMs, ms + endMs - shownMs);
}

/** How long the window stands on when the clock shows that; undefined where it does not stand. */
function leftOf({ days, fromMinute, toMinute }: WeeklyBlackout, shownMs: number) {
  const lengthMs = positive((toMinute - fromMinute) * MINUTE_MS - 1, DAY_MS) + 1;
  for (const day of days) {
    const beganMs = day * DAY_MS + fromMinute * MINUTE_MS;
    const since = positive(shownMs - MONDAY_MS - beganMs, WEEK_MS);
    if (since < lengthMs) return lengthMs - since;
  }
  return undefined;
}

/** When the clock shows that, close to `nearMs`; what it leaves out is when it does so. */
function momentOf(plan: BlackoutPlan, shownMs: number, nearMs: number): number {
  const { fromMs, offsetMs } = offsetAt(plan, nearMs);
  return Math.max(fromMs, shownMs - offsetMs);
}

function offsetAt({ offsets }: BlackoutPlan, ms: number): BlackoutPlan['offsets'][number] {
  let found = { fromMs: -Infinity, offsetMs: offsets[0]?.offsetMs ?? 0 };
  for (const offset of offsets) {
    if (offset.fromMs > ms) break;
    found = offset;
  }
  return found;
}

function positive(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus;
}
