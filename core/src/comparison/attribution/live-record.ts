// What a session's journal says, laid out for comparison: bars, and between two bars the slot of
// everything else in the order in which the engine took it. Nothing is decided here.
import type { EngineConfig } from '../../config.js';
import type { Decimal } from '../../decimal.js';
import type {
  AnswerEvent,
  BarEvent,
  CashMoved,
  EngineEvent,
  ExternalFill,
  FundingPaid,
} from '../../events.js';
import type { Order } from '../../order/order.js';
import type {
  EngineRecord,
  ExternalBooked,
  FillBooked,
  IntentAccepted,
  IntentDenied,
  SymbolHeld,
} from '../../records.js';
import { AwayWatch, type Gap } from './away.js';
import { LedgerFold } from './ledger-fold.js';

/** A journal row, decoded. */
export type JournalEntry =
  | { readonly class: 'event'; readonly body: EngineEvent }
  | { readonly class: 'record'; readonly body: EngineRecord };

export interface SlotEvent {
  readonly event: Exclude<EngineEvent, BarEvent | AnswerEvent>;
  /** Place in the journal's sequence of events. */
  readonly ordinal: number;
  /** Taken in while the host was away or had not yet caught up. */
  readonly isAway: boolean;
  /** Holds on entries that a reading of the account placed or released. */
  readonly holds: readonly SymbolHeld[];
}

/** What happened after one bar and before the next; the first slot is before any bar. */
export interface Slot {
  /** Close of the bar before; 0 for the first slot. */
  readonly closeMs: number;
  readonly events: readonly SlotEvent[];
}

export interface RecordedAnswer {
  readonly answer: AnswerEvent;
  /** Place in the sequence of events. */
  readonly ordinal: number;
}

export interface LiveRecord {
  /** Bars of the traded series, as they were taken in. */
  readonly bars: readonly BarEvent[];
  /** One more than bars: `slots[i + 1]` follows `bars[i]`. */
  readonly slots: readonly Slot[];
  /** Answers by `<instance>|<trigger>`, in the order in which they came. */
  readonly answers: ReadonlyMap<string, readonly RecordedAnswer[]>;
  readonly intents: ReadonlyMap<string, IntentAccepted>;
  /** First denial of each intent id. */
  readonly denials: ReadonlyMap<string, IntentDenied>;
  /** As created, by order key. */
  readonly orders: ReadonlyMap<string, Order>;
  readonly fills: readonly FillBooked[];
  readonly externalFills: readonly ExternalBooked[];
  readonly funding: readonly FundingPaid[];
  readonly external: readonly ExternalFill[];
  readonly cashMoves: readonly CashMoved[];
  /** Answers to missed bars that were not acted on. */
  readonly missedDropped: number;
  /** Times without a running host. */
  readonly gaps: readonly Gap[];
  /** Bar closes and equity at them. */
  readonly times: readonly number[];
  readonly equity: readonly Decimal[];
  /** Equity at the terminal mark: the last recorded close. */
  readonly finalEquity: Decimal;
}

/** The entries of a whole journal, from its first row. Bars of other series are left out. */
export function recordSession(
  entries: Iterable<JournalEntry>,
  config: Pick<EngineConfig, 'initialCash' | 'instances' | 'instruments'>,
): LiveRecord {
  const reader = new SessionReader(config);
  for (const entry of entries) {
    if (entry.class === 'event') reader.event(entry.body);
    else reader.record(entry.body);
  }
  return reader.result();
}

class SessionReader {
  readonly #symbol: string;
  readonly #timeframe: string;
  readonly #away: AwayWatch;
  readonly #ledger: LedgerFold;
  readonly #triggers = new Map<number, string>();
  readonly #bars: BarEvent[] = [];
  readonly #slots: { closeMs: number; events: SlotEvent[] }[] = [{ closeMs: 0, events: [] }];
  readonly #answers = new Map<string, RecordedAnswer[]>();
  readonly #intents = new Map<string, IntentAccepted>();
  readonly #denials = new Map<string, IntentDenied>();
  readonly #orders = new Map<string, Order>();
  readonly #fundingIds = new Set<string>();
  readonly #fills: FillBooked[] = [];
  readonly #externalFills: ExternalBooked[] = [];
  /** Of the last event. */
  #holds: SymbolHeld[] = [];
  #missedDropped = 0;
  #ordinal = 0;

