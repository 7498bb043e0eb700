// Sits between engine and journal and between host and exchange, and throws at the first moment at
// which an invariant does not hold. A new one is built from the journal after every crash.
import type { Side } from '@strategy-runner/contracts';
import {
  type Engine,
  type EngineEvent,
  type EngineRecord,
  type EngineState,
  type Order,
  type Sink,
  decode,
  isProtectionLeg,
  isStopLeg,
  outstanding,
  remaining,
} from '@strategy-runner/core';
import type { MemoryContents } from '../../../adapters/src/store/memory/memory-store.js';
import { BookWatch } from './book-watch.js';
import type { ExchangeTruth } from './exchange-truth.js';
import { OrderWatch } from './order-watch.js';
import { lotsOf } from './units.js';
import { must } from './violation.js';

const EXIT_KINDS = ['close', 'partial_close', 'amend_protection', 'cancel'];
const ENTRY_GATE_CODES = [
  'KILLED',
  'ENTRIES_STOPPED',
  'ENTRIES_PAUSED',
  'INSTANCE_HALTED',
  'BACKOFF_ACTIVE',
  'UNKNOWN_ORDER_PENDING',
];

export interface WatcherParts {
  readonly journal: Sink;
  readonly contents: MemoryContents;
  readonly truth: ExchangeTruth;
  readonly cash: string;
  /** Most of one order at market. */
  readonly maxMarketLots?: number | undefined;
}

/** How often the interesting things happened: a simulation that never meets them proves nothing. */
export interface Coverage {
  exitsUnderGates: number;
  unknown: number;
  resent: number;
  lateFills: number;
  fills: number;
  /** Exits that had to leave in parts, and stops that rest in parts. */
  parts: number;
}

export function noCoverage(): Coverage {
  return { exitsUnderGates: 0, unknown: 0, resent: 0, lateFills: 0, fills: 0, parts: 0 };
}

export class Watcher implements Sink {
  readonly #parts: WatcherParts;
  readonly #coverage: Coverage;
  readonly #orders = new OrderWatch();
  readonly #book: BookWatch;
  readonly #authorised = new Map<string, number>();
  readonly #sides = new Map<string, Side>();
  /** Purpose of the close that stands on a side. */
  readonly #closing = new Map<Side, string>();
  readonly #closedGates = new Set<string>();
  readonly #exitsToLeave = new Set<string>();
  /** Keys of orders whose creation the store holds, read as far as it goes. */
  readonly #durable = new Set<string>();
  #rowsRead = 0;

  constructor(parts: WatcherParts, coverage: Coverage) {
    this.#parts = parts;
    this.#coverage = coverage;
    this.#book = new BookWatch(parts.truth, parts.cash);
    for (const row of parts.contents.rows) {
      const body = decode(row.payload);
      if (row.class === 'event') this.#noteEvent(body as EngineEvent);
      else this.#noteRecord(body as EngineRecord);
    }
    this.#exitsToLeave.clear();
  }

  event(event: EngineEvent): void {
    if (event.kind !== 'answer') this.#mustHaveLeft();
    this.#parts.journal.event(event);
    this.#noteEvent(event);
  }

  record(record: EngineRecord): void {
    this.#parts.journal.record(record);
    this.#cover(record);
    this.#noteRecord(record);
  }

