// Everything that can happen to the engine. The engine is a function of this sequence and of
// nothing else. `ts` is the driver's clock in epoch milliseconds and never runs backwards.
import type { Decimal } from './decimal.js';
import type { Side } from '@strategy-runner/contracts';
import type { DriftMeasured, HostAlert, JournalGap } from './host-events.js';
import type { ReadinessReached } from './readiness.js';

export interface RunStarted {
  readonly kind: 'run_started';
  readonly ts: number;
  readonly run: number;
  readonly start: 'cold' | 'warm';
  /** `connecting`: entries wait until the venue has been read and agrees. Omitted = `ready`. */
  readonly connection?: ConnectionState;
  /** Journal row of the snapshot that the plugins were restored from; omitted = none was used. */
  readonly restoredFrom?: number;
}

/** A closed bar. The drivers reuse one object for all bars: a sink that keeps it must copy it. */
export interface BarEvent {
  readonly kind: 'bar';
  readonly ts: number;
  readonly symbol: string;
  readonly timeframe: string;
  readonly openMs: number;
  readonly closeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** What a hook returned, captured as plain JSON, or the fault that it ended in. */
export interface AnswerEvent {
  readonly kind: 'answer';
  readonly ts: number;
  readonly askId: number;
  readonly bodies: readonly unknown[];
  readonly timers: readonly { readonly name: string; readonly dueMs: number }[];
  readonly fault: PluginFault | null;
}

export interface PluginFault {
  readonly code: 'PLUGIN_THREW' | 'PLUGIN_RETURNED_PROMISE' | 'PLUGIN_FAULT';
  readonly message: string;
}

export interface OrderAccepted extends Measured {
  readonly kind: 'order_accepted';
  readonly ts: number;
  readonly order: string;
  readonly venueOrderId: string;
}

/** Times of a request, where the venue's adapter measured them; epoch ms of the venue's clock. */
export interface Measured {
  /** Just before the bytes left. */
  readonly sentMs?: number;
  /** When the answer was read. */
  readonly ackedMs?: number;
  /** As the venue itself stamped it. */
  readonly venueMs?: number;
}

/** `reason` decides what an intent's permissions may answer to it (rule 15). */
export interface OrderRejected {
  readonly kind: 'order_rejected';
  readonly ts: number;
  readonly order: string;
  readonly code: string;
  readonly reason: 'post_only' | 'price' | 'liquidity' | 'other';
  readonly detail: string;
  /** The price that the order met, where the venue tells it. */
  readonly marketPrice?: Decimal;
}

/** Nobody has said what became of the order (rule 16). */
export interface OrderUnknown {
  readonly kind: 'order_unknown';
  readonly ts: number;
  readonly order: string;
  readonly detail: string;
}

/** The venue has proven that it never had the order. */
export interface OrderAbsent {
  readonly kind: 'order_absent';
  readonly ts: number;
  readonly order: string;
}

/** A stop-limit's trigger was reached; its limit rests from now on. */
export interface OrderTriggered {
  readonly kind: 'order_triggered';
  readonly ts: number;
  readonly order: string;
  /** The order that the triggered one became, where the venue makes a new one. */
  readonly venueOrderId?: string;
}

/**
 * The order is over at the venue. A venue that tells the quantity filled in all gives it as
 * `filled`: an end that has overtaken its fills is then noticed and asked for again.
 */
export interface OrderEnded {
  readonly kind: 'order_ended';
  readonly ts: number;
  readonly order: string;
  readonly status: 'cancelled' | 'expired';
  readonly code: string;
  readonly filled?: Decimal;
}

export interface CancelRejected {
  readonly kind: 'cancel_rejected';
  readonly ts: number;
  readonly order: string;
  readonly detail: string;
}

export interface FillReported extends Measured {
  readonly kind: 'fill_reported';
  readonly ts: number;
  readonly order: string;
  readonly tradeId: string;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly feeCurrency: string;
  readonly liquidity: 'maker' | 'taker';
  /** The price before the cost model's slippage, where the venue knows it. */
  readonly basePrice: Decimal | null;
}

/** `amount` is signed: received positive. */
export interface FundingPaid {
  readonly kind: 'funding_paid';
  readonly ts: number;
  readonly id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly rate: Decimal;
  readonly amount: Decimal;
}

/** Why a position moved at the venue without an order of this session. */
export type ExternalCause =
  'manual' | 'liquidation' | 'adl' | 'settlement' | 'untracked' | 'adjustment';

/**
 * A fill of no order of this session. It is booked so that ledger and venue stay equal, and holds
 * entries on its symbol until an operator has acknowledged it (B13); it is never traded back.
 */
export interface ExternalFill {
  readonly kind: 'external_fill';
  readonly ts: number;
  /** Deterministic where the venue gives none, so that a second reading finds it booked. */
  readonly tradeId: string;
  readonly venueOrderId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  /** The side that it changed, where the account is hedged; null = netted. */
  readonly positionSide: Side | null;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly feeCurrency: string;
  readonly liquidity: 'maker' | 'taker';
  readonly cause: ExternalCause;
  readonly venueMs?: number;
}

/** Cash that moved for no trade and no funding: a flow, not a result (U2). Received positive. */
export interface CashMoved {
  readonly kind: 'cash_moved';
  readonly ts: number;
  readonly id: string;
  readonly currency: string;
  readonly amount: Decimal;
  readonly cause: 'deposit' | 'withdrawal' | 'transfer' | 'adjustment' | 'other';
}

/**
 * Where the connection to the venue stands. Entries wait unless it is `ready`; exits never do.
 * `syncing` = connected, and what was missed is being read.
 */
export type ConnectionState = 'connecting' | 'down' | 'syncing' | 'ready';

export interface ConnectionChanged {
  readonly kind: 'connection';
  readonly ts: number;
  readonly state: ConnectionState;
  readonly detail: string;
  /** Attempts since it was last ready; 0 when ready. */
  readonly attempt: number;
  /** When the next attempt is due (ban, backoff); null = none is planned. */
  readonly untilMs: number | null;
}

/** A request that failed or an answer that could not be read: never swallowed (R4). */
export interface ApiError {
  readonly kind: 'api_error';
  readonly ts: number;
  /** Name of the call, `createOrder`. */
  readonly call: string;
  /** Key of the order that it was about, if any. */
  readonly about: string | null;
  readonly httpStatus: number | null;
  /** The venue's own code, `-2019`. */
  readonly venueCode: string | null;
  readonly verdict: ApiVerdict;
  /** In the venue's words, without secrets. */
  readonly detail: string;
}

/** What is known after a failed call. All that is not definite is `unknown`. */
export type ApiVerdict =
  'rejected' | 'not_found' | 'unknown' | 'retry' | 'rate_limited' | 'banned' | 'clock' | 'auth';

/** What was sent and what the venue said, word for word and without secrets (R23). */
export interface VenueMessage {
  readonly kind: 'venue_message';
  readonly ts: number;
  readonly channel: 'request' | 'response' | 'stream';
  readonly name: string;
  readonly body: string;
  /** Of the answer to a question that was asked before in the same words: when it was asked. */
  readonly askedMs?: number;
  /** Which question that was: the hash of its words without its time. */
  readonly question?: string;
  /**
   * In place of the body of an answer that is the same as an earlier one of this run: the start of
   * the SHA-256 of that body. `body` is empty then.
   */
  readonly sameAs?: string;
  /** Answers of one reading of the account that are all as they were; `body` is empty then. */
  readonly again?: readonly VenueAnswer[];
}

/** An answer that is the same as the last one to its question. */
export interface VenueAnswer {
  readonly ts: number;
  readonly name: string;
  readonly askedMs: number;
  readonly question: string;
  readonly body: string;
  readonly sameAs?: string;
}

/**
 * The account as the venue shows it. Compared with the ledger where nothing has moved since
 * `takenMs`; a failed or partial reading never becomes one of these.
 */
export interface VenueSnapshot {
  readonly kind: 'venue_snapshot';
  readonly ts: number;
  /** When the reading began, on the clock of `ts`. */
  readonly takenMs: number;
  readonly scope: 'account' | 'symbols';
  /** The symbols that were read: configured, watched, ever traded (R25). */
  readonly symbols: readonly string[];
  readonly orders: readonly VenueOrder[];
  readonly positions: readonly VenuePosition[];
  readonly balances: readonly VenueBalance[];
}

export interface VenueOrder {
  /** Key of our order, or null for one that is not ours. */
  readonly order: string | null;
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly positionSide: Side | null;
  readonly type: string;
  readonly quantity: Decimal;
  readonly filled: Decimal;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly reduceOnly: boolean;
}

export interface VenuePosition {
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: Decimal;
  readonly entryPrice: Decimal;
}

/** `total` is the wallet: without unrealised profit. */
export interface VenueBalance {
  readonly currency: string;
  readonly total: Decimal;
  readonly free: Decimal | null;
}

/** How far the venue's own lists (trades, income) have been read: kept with the session. */
export interface CursorMoved {
  readonly kind: 'cursor';
  readonly ts: number;
  /** `trades:<symbol>`, `income`. */
  readonly name: string;
  readonly value: string;
}

/** An order of somebody else that the operator made ours (`--on-untracked adopt`). */
export interface OrderAdopted {
  readonly kind: 'order_adopted';
  readonly ts: number;
  readonly venueOrder: VenueOrder;
}

/** Trading rules that the venue has changed; orders placed from now on follow them. */
export interface FiltersChanged {
  readonly kind: 'filters_changed';
  readonly ts: number;
  readonly symbol: string;
  readonly tickSize: Decimal;
  readonly lotSize: Decimal;
  readonly minQuantity: Decimal;
  readonly minNotional: Decimal;
  /** Null = no maximum; omitted = as before. */
  readonly maxQuantity?: Decimal | null;
  readonly maxMarketQuantity?: Decimal | null;
}

export interface TimerFired {
  readonly kind: 'timer_fired';
  readonly ts: number;
  readonly name: string;
}

export interface CommandGiven {
  readonly kind: 'command';
  readonly ts: number;
  readonly command: 'pause' | 'resume' | 'stop' | 'kill' | 'reset_kill';
  readonly by: string;
  readonly reason: string;
  /** With `resume`: the trade id or divergence that the operator acknowledges. */
  readonly ack?: string;
}

export interface RunEnded {
  readonly kind: 'run_ended';
  readonly ts: number;
  readonly run: number;
  readonly cause: string;
}

export type VenueEvent =
  | OrderAccepted
  | OrderRejected
  | OrderUnknown
  | OrderAbsent
  | OrderTriggered
  | OrderEnded
  | CancelRejected
  | FillReported
  | FundingPaid;

/** What only a venue that outlives the process tells: account, connection, its own words. */
export type AccountEvent =
  | ExternalFill
  | CashMoved
  | ConnectionChanged
  | ApiError
  | VenueMessage
  | VenueSnapshot
  | FiltersChanged
  | CursorMoved
  | JournalGap
  | HostAlert
  | ReadinessReached
  | DriftMeasured
  | OrderAdopted;

export type EngineEvent =
  | RunStarted
  | BarEvent
  | AnswerEvent
  | VenueEvent
  | AccountEvent
  | TimerFired
  | CommandGiven
  | RunEnded;
