// What stands between ledger and venue, for people: connection, holds, comparisons, and the time
// that positions went without their protection.
import type {
  ConnectionChanged,
  DriftMeasured,
  ProtectionGap,
  ReconciledNoted,
  SymbolHeld,
} from '@strategy-runner/core';
import { type Operation, flag, money, plainJson, put } from './operation.js';

export function connected(seq: number, event: ConnectionChanged): readonly Operation[] {
  const { ts, state, detail, attempt, untilMs } = event;
  return [put('connections', seq, { seq, ts, state, detail, attempt, until_ms: untilMs })];
}

export function drifted(seq: number, event: DriftMeasured): readonly Operation[] {
  const { ts, closeMs, liveEquity, shadowEquity, driftBps } = event;
  const equities = { live_equity: money(liveEquity), shadow_equity: money(shadowEquity) };
  return [put('drift', seq, { seq, ts, close_ms: closeMs, ...equities, drift_bps: driftBps })];
}

/** One row per hold: what stands, or when it was released. */
export function held(seq: number, record: SymbolHeld): readonly Operation[] {
  const { ts, symbol, ref, code, isHeld, reason } = record;
  const hold = `${symbol}|${ref}`;
  const released_ms = isHeld ? null : ts;
  const row = { hold, seq, ts, symbol, ref, code, is_held: flag(isHeld), reason, released_ms };
  return [put('holds', hold, row)];
}

export function reconciled(seq: number, record: ReconciledNoted): readonly Operation[] {
  const { ts, takenMs, isClear, isInconclusive, items } = record;
  const flags = { is_clear: flag(isClear), is_inconclusive: flag(isInconclusive) };
  const row = { seq, ts, taken_ms: takenMs, ...flags, items: plainJson(items) };
  return [put('reconciliations', seq, row)];
}

export function gapNoted(seq: number, record: ProtectionGap): readonly Operation[] {
  const { ts, positionId, sinceMs, unprotectedMs } = record;
  const times = { since_ms: sinceMs, unprotected_ms: unprotectedMs };
  return [put('protectionGaps', seq, { seq, ts, position_id: positionId, ...times })];
}