  #noteEvent(event: EngineEvent): void {
    if (event.kind !== 'command') return;
    const { command } = event;
    if (command === 'resume') this.#closedGates.delete('pause');
    else if (command === 'reset_kill') this.#closedGates.delete('kill');
    else this.#closedGates.add(command);
  }

  #noteRecord(record: EngineRecord): void {
    this.#orders.take(record);
    this.#book.take(record);
    if (record.type === 'gate' && record.gate === 'stopped' && !record.isClosed) {
      this.#closedGates.delete('stop');
    }
    if (record.type === 'intent_denied' && EXIT_KINDS.includes(record.kind)) {
      const isGated = ENTRY_GATE_CODES.includes(record.code);
      const why = (): string => `${record.intentId} was denied: ${record.code}`;
      must(!isGated, 'exits-pass-gates', why);
    }
    this.#noteClose(record);
    if (record.type !== 'order_created') return;
    const { order } = record;
    const purpose = purposeOf(order);
    const lots = lotsOf(order.quantity + (order.rest ?? 0n));
    if (!this.#authorised.has(purpose)) this.#authorised.set(purpose, lots);
    if (order.action === 'exit') this.#exitsToLeave.add(order.key);
  }

  // A close has to take what entries still fill after it, until the strategy enters again.
  #noteClose(record: EngineRecord): void {
    if (record.type === 'intent_accepted') {
      const { intent, positionId } = record;
      if (positionId === '') return;
      const side = 'side' in intent ? intent.side : this.#sides.get(positionId)!;
      if (intent.kind === 'close') this.#closing.set(side, `${intent.intent_id} exit`);
      if (intent.kind === 'open' || intent.kind === 'dca') this.#closing.delete(side);
    }
    if (record.type !== 'fill' || record.action !== 'entry') return;
    this.#sides.set(record.positionId, record.positionSide);
    const purpose = this.#closing.get(record.positionSide);
    if (purpose === undefined) return;
    const lots = (this.#authorised.get(purpose) ?? 0) + lotsOf(record.quantity);
    this.#authorised.set(purpose, lots);
  }

  #cover(record: EngineRecord): void {
    if (record.type === 'fill') {
      this.#coverage.fills += 1;
      const status = this.#orders.statusOf(record.order) ?? 'created';
      if (['cancelled', 'expired'].includes(status)) this.#coverage.lateFills += 1;
    }
    if (record.type === 'order_created' && isPart(record.order)) this.#coverage.parts += 1;
    if (record.type === 'order_moved' && record.status === 'unknown') this.#coverage.unknown += 1;
    if (record.type === 'order_moved' && record.status === 'created') this.#coverage.resent += 1;
  }

  #mustHaveLeft(): void {
    const [stuck] = this.#exitsToLeave;
    must(stuck === undefined, 'exits-pass-gates', () => `${stuck} was decided and never left`);
  }

  /** The exchange tells of each submission before it looks at it. */
  submitted(order: Order): void {
    const { key, action } = order;
    const { truth, contents } = this.#parts;
    this.#exitsToLeave.delete(key);
    this.#readDurable(contents);
    must(
      this.#durable.has(key),
      'persisted-before-submitted',
      () => `${key} is not in the journal`,
    );
    must(!truth.orders.has(key), 'executed-once', () => `${key} is at the exchange already`);
    this.#mustBeAuthorised(order);
    this.#mustFit(order);
    const isGated = this.#closedGates.size > 0;
    if (action === 'exit' && isGated) this.#coverage.exitsUnderGates += 1;
    const why = (): string => `${key} left after ${[...this.#closedGates].join(', ')}`;
    must(action === 'exit' || !isGated, 'no-entry-through-gates', why);
  }

  #readDurable({ rows }: MemoryContents): void {
    for (; this.#rowsRead < rows.length; this.#rowsRead += 1) {
      const { kind, payload } = rows[this.#rowsRead]!;
      if (kind !== 'order_created') continue;
      this.#durable.add((decode(payload) as { order: Order }).order.key);
    }
  }

  // Worst case: what the intent has traded, what may still trade, and this order in full.
  #mustBeAuthorised(order: Order): void {
    if (isProtectionLeg(order.leg)) return;
    const purpose = purposeOf(order);
    let lots = lotsOf(order.quantity);
    for (const other of this.#parts.truth.orders.values()) {
      if (purposeOf(other.order) !== purpose) continue;
      lots += other.isOpen ? other.lots : other.filled;
    }
    const most = this.#authorised.get(purpose) ?? 0;
    must(lots <= most, 'executed-once', () => `${order.key}: ${lots} lots, ${most} authorised`);
  }

  #mustFit({ key, type, quantity }: Order): void {
    const isMarket = type === 'market' || type === 'stop_market';
    const max = isMarket ? this.#parts.maxMarketLots : undefined;
    const lots = lotsOf(quantity);
    must(max === undefined || lots <= max, 'within-limits', () => `${key}: ${lots} lots`);
  }

  /** When nothing is under way inside the host. */
  checkQuiet(): void {
    this.#mustHaveLeft();
  }

  /** After a bar: whatever was refused since the bar before has been put right. */
  checkProtected(engine: Engine): void {
    const state = engine.state as EngineState;
    for (const { id, quantity, protection, openedBar } of state.positions.values()) {
      const bars = [...state.market.values()][0]?.bars ?? 0;
      if (openedBar >= bars) continue;
      const hasStop = protection !== null && protection.stop !== null;
      const exits = [...state.orders.values()].filter(
        ({ positionId, action }) => positionId === id && action === 'exit',
      );
      const isLeaving = exits.some(
        (order) => order.type === 'market' && outstanding(order) >= quantity,
      );
      const isCovered = isLeaving || stopped(exits) >= quantity;
      must(hasStop, 'always-protected', () => `${id} is not protected`);
      must(isCovered, 'always-protected', () => `${id} has no stop at the exchange`);
    }
  }

  checkBook(engine: Engine): void {
    this.#book.check(engine);
  }

  checkEnd(engine: Engine): void {
    const state = engine.state as EngineState;
    const open = [...this.#parts.truth.orders.values()].filter(({ isOpen }) => isOpen);
    const known = [...state.orders.values()].map(({ key, status }) => `${key} ${status}`);
    const same = open.length === 0 && known.length === 0;
    const why = (): string =>
      `open here: ${known.join()}; there: ${open.map(({ order }) => order.key).join()}`;
    must(same, 'converges', why);
    this.#book.checkComplete(engine);
    must(state.positions.size === 0, 'converges', () => 'a position is left');
    must(state.intents.size === 0, 'converges', () => [...state.intents.keys()].join());
  }
}

/** What the parts of the stop cover; one that is being replaced rests beside the new one. */
function stopped(exits: readonly Order[]): bigint {
  const parts = new Map<string, bigint>();
  for (const order of exits.filter(({ leg }) => isStopLeg(leg))) {
    const known = parts.get(order.leg) ?? 0n;
    const left = remaining(order);
    parts.set(order.leg, left > known ? left : known);
  }
  return [...parts.values()].reduce((sum, left) => sum + left, 0n);
}

function isPart({ leg, rest }: Order): boolean {
  return rest !== undefined || (isStopLeg(leg) && leg !== 'sl');
}

function purposeOf({ intentId, action, leg }: Order): string {
  if (isProtectionLeg(leg)) return `${intentId} ${leg}`;
  return `${intentId} ${leg === 'flatten' ? 'flatten' : action}`;
}
