// What is counted as it happens: one look at each event and record, nothing kept of them. Work is
// done for what happened only; a bar costs an addition and an assignment.
import {
  type Clock,
  type Decimal,
  type Engine,
  type EngineEvent,
  type EngineRecord,
  type FillBooked,
  type OrderAccepted,
  toNumber,
} from '@strategy-runner/core';
import type { CounterName } from './metric-table.js';
import type { MetricRegistry } from './metric-registry.js';

type Money = Extract<CounterName, 'runner_fees_total' | 'runner_funding_total'>;

export class RunCounts {
  readonly #metrics: MetricRegistry;
  readonly #clock: Clock;
  #isReady = false;
  #bars = 0;
  /** Wall ms; null = not yet in this run. */
  barAtMs: number | null = null;
  readAtMs: number | null = null;
  reconciledAtMs: number | null = null;

  constructor(metrics: MetricRegistry, clock: Clock) {
    this.#metrics = metrics;
    this.#clock = clock;
  }

  /** Told before the engine has taken the event in. */
  event(event: EngineEvent, engine: Engine): void {
    const metrics = this.#metrics;
    switch (event.kind) {
      case 'bar':
        this.#bars += 1;
        this.barAtMs = this.#clock.now();
        return;
      case 'order_accepted':
        return this.#accepted(event, engine);
      case 'order_rejected':
        return metrics.add('runner_rejected_total');
      case 'connection':
        return this.#connection(event.state === 'ready');
      case 'api_error':
        return metrics.add('runner_api_errors_total', 1, event.verdict);
      case 'venue_snapshot':
        this.readAtMs = this.#clock.now();
        return metrics.add('runner_account_readings_total');
      case 'drift':
        return metrics.set('runner_drift_bps', event.driftBps);
      default:
    }
  }

  /** Bars are too many to be counted one by one. */
  flush(): void {
    this.#metrics.add('runner_bars_total', this.#bars);
    this.#bars = 0;
  }

  record(record: EngineRecord): void {
    const metrics = this.#metrics;
    switch (record.type) {
      case 'intent_accepted':
        return metrics.add('runner_intents_accepted_total');
      case 'intent_denied':
        return metrics.add('runner_denied_total', 1, record.code);
      case 'order_created':
        return metrics.add('runner_orders_total', 1, record.order.action);
      case 'fill':
        return this.#fill(record);
      case 'external_fill':
        metrics.add('runner_external_fills_total');
        return this.#pay('runner_fees_total', record.foreignFee?.value ?? record.fee);
      case 'funding':
        return this.#pay('runner_funding_total', -record.amount);
      case 'plugin_fault':
        return metrics.add('runner_plugin_faults_total');
      case 'alert':
        return metrics.add('runner_alerts_total', 1, record.code);
      case 'reconciled':
        metrics.set('runner_divergences', record.items.length);
        if (!record.isInconclusive) this.reconciledAtMs = this.#clock.now();
        return;
      default:
    }
  }

  // Each try to come back is an event of its own; the loss is what is counted.
  #connection(isReady: boolean): void {
    if (this.#isReady && !isReady) this.#metrics.add('runner_reconnects_total');
    this.#isReady = isReady;
  }

  #accepted({ order, sentMs, ackedMs }: OrderAccepted, { state }: Engine): void {
    if (sentMs === undefined) return;
    const decidedMs = state.orders.get(order)?.createdMs;
    if (decidedMs !== undefined) this.#took('decided_to_sent', sentMs - decidedMs);
    if (ackedMs !== undefined) this.#took('sent_to_accepted', ackedMs - sentMs);
  }

  // The venue's clock may be set between two readings of it.
  #took(stage: string, ms: number): void {
    this.#metrics.observe('runner_order_latency_seconds', Math.max(ms, 0) / 1000, stage);
  }

  #fill({ action, liquidity, slippageBps, fee, foreignFee }: FillBooked): void {
    this.#metrics.add('runner_fills_total', 1, liquidity);
    this.#metrics.observe('runner_slippage_bps', slippageBps, action);
    this.#pay('runner_fees_total', foreignFee?.value ?? fee);
  }

  #pay(name: Money, cost: Decimal): void {
    const value = toNumber(cost);
    this.#metrics.add(name, Math.abs(value), value < 0 ? 'received' : 'paid');
  }
}
