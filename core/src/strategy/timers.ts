// Timers are state: they survive a restart, and a driver's late or missing wake-up changes nothing,
// because each closed bar fires what has become due (DESIGN: bar order, step 5).
import type { Turn } from '../turn.js';

export function setTimer(turn: Turn, name: string, dueMs: number): void {
  turn.emit({ type: 'timer_set', ts: turn.now, name, dueMs });
  turn.effect({ kind: 'set_timer', name, dueMs });
}

/** Clears every timer whose name ends with `suffix`; a no-op in the common case of no timers. */
export function clearTimersOf(turn: Turn, suffix: string): void {
  if (turn.state.timers.size === 0) return;
  for (const name of turn.state.timers.keys()) {
    if (name.endsWith(suffix)) {
      turn.emit({ type: 'timer_cleared', ts: turn.now, name, hasFired: false });
    }
  }
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
