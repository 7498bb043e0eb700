// What a session came to, as numbers: counts, money, and the metrics of a report, from one reading
// of its journal. State is applied, never decided again.
import {
  type EngineConfig,
  type EngineEvent,
  type EngineRecord,
  type EngineState,
  type JournalRow,
  type Metrics,
  type Position,
  accountMarks,
  applyEvent,
  applyRecord,
  computeMetrics,
  decode,
  emptyState,
  format,
  toNumber,
} from '@strategy-runner/core';

export interface SessionMetrics {
  readonly schema: 'runner.metrics/1';
  readonly session_id: string;
  readonly rows: number;
  readonly bars: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly intents: {
    readonly accepted: number;
    readonly denied: Readonly<Record<string, number>>;
  };
  readonly initial_equity: string;
  readonly final_equity: string;
  readonly cash: string;
  readonly costs: { readonly fees: string; readonly funding: string; readonly slippage: string };
  readonly positions: { readonly closed: number; readonly open: number };
  readonly working_orders: number;
  readonly metrics: Metrics['metrics'];
  readonly metrics_na: Metrics['na'];
}

export interface MetricsOptions {
  readonly sessionId: string;
  readonly config: EngineConfig;
  /** Open of the first tradable bar: earlier ones are no part of the result. */
  readonly fromMs: number;
  readonly rows: AsyncIterable<JournalRow>;
}

export async function sessionMetrics(options: MetricsOptions): Promise<SessionMetrics> {
  const tally = new Tally(options);
  for await (const row of options.rows) tally.take(row);
  return tally.result();
}

type Trade = Parameters<typeof computeMetrics>[0]['trades'][number];

class Tally {
  readonly #options: MetricsOptions;
  readonly #state: EngineState;
  readonly #counts = new Map<string, number>();
  readonly #denied = new Map<string, number>();
  readonly #trades: Trade[] = [];
  readonly #times: number[] = [];
  readonly #equity: number[] = [];
  #accepted = 0;
  #rows = 0;
  #bars = 0;
  #barsInPosition = 0;
  #grossMax = 0;

  constructor(options: MetricsOptions) {
    this.#options = options;
    const { initialCash, instances } = options.config;
    const ids = instances.map(({ id }) => id);
    this.#state = emptyState(initialCash, ids);
  }

  take(row: JournalRow): void {
    this.#rows += 1;
    this.#counts.set(row.kind, (this.#counts.get(row.kind) ?? 0) + 1);
    const body = decode(row.payload);
    if (row.class === 'event') this.#event(body as EngineEvent);
    else this.#record(body as EngineRecord);
  }

  #event(event: EngineEvent): void {
    applyEvent(this.#state, event);
    if (event.kind !== 'bar') return;
    this.#bars += 1;
    // At its close and before what is done about it, as a backtest marks it.
    if (event.openMs >= this.#options.fromMs) this.#mark(event.closeMs);
  }

  #record(record: EngineRecord): void {
    applyRecord(this.#state, record);
    if (record.type === 'intent_accepted') this.#accepted += 1;
    else if (record.type === 'intent_denied') {
      this.#denied.set(record.code, (this.#denied.get(record.code) ?? 0) + 1);
    } else if (record.type === 'position_closed') {
      this.#trades.push(tradeOf(record.position, record.ts));
    }
  }

  #mark(closeMs: number): void {
    this.#times.push(closeMs);
    this.#equity.push(Number(this.#marks().equity));
    let gross = 0;
    for (const { quantityNumber, symbol } of this.#state.positions.values()) {
      gross += quantityNumber * (this.#state.market.get(symbol)?.last ?? 0);
    }
    if (this.#state.positions.size > 0) this.#barsInPosition += 1;
    this.#grossMax = Math.max(this.#grossMax, gross);
  }

  #marks() {
    return accountMarks({
      config: this.#options.config,
      state: this.#state,
      series: new Map(),
    });
  }

  result(): SessionMetrics {
    const { sessionId, config } = this.#options;
    const { fees, funding, slippage, closedPositions, positions, orders } = this.#state;
    const { equity, cash } = this.#marks();
    const { metrics, na } = this.#measure();
    return {
      schema: 'runner.metrics/1',
      session_id: sessionId,
      rows: this.#rows,
      bars: this.#bars,
      counts: sorted(this.#counts),
      intents: { accepted: this.#accepted, denied: sorted(this.#denied) },
      initial_equity: format(config.initialCash),
      final_equity: equity,
      cash,
      costs: { fees: format(fees), funding: format(funding), slippage: format(slippage) },
      positions: { closed: closedPositions, open: positions.size },
      working_orders: orders.size,
      metrics,
      metrics_na: na,
    };
  }

  #measure(): Metrics {
    const { config } = this.#options;
    const { fees, funding, slippage, traded } = this.#state;
    return computeMetrics({
      initialEquity: toNumber(config.initialCash),
      times: Float64Array.from(this.#times),
      equity: Float64Array.from(this.#equity),
      length: this.#times.length,
      barsInPosition: this.#barsInPosition,
      trades: this.#trades,
      costs: { fees: toNumber(fees), funding: toNumber(funding), slippage: toNumber(slippage) },
      timeframeMs: config.instances[0]!.timeframeMs,
      turnover: toNumber(traded),
      grossExposureMax: this.#grossMax,
    });
  }
}

function tradeOf(position: Position, ts: number): Trade {
  const { grossPnl, fees, funding, enteredNotional, initialRisk, openedMs, side } = position;
  return {
    pnl: toNumber(grossPnl - fees + funding),
    grossPnl: toNumber(grossPnl),
    fees: toNumber(fees),
    funding: toNumber(funding),
    entryNotional: Math.abs(toNumber(enteredNotional)),
    initialRisk: initialRisk === null ? null : toNumber(initialRisk),
    entryMs: openedMs,
    exitMs: ts,
    side,
  };
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
