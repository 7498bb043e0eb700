// What is read off the engine when somebody looks: nothing is done for it in between. After a warm
// start it shows what the session holds; counters begin at zero with each process.
import {
  type Clock,
  type Engine,
  type EngineState,
  type Frozen,
  type Order,
  blackoutAt,
  equity,
  toNumber,
} from '@strategy-runner/core';
import type { HOLD_CAUSES } from './metric-table.js';
import type { MetricRegistry } from './metric-registry.js';
import type { RunCounts } from './run-counts.js';

export interface RunSources {
  readonly engine: Engine;
  readonly driver: { readonly queueDepth: number; readonly isJournalLost: boolean };
  /** Journal rows that wait for a commit. */
  readonly rows: { readonly size: number };
  /** The clock that positions and holds are measured on, epoch ms. */
  readonly marketNow: () => number;
  /** There is an account that is read and compared. */
  readonly hasAccount: boolean;
}

type State = Frozen<EngineState>;
type Held = Readonly<Record<(typeof HOLD_CAUSES)[number], number>>;

export class RunGauges {
  readonly #metrics: MetricRegistry;
  readonly #clock: Clock;
  readonly #sources: RunSources;
  readonly #startedMs: number;
  readonly #unprotectedBefore: number;
  #unprotectedSeconds = 0;

  constructor(metrics: MetricRegistry, clock: Clock, sources: RunSources) {
    this.#metrics = metrics;
    this.#clock = clock;
    this.#sources = sources;
    this.#startedMs = clock.now();
    metrics.set('runner_start_time_seconds', this.#startedMs / 1000);
    const { engine } = sources;
    this.#unprotectedBefore = unprotectedMs(engine.state, engine.now);
  }

  refresh(counts: RunCounts): void {
    const { engine, driver } = this.#sources;
    const { state } = engine;
    const metrics = this.#metrics;
    metrics.set('runner_open_positions', state.positions.size);
    metrics.set('runner_working_orders', state.orders.size);
    metrics.set('runner_orders_unknown', ordersThat(state, ['unknown']));
    metrics.set('runner_unprotected_positions', state.unprotectedSince.size);
    metrics.set('runner_connection_down', flag(state.connection !== 'ready'));
    metrics.set('runner_kill_switch', flag(state.gates.killed));
    metrics.set('runner_journal_lost', flag(driver.isJournalLost));
    metrics.set('runner_equity', toNumber(equity(engine)));
    metrics.set('runner_cash', toNumber(state.cash));
    this.#queues(state);
    this.#ages(counts);
    this.#unprotected(state);
    for (const [cause, count] of Object.entries(this.#held(state))) {
      metrics.set('runner_entries_held', count, cause);
    }
  }

  #queues(state: State): void {
    const { driver, rows } = this.#sources;
    const waiting = ordersThat(state, ['created', 'submitted']);
    this.#metrics.set('runner_queue_depth', driver.queueDepth, 'events');
    this.#metrics.set('runner_queue_depth', rows.size, 'journal');
    this.#metrics.set('runner_queue_depth', waiting, 'orders');
  }

  // What has not happened yet in this run is as old as the run.
  #ages({ barAtMs, readAtMs, reconciledAtMs }: RunCounts): void {
    const now = this.#clock.now();
    const age = (atMs: number | null): number =>
      Math.max(0, now - (atMs ?? this.#startedMs)) / 1000;
    const { hasAccount } = this.#sources;
    this.#metrics.set('runner_bar_age_seconds', age(barAtMs));
    this.#metrics.set('runner_heartbeat_age_seconds', hasAccount ? age(readAtMs) : 0);
    this.#metrics.set('runner_reconciliation_age_seconds', hasAccount ? age(reconciledAtMs) : 0);
  }

  // A gap that goes on counts as well. The engine closes it by the time of an event, which may be
  // a moment before the clock that it was last looked at by: a counter does not go back for that.
  #unprotected(state: State): void {
    const sumMs = unprotectedMs(state, this.#now());
    const seconds = (sumMs - this.#unprotectedBefore) / 1000;
    const more = Math.max(0, seconds - this.#unprotectedSeconds);
    this.#unprotectedSeconds += more;
    this.#metrics.add('runner_unprotected_seconds_total', more);
  }

  #now(): number {
    const { engine, marketNow } = this.#sources;
    return Math.max(engine.now, marketNow());
  }

  #held(state: State): Held {
    const { engine, driver } = this.#sources;
    const { gates, instances } = state;
    const now = this.#now();
    return {
      killed: flag(gates.killed),
      stopped: flag(gates.stopped),
      paused: flag(gates.paused),
      halted: [...instances.values()].filter(({ isHalted }) => isHalted).length,
      blackout: flag(isBlack(engine, now)),
      connection: flag(state.connection !== 'ready'),
      stale_data: staleInstances(engine, now),
      hold: state.holds.size,
      backoff: flag(now < state.backoffUntilMs),
      unknown_order: ordersThat(state, ['unknown']),
      journal: flag(driver.isJournalLost),
    };
  }
}

function unprotectedMs({ unprotectedMs: sumMs, unprotectedSince }: State, untilMs: number): number {
  let total = sumMs;
  for (const sinceMs of unprotectedSince.values()) total += Math.max(0, untilMs - sinceMs);
  return total;
}

/** Whose last bar is older than the policy lets entries be decided on. */
function staleInstances({ config, state }: Engine, nowMs: number): number {
  const { maxDataAgeBars } = config.policy;
  if (maxDataAgeBars === null) return 0;
  const stale = config.instances.filter(({ symbol, timeframeMs }) => {
    const closeMs = state.market.get(symbol)?.closeMs ?? -Infinity;
    return nowMs - closeMs > maxDataAgeBars * timeframeMs;
  });
  return stale.length;
}

/** A window on other symbols holds nothing of this run. */
function isBlack({ config }: Engine, nowMs: number): boolean {
  const { blackout, instances } = config;
  return instances.some(({ symbol }) => blackoutAt(blackout, nowMs, symbol) !== undefined);
}

function ordersThat({ orders }: State, statuses: readonly Order['status'][]): number {
  let count = 0;
  for (const { status } of orders.values()) if (statuses.includes(status)) count += 1;
  return count;
}

function flag(claim: boolean): number {
  return claim ? 1 : 0;
}
