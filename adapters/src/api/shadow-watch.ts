// Runs the shadow of a session: rebuilt from the recorded bars at each start, stepped with every
// bar of the running session, and told as drift. Beyond its bound entries are paused, once, and the
// operator releases them.
import {
  type BarEvent,
  type CommandGiven,
  type Decimal,
  type DriftMeasured,
  type Engine,
  type EngineConfig,
  type EngineEvent,
  type EngineView,
  Shadow,
  decode,
  divide,
  equity,
  multiply,
  toNumber,
} from '@strategy-runner/core';
import type { Logger } from 'pino';
import { InlineRuntime } from '../plugin-runtime/inline.js';
import type { SqliteStore } from '../store/sqlite/sqlite-store.js';
import { simPartsOf } from './backtest.js';
import type { Setup } from './setup.js';

export interface ShadowOptions {
  /** Bound of the drift in bps of the starting cash, either way; null = only measured. */
  readonly maxDriftBps: number | null;
}

export interface ShadowWatchParts extends ShadowOptions {
  readonly setup: Setup;
  readonly config: EngineConfig;
  readonly log: Logger;
}

const BPS = 10_000n * 10n ** 18n;

export class ShadowWatch {
  readonly #parts: ShadowWatchParts;
  readonly #shadow: Shadow;
  #isBeyond = false;
  #lastMs = 0;

  constructor(parts: ShadowWatchParts) {
    this.#parts = parts;
    const { setup, config } = parts;
    const { definition, config: own } = setup.plugin;
    this.#shadow = new Shadow({
      config,
      sim: simPartsOf(setup),
      runtime: (view: EngineView) => {
        const plugins = config.instances.map(({ id }) => ({
          instance: id,
          definition,
          config: own,
        }));
        return new InlineRuntime(view, plugins, () => undefined);
      },
    });
  }

  /** Plays what the session has recorded so far. */
  async catchUp(store: SqliteStore): Promise<void> {
    for await (const { class: kind, kind: name, payload } of store.readJournal(1)) {
      if (kind !== 'event' || (name !== 'bar' && name !== 'funding_paid')) continue;
      const event = decode(payload) as EngineEvent;
      if (event.kind === 'bar') this.#step(event);
      else if (event.kind === 'funding_paid') this.#shadow.fund(event);
    }
  }

  /** Sees what the venue tells the session. */
  readonly observe = (event: { readonly kind: string }): void => {
    if (event.kind === 'funding_paid') this.#shadow.fund(event as never);
  };

  /** After each bar of the session: how far both are apart, and the pause that may follow. */
  after(engine: Engine): readonly (DriftMeasured | CommandGiven)[] {
    const bar = lastBarOf(engine);
    if (bar === undefined || bar.closeMs <= this.#lastMs) return [];
    const shadowEquity = this.#step(bar);
    const liveEquity = equity(engine);
    const driftBps = bpsOf(liveEquity - shadowEquity, this.#parts.config.initialCash);
    const ts = engine.now;
    const { closeMs } = bar;
    const measured = { kind: 'drift', ts, closeMs, liveEquity, shadowEquity, driftBps } as const;
    return [measured, ...this.#bound(driftBps, ts)];
  }

  #step(bar: BarEvent): Decimal {
    this.#lastMs = bar.closeMs;
    return this.#shadow.step(bar);
  }

  #bound(driftBps: number, ts: number): readonly CommandGiven[] {
    const { maxDriftBps, log } = this.#parts;
    if (maxDriftBps === null) return [];
    const wasBeyond = this.#isBeyond;
    this.#isBeyond = Math.abs(driftBps) > maxDriftBps;
    if (!this.#isBeyond || wasBeyond) return [];
    const reason = `drift ${driftBps.toFixed(2)} bps is beyond --max-drift ${maxDriftBps}`;
    log.warn({ event: 'drift_beyond', drift_bps: driftBps }, `${reason}: entries are paused`);
    return [{ kind: 'command', ts, command: 'pause', by: 'shadow', reason }];
  }
}

function lastBarOf({ config, series }: Engine): BarEvent | undefined {
  const { symbol, timeframe, timeframeMs } = config.instances[0]!;
  const bars = series.get(`${symbol}|${timeframe}`);
  if (bars === undefined || bars.length === 0) return undefined;
  const openMs = bars.openMs(0);
  const closeMs = openMs + timeframeMs;
  return {
    kind: 'bar',
    ts: closeMs,
    symbol,
    timeframe,
    openMs,
    closeMs,
    open: bars.open(0),
    high: bars.high(0),
    low: bars.low(0),
    close: bars.close(0),
    volume: bars.volume(0),
  };
}

/** To a hundredth of a bps. */
function bpsOf(difference: Decimal, cash: Decimal): number {
  return Math.round(toNumber(multiply(divide(difference, cash), BPS)) * 100) / 100;
}
