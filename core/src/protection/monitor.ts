// The protection monitor (X18): an open position whose protection the venue does not hold is a gap.
// A gap that lasts is recorded, and alarmed and re-armed each time that the longest permitted time
// has passed. What a venue settles within one moment, as a simulated one does, is never a gap.
import { raiseAlert } from '../alert.js';
import { type Decimal, ZERO, format } from '../decimal.js';
import type { Position } from '../ledger/position.js';
import type { Frozen } from '../state/frozen.js';
import { clearTimer, setTimer } from '../strategy/timers.js';
import type { Turn } from '../turn.js';
import { uncoveredQuantity } from './cover.js';
import { syncProtection } from './sync.js';

/** However short the permitted time is, the alarm is repeated no faster. */
const REPEAT_MS_MIN = 1000;

const timerOf = (positionId: string): string => `protect:${positionId}`;

/**
 * Looks at the positions after each event that decided something. What it remembers can be told
 * from the state again: a new one, after a restart, looks at once.
 */
export class ProtectionMonitor {
  #isExposed = true;
  #decisions = -1;

  /** Whether a position may lack cover at this moment without a gap of it being recorded. */
  get isExposed(): boolean {
    return this.#isExposed;
  }

  /** Time goes on to `untilMs`: what lacks cover at `turn.now` has lacked it since. */
  passTime(turn: Turn, untilMs: number): void {
    this.#isExposed = false;
    noteGaps(turn, untilMs);
  }

  /** `decisions` stands still while no cover can have been won or lost. */
  watch(turn: Turn, decisions: number): void {
    if (decisions === this.#decisions) return;
    this.#decisions = decisions;
    const { positions, unprotectedSince } = turn.state;
    const isIdle = positions.size === 0 && unprotectedSince.size === 0;
    this.#isExposed = !isIdle && watchProtection(turn);
  }
}

/**
 * Ends the gaps that are covered again, or whose position is closed. True while a position lacks
 * cover and no gap of it has been recorded: it becomes one when time goes on.
 */
function watchProtection(turn: Turn): boolean {
  const { positions, unprotectedSince } = turn.state;
  if (unprotectedSince.size > 0) endGaps(turn);
  for (const position of positions.values()) {
    if (unprotectedSince.has(position.id)) continue;
    if (uncoveredQuantity(turn, position) > ZERO) return true;
  }
  return false;
}

function endGaps(turn: Turn): void {
  for (const [positionId, sinceMs] of turn.state.unprotectedSince) {
    const position = turn.state.positions.get(positionId);
    if (position !== undefined && uncoveredQuantity(turn, position) > ZERO) continue;
    const unprotectedMs = turn.now - sinceMs;
    const base = { type: 'protection_gap', ts: turn.now, positionId } as const;
    turn.emit({ ...base, sinceMs: null, unprotectedMs });
    clearTimer(turn, timerOf(positionId));
  }
}

function noteGaps(turn: Turn, untilMs: number): void {
  const { now: sinceMs, config } = turn;
  const dueMs = sinceMs + config.policy.maxUnprotectedMs;
  for (const position of turn.state.positions.values()) {
    const { id: positionId } = position;
    if (turn.state.unprotectedSince.has(positionId)) continue;
    if (uncoveredQuantity(turn, position) <= ZERO) continue;
    const base = { type: 'protection_gap', ts: untilMs, positionId } as const;
    turn.emit({ ...base, sinceMs, unprotectedMs: 0 });
    const name = timerOf(positionId);
    turn.emit({ type: 'timer_set', ts: untilMs, name, dueMs });
    turn.effect({ kind: 'set_timer', name, dueMs });
  }
}

/** The longest permitted time has passed once more. */
export function alarmUnprotected(turn: Turn, positionId: string): void {
  const position = turn.state.positions.get(positionId);
  const sinceMs = turn.state.unprotectedSince.get(positionId);
  if (position === undefined || sinceMs === undefined) return;
  const lacking = uncoveredQuantity(turn, position);
  if (lacking === ZERO) return;
  raiseAlert(turn, 'POSITION_UNPROTECTED', tell(turn, position, { lacking, sinceMs }));
  syncProtection(turn, positionId);
  const waitMs = Math.max(turn.config.policy.maxUnprotectedMs, REPEAT_MS_MIN);
  setTimer(turn, timerOf(positionId), turn.now + waitMs);
}

interface Gap {
  readonly lacking: Decimal;
  readonly sinceMs: number;
}

function tell(turn: Turn, position: Frozen<Position>, { lacking, sinceMs }: Gap): string {
  const { id, symbol, side, protection } = position;
  const seconds = (turn.now - sinceMs) / 1000;
  const next =
    protection === null
      ? `policy requires a stop and nobody has said where. Next: close it at the exchange`
      : 'it is armed again';
  return (
    `${format(lacking)} of ${symbol} ${side} (${id}) has had no stop at the venue ` +
    `for ${seconds} s; ${next}`
  );
}
