// What a run has to say about itself, one line per code with the first case of it: denials with
// the path of the field at fault, faults of the plugin, alerts. A count alone would not help an
// author.
import { type BacktestRun, type EngineRecord, ResultCollector } from '@strategy-runner/core';
import { isoOf } from '../api/start-session.js';
import type { Warning } from '../api/setup.js';

/** A result with the first denial of each code. */
export class RunCollector extends ResultCollector {
  readonly firstDenials = new Map<string, string>();

  override record(record: EngineRecord): void {
    super.record(record);
    if (record.type !== 'intent_denied' || this.firstDenials.has(record.code)) return;
    const { code, instance, kind, path, detail, numbers } = record;
    const values = Object.entries(numbers).map(([name, value]) => `${name} ${value}`);
    const words = [path, detail, values.length === 0 ? '' : `(${values.join(', ')})`].filter(
      Boolean,
    );
    const what = kind === 'unreadable' ? 'an intent' : kind;
    this.firstDenials.set(code, `[${instance}] ${what} denied: ${words.join(' ')}`.trim());
  }
}

export function runWarnings(collector: RunCollector): readonly Warning[] {
  const { warmupDropped, denied, firstDenials, alerts } = collector;
  const warnings: Warning[] = [];
  if (warmupDropped > 0) {
    const message = `${warmupDropped} intents of the warm-up were dropped`;
    warnings.push({ code: 'WARMUP', message, count: warmupDropped });
  }
  for (const [code, message] of firstDenials) {
    warnings.push({ code, message, count: denied.get(code) ?? 1 });
  }
  for (const [code, count] of countFaults(collector)) {
    const first = collector.faults.find((fault) => fault.code === code)!;
    warnings.push({ code, message: first.message, count });
  }
  for (const [code, alert] of alerts) {
    warnings.push({ code, message: alert.text, count: alert.count });
  }
  return warnings;
}

/** A run that went on below zero, where a venue would have closed everything before. */
export function equityWarnings(
  run: Pick<BacktestRun, 'times' | 'equity' | 'length'>,
): readonly Warning[] {
  const { times, equity, length } = run;
  let count = 0;
  let firstMs = 0;
  for (let i = 0; i < length; i += 1) {
    if (equity[i]! >= 0) continue;
    if (count === 0) firstMs = times[i]!;
    count += 1;
  }
  if (count === 0) return [];
  const since = `equity was below zero at ${count} closes, first at ${isoOf(firstMs)}`;
  const message = `${since}: liquidation is not simulated, a venue would have ended this before`;
  return [{ code: 'EQUITY_NEGATIVE', message, count }];
}

function countFaults({ faults }: RunCollector): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { code } of faults) counts.set(code, (counts.get(code) ?? 0) + 1);
  return counts;
}
