// The metrics of a run in memory: what a world has gone through is told to them, and they are asked
// what they show, by series.
import type { EngineEvent, EngineRecord } from '@strategy-runner/core';
import { RunMetrics } from '../../../../adapters/src/metrics/run-metrics.js';
import type { RunSources } from '../../../../adapters/src/metrics/run-gauges.js';
import { type World, aWorld } from '../../../support/world.js';

export interface MeasuredRunOptions {
  readonly world?: World;
  readonly sources?: Partial<RunSources>;
}

export interface MeasuredWorld {
  readonly metrics: RunMetrics;
  readonly world: World;
  readonly faults: readonly unknown[];
  /** Wall time goes on, ms. */
  pass(ms: number): void;
  /** Tells what has happened in the world since the last time. */
  tell(): void;
  /** One series as Prometheus would name it, `runner_fills_total{liquidity="taker"}`. */
  read(series: string): Promise<number | undefined>;
}

export function aMeasuredRun({ world = aWorld(), sources }: MeasuredRunOptions = {}) {
  const faults: unknown[] = [];
  let nowMs = 1_000_000;
  const metrics = new RunMetrics({
    clock: { now: () => nowMs },
    onFault: (error) => faults.push(error),
  });
  metrics.follow({
    engine: world.engine,
    driver: { queueDepth: 0, isJournalLost: false },
    rows: { size: 0 },
    marketNow: () => world.now,
    hasAccount: true,
    ...sources,
  });
  const run: MeasuredWorld = {
    metrics,
    world,
    faults,
    pass: (ms) => void (nowMs += ms),
    tell: () => {
      for (const event of world.events.splice(0)) metrics.event(event);
      for (const record of world.records.splice(0)) metrics.record(record);
    },
    read: async (series) => seriesOf(await metrics.text()).get(series),
  };
  return run;
}

/** Values by series, as a scraper reads them. */
export function seriesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))] as const;
    }),
  );
}

export const anEvent = (event: object): EngineEvent => ({ ts: 0, ...event }) as EngineEvent;
export const aRecord = (record: object): EngineRecord => ({ ts: 0, ...record }) as EngineRecord;