  constructor(config: Pick<EngineConfig, 'initialCash' | 'instances' | 'instruments'>) {
    const { symbol, timeframe, timeframeMs } = config.instances[0]!;
    this.#symbol = symbol;
    this.#timeframe = timeframe;
    this.#away = new AwayWatch(timeframeMs);
    this.#ledger = new LedgerFold(config, symbol);
  }

  event(event: EngineEvent): void {
    this.#ordinal += 1;
    this.#away.note(event);
    if (event.kind === 'bar') return this.#bar(event);
    if (event.kind === 'answer') return this.#answer(event);
    if (event.kind === 'funding_paid' && this.#isRepeated(event.id)) return;
    const { isAway } = this.#away;
    this.#holds = [];
    const holds = this.#holds;
    this.#slots.at(-1)!.events.push({ event, ordinal: this.#ordinal, isAway, holds });
  }

  #isRepeated(fundingId: string): boolean {
    if (this.#fundingIds.has(fundingId)) return true;
    this.#fundingIds.add(fundingId);
    return false;
  }

  // What a bar's close is worth is known when all that came with it has been booked.
  #bar(bar: BarEvent): void {
    if (bar.symbol !== this.#symbol || bar.timeframe !== this.#timeframe) return;
    this.#bars.push({ ...bar });
    this.#ledger.mark(bar.closeMs, bar.close);
    this.#slots.push({ closeMs: bar.closeMs, events: [] });
  }

  #answer(answer: AnswerEvent): void {
    const key = this.#triggers.get(answer.askId);
    if (key === undefined) return;
    this.#triggers.delete(answer.askId);
    const known = this.#answers.get(key);
    const recorded = { answer: { ...answer }, ordinal: this.#ordinal };
    if (known === undefined) this.#answers.set(key, [recorded]);
    else known.push(recorded);
  }

  record(record: EngineRecord): void {
    this.#ledger.record(record);
    switch (record.type) {
      case 'ask':
        this.#triggers.set(record.ask.id, `${record.ask.instance}|${record.ask.trigger}`);
        return;
      case 'intent_accepted':
        this.#intents.set(record.intent.intent_id, record);
        return;
      case 'intent_denied':
        if (!this.#denials.has(record.intentId)) this.#denials.set(record.intentId, record);
        return;
      case 'order_created':
        this.#orders.set(record.order.key, record.order);
        return;
      case 'fill':
        this.#fills.push(record);
        return;
      case 'fill_duplicate':
        // Told again, it has changed nothing.
        this.#slots.at(-1)!.events.pop();
        return;
      case 'external_fill':
        this.#externalFills.push(record);
        return;
      case 'symbol_hold':
        this.#holds.push(record);
        return;
      case 'missed_dropped':
        this.#missedDropped += record.bodies.length;
        return;
      default:
        return;
    }
  }

  result(): LiveRecord {
    const events = this.#slots.flatMap((slot) => slot.events.map(({ event }) => event));
    return {
      bars: this.#bars,
      slots: this.#slots,
      answers: this.#answers,
      intents: this.#intents,
      denials: this.#denials,
      orders: this.#orders,
      fills: this.#fills,
      externalFills: this.#externalFills,
      funding: events.filter((event) => event.kind === 'funding_paid'),
      external: events.filter((event) => event.kind === 'external_fill'),
      cashMoves: events.filter((event) => event.kind === 'cash_moved'),
      missedDropped: this.#missedDropped,
      gaps: this.#away.gaps,
      ...this.#ledger.result(),
    };
  }
}
