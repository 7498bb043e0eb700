// After venue rejects the host holds back new entries, visibly and with a growing pause. Exits
// never look here (R12, R14).
import { raiseAlert } from '../alert.js';
import type { Turn } from '../turn.js';

export function noteReject(turn: Turn, code: string): void {
  const { backoffAfterRejects, backoffInitialMs, backoffMaxMs } = turn.config.policy;
  const rejects = turn.state.backoffRejects + 1;
  const over = rejects - backoffAfterRejects;
  const pauseMs = over < 0 ? 0 : Math.min(backoffMaxMs, backoffInitialMs * 2 ** Math.min(over, 30));
  const untilMs = pauseMs === 0 ? turn.state.backoffUntilMs : turn.now + pauseMs;
  turn.emit({ type: 'backoff', ts: turn.now, rejects, untilMs });
  if (pauseMs === 0) return;
  const text = `${rejects} rejects in a row (${code}); entries wait ${pauseMs} ms, exits do not`;
  raiseAlert(turn, 'BACKOFF_ACTIVE', text);
}

export function noteSuccess(turn: Turn): void {
  if (turn.state.backoffRejects === 0) return;
  turn.emit({ type: 'backoff', ts: turn.now, rejects: 0, untilMs: 0 });
}
