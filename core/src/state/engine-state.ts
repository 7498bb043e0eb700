// The whole state of one account's engine. Plain data: it can be written down as a snapshot and
// read back. Bars live beside it (market/bar-series.ts), since they are inputs, not decisions.
import type { CloseIntent, Intent } from '@strategy-runner/contracts';
import { type Decimal, ZERO } from '../decimal.js';
import type { Order } from '../order/order.js';
import type { Position } from '../ledger/position.js';
import type { ConnectionState, FiltersChanged } from '../events.js';
import type { GateName, QueuedHook } from '../records.js';
import { type Recent, emptyRecent } from './recent.js';

export interface SymbolMarket {
  symbol: string;
  /** Closed base bars seen. */
  bars: number;
  openMs: number;
  closeMs: number;
  /** The last close, or a price that the venue has shown since. */
  last: number;
  high: number;
  low: number;
}

export interface InstanceState {
  id: string;
  /** Id of the ask that is out, or 0. */
  outstandingAsk: number;
  /** What that ask was about; null means the last closed bar. */
  outstandingHook: QueuedHook | null;
  queue: QueuedHook[];
  consecutiveFaults: number;
  isHalted: boolean;
  warmupDropped: number;
}

export interface WorkingIntent {
  intent: Intent;
  instance: string;
  positionId: string;
  deadlineMs: number | null;
  acceptedBar: number;
  moves: number;
  fallbackUses: number;
  /** How often its entry was sent again after proof of absence. */
  resends: number;
  /** A follow-up that waits for the running order to end: fallback, chase, top-up, re-open. */
  pending: string | null;
}

export type ChangedFilters = Pick<
  FiltersChanged,
  'tickSize' | 'lotSize' | 'minQuantity' | 'minNotional' | 'maxQuantity' | 'maxMarketQuantity'
>;

export interface EngineState {
  clockMs: number;
  run: number;
  lastAskId: number;
  market: Map<string, SymbolMarket>;
  instances: Map<string, InstanceState>;
  cash: Decimal;
  fees: Decimal;
  funding: Decimal;
  realized: Decimal;
  slippage: Decimal;
  traded: Decimal;
  /** Open positions by position id. */
  positions: Map<string, Position>;
  closedPositions: number;
  /** Intents that still work, by intent id. */
  intents: Map<string, WorkingIntent>;
  /** Recently ended intents, bounded: a late fill still finds its protection. */
  endedIntents: Recent<Intent>;
  /** Ids of recent intents with their outcome, bounded. */
  intentOutcomes: Recent<string>;
  /**
   * Idempotency keys with the content that they were accepted with, bounded. Apart from the
   * outcomes: no number of denials makes the host forget a key.
   */
  idempotencyKeys: Recent<string>;
  /** How often each kind of event of an intent was told, bounded: the n of its trigger key. */
  eventCounts: Recent<number>;
  /** Orders that are not over, by order key. */
  orders: Map<string, Order>;
  /** Recently ended orders, bounded: late fills still find them. */
  endedOrders: Recent<Order>;
  /** Highest attempt per leg, by intent id. */
  attempts: Map<string, Record<string, number>>;
  /** Closes that stand, by `<instance>|<symbol>|<side>` (closing.ts). */
  closing: Map<string, CloseIntent>;
  timers: Map<string, number>;
  /** The earliest due time in `timers`, or Infinity. */
  nextTimerMs: number;
  gates: Record<GateName, boolean>;
  /** Entries wait unless it is `ready`. */
  connection: ConnectionState;
  /** How far the venue's lists have been read, by name. */
  cursors: Map<string, string>;
  /** What holds entries on a symbol (`*` = all), by `<symbol>|<ref>`, with its code. */
  holds: Map<string, string>;
  /** Cash that came and went for no trade: not a result. */
  moved: Decimal;
  /** Fees paid in a currency that is neither settle nor base, by currency. */
  otherFees: Map<string, Decimal>;
  /** Fills of no order of this session that were booked, by `<symbol>|<trade id>`, bounded. */
  externalTrades: Recent<true>;
  /** Ids of recent cash flows, bounded. */
  cashMoveIds: Recent<true>;
  /** Trading rules that the venue has changed since the session pinned them, by symbol. */
  filters: Map<string, ChangedFilters>;
  /** When something last moved, by symbol or currency: who compares must have looked later. */
  touchedMs: Map<string, number>;
  /** Fills and payments booked so far: each may round cash by its last digit. */
  bookings: number;
  /** Since when a position lacks protection at the venue, by position id. */
  unprotectedSince: Map<string, number>;
  /** Sum over all positions of the time without the protection that they must have, ms. */
  unprotectedMs: number;
  backoffRejects: number;
  backoffUntilMs: number;
  day: number;
  dayStartEquity: Decimal;
  /** Times of recent entry submissions, for the rate limit; bounded. */
  entryTimes: number[];
  fundingIds: Recent<true>;
}

/** Venues number trades per symbol: how a trade is remembered. */
export function tradeName(symbol: string, tradeId: string): string {
  return `${symbol}|${tradeId}`;
}

export const LIMITS = {
  endedOrders: 256,
  endedIntents: 256,
  intentOutcomes: 2000,
  idempotencyKeys: 20_000,
  eventCounts: 10_000,
  fundingIds: 10_000,
  externalTrades: 10_000,
  cashMoveIds: 10_000,
  entryTimes: 1000,
} as const;

export function emptyState(cash: Decimal, instances: readonly string[]): EngineState {
  return {
    clockMs: 0,
    run: 0,
    lastAskId: 0,
    market: new Map(),
    instances: new Map(instances.map((id) => [id, emptyInstance(id)])),
    cash,
    fees: ZERO,
    funding: ZERO,
    realized: ZERO,
    slippage: ZERO,
    traded: ZERO,
    positions: new Map(),
    closedPositions: 0,
    intents: new Map(),
    endedIntents: emptyRecent(),
    intentOutcomes: emptyRecent(),
    idempotencyKeys: emptyRecent(),
    eventCounts: emptyRecent(),
    orders: new Map(),
    endedOrders: emptyRecent(),
    attempts: new Map(),
    closing: new Map(),
    timers: new Map(),
    nextTimerMs: Infinity,
    gates: { paused: false, stopped: false, killed: false },
    connection: 'ready',
    cursors: new Map(),
    holds: new Map(),
    moved: ZERO,
    otherFees: new Map(),
    externalTrades: emptyRecent(),
    cashMoveIds: emptyRecent(),
    filters: new Map(),
    touchedMs: new Map(),
    bookings: 0,
    unprotectedSince: new Map(),
    unprotectedMs: 0,
    backoffRejects: 0,
    backoffUntilMs: 0,
    day: -1,
    dayStartEquity: cash,
    entryTimes: [],
    fundingIds: emptyRecent(),
  };
}

function emptyInstance(id: string): InstanceState {
  return {
    id,
    outstandingAsk: 0,
    outstandingHook: null,
    queue: [],
    consecutiveFaults: 0,
    isHalted: false,
    warmupDropped: 0,
  };
}
