// Timers are state: they survive a restart, and a driver's late or missing wake-up changes nothing,
// because each closed bar fires what has become due (DESIGN: bar order, step 5).
import type { Turn } from '../turn.js';

export function setTimer(turn: Turn, name: string, dueMs: number): void {
  turn.emit({ type: 'timer_set', ts: turn.now, name, dueMs });
  turn.effect({ kind: 'set_timer', name, dueMs });
}

/** Clears a timer by its full name, if it is set. */
export function clearTimer(turn: Turn, name: string): void {
  // Most of the time nothing waits, and hashing a long name costs more than asking for that.
  if (turn.state.timers.size === 0 || !turn.state.timers.has(name)) return;
  turn.emit({ type: 'timer_cleared', ts: turn.now, name, hasFired: false });
}

/** What the host waits for on behalf of one order; a timer is named after purpose and order. */
const OF_ORDERS = ['gtd', 'fallback', 'partial', 'chase', 'cancel', 'query', 'resend'] as const;

/** Clears every timer of the order, by name: a plugin's many timers cost its orders nothing. */
export function clearTimersOf(turn: Turn, orderKey: string): void {
  if (turn.state.timers.size === 0) return;
  for (const purpose of OF_ORDERS) clearTimer(turn, `${purpose}:${orderKey}`);
}

export function pluginTimer(instance: string, name: string): string {
  return `plugin:${instance}|${name}`;
}

/** Timers that one instance may have waiting. */
export const MAX_PLUGIN_TIMERS = 256;

/** Whether the instance would have more timers waiting than it may, with these set as well. */
export function hasTooManyTimers(
  turn: Turn,
  instance: string,
  added: readonly { readonly name: string }[],
): boolean {
  const { timers } = turn.state;
  if (timers.size + added.length <= MAX_PLUGIN_TIMERS) return false;
  const own = new Set(added.map(({ name }) => pluginTimer(instance, name)));
  const prefix = pluginTimer(instance, '');
  for (const name of timers.keys()) if (name.startsWith(prefix)) own.add(name);
  return own.size > MAX_PLUGIN_TIMERS;
}

/** Names of timers due at or before `untilMs`, earliest first, then by name. */
export function dueTimers(turn: Turn, untilMs: number): readonly string[] {
  if (turn.state.nextTimerMs > untilMs) return NONE;
  return [...turn.state.timers]
    .filter(([, dueMs]) => dueMs <= untilMs)
    .sort(([nameA, dueA], [nameB, dueB]) => dueA - dueB || (nameA < nameB ? -1 : 1))
    .map(([name]) => name);
}

const NONE: readonly string[] = [];
