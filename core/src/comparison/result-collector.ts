// Keeps of a run what its result consists of: intents, orders, fills, ledger. It notes what was
// decided while the run goes on; rows, texts and hashes are made when somebody asks.
import type { EngineEvent } from '../events.js';
import type { EngineRecord, IntentDenied, Sink } from '../records.js';
import type { ResultRow } from './result-rows.js';
import { ResultTape } from './result-tape.js';

const OVER: ReadonlySet<string> = new Set(['cancelled', 'expired', 'rejected']);

export class ResultCollector implements Sink {
  readonly #tape = new ResultTape();
  #rows: readonly ResultRow[] = [];
  #rowsMadeAt = 0;
  readonly denied = new Map<string, number>();
  readonly faults: { readonly code: string; readonly message: string }[] = [];
  readonly alerts = new Map<string, { text: string; count: number }>();
  accepted = 0;
  warmupDropped = 0;
  isHalted = false;

  /** Everything decided so far, in order. Made at the first reading. */
  get rows(): readonly ResultRow[] {
    if (this.#rowsMadeAt !== this.#tape.length) {
      this.#rows = this.#tape.read();
      this.#rowsMadeAt = this.#tape.length;
    }
    return this.#rows;
  }

  event(_event: EngineEvent): void {
    // Inputs are known to whoever runs the backtest; only decisions are results.
  }

  record(record: EngineRecord): void {
    switch (record.type) {
      case 'ask':
      case 'answer_taken':
        return;
      case 'intent_accepted':
        this.accepted += 1;
        this.#tape.named('intent', record.ts, record.intent.intent_id, record.intent.kind);
        return;
      case 'intent_denied':
        return this.#deny(record);
      case 'order_created':
        this.#tape.order(record.ts, record.order);
        return;
      case 'order_moved':
        if (!OVER.has(record.status)) return;
        this.#tape.named('over', record.ts, record.order, record.status);
        return;
      case 'fill':
        this.#tape.fill(record);
        return;
      case 'funding':
        this.#tape.funding(record.ts, record.id, record.amount);
        return;
      case 'position_closed':
        this.#tape.closed(record.ts, record.position, record.reason);
        return;
      default:
        return this.#other(record);
    }
  }

  #deny(record: IntentDenied): void {
    this.denied.set(record.code, (this.denied.get(record.code) ?? 0) + 1);
    this.#tape.named('denied', record.ts, record.intentId, record.code);
  }

  #other(record: EngineRecord): void {
    if (record.type === 'warmup_dropped') this.warmupDropped += record.count;
    else if (record.type === 'alert') {
      const known = this.alerts.get(record.code);
      if (known === undefined) this.alerts.set(record.code, { text: record.text, count: 1 });
      else known.count += 1;
    } else if (record.type === 'plugin_fault') {
      if (this.faults.length < MAX_FAULTS) this.faults.push(record);
      this.isHalted ||= record.isHalted;
    }
  }
}

const MAX_FAULTS = 100;
