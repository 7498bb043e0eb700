// An alert is a record, so that the session holds it, and an effect, so that somebody is told.
import type { Turn } from './turn.js';

export function raiseAlert(turn: Turn, code: string, text: string): void {
  turn.emit({ type: 'alert', ts: turn.now, code, text });
  turn.effect({ kind: 'alert', code, text });
}
