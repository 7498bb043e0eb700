// What holds entries on a symbol, or on all (`*`), until an operator has acknowledged it: each hold
// has one code and one ref, is placed once and said aloud once (B13).
import type { Code } from '@strategy-runner/contracts';
import { raiseAlert } from '../alert.js';
import type { Turn } from '../turn.js';

export interface Hold {
  readonly symbol: string;
  readonly code: Code;
  /** What `runner resume --ack` names. */
  readonly ref: string;
  readonly reason: string;
}

export const ALL_SYMBOLS = '*';

/** Whether it was not held for that already. */
export function placeHold(turn: Turn, { symbol, code, ref, reason }: Hold): boolean {
  if (turn.state.holds.has(`${symbol}|${ref}`)) return false;
  turn.emit({ type: 'symbol_hold', ts: turn.now, symbol, code, ref, isHeld: true, reason });
  const where = symbol === ALL_SYMBOLS ? 'all symbols' : symbol;
  const next = `runner resume --ack ${ref}`;
  raiseAlert(turn, code, `${reason}; entries on ${where} are held until: ${next}`);
  return true;
}

/** Releases every hold of that ref; the number of them. */
export function releaseHolds(turn: Turn, ref: string, reason: string): number {
  let count = 0;
  for (const [key, code] of turn.state.holds) {
    const { symbol, ref: held } = partsOf(key);
    if (held !== ref) continue;
    turn.emit({ type: 'symbol_hold', ts: turn.now, symbol, code, ref, isHeld: false, reason });
    count += 1;
  }
  return count;
}

export interface StandingHold {
  readonly symbol: string;
  readonly ref: string;
  readonly code: string;
}

/** The first thing that holds entries on the symbol. */
export function holdOn(turn: Turn, symbol: string): StandingHold | undefined {
  if (turn.state.holds.size === 0) return undefined;
  for (const [key, code] of turn.state.holds) {
    const parts = partsOf(key);
    if (parts.symbol === symbol || parts.symbol === ALL_SYMBOLS) return { ...parts, code };
  }
  return undefined;
}

// Unified symbols hold no bar; a venue's ids may.
function partsOf(key: string): { readonly symbol: string; readonly ref: string } {
  const at = key.indexOf('|');
  return { symbol: key.slice(0, at), ref: key.slice(at + 1) };
}
