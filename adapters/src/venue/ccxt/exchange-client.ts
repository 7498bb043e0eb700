// What the parts of the ccxt venue know of the client behind them: calls that end in a verdict and
// never throw, and raw stream messages handed on in the same tick in which they arrive.
import type { AccountEvent, ApiVerdict, VenueEvent } from '@strategy-runner/core';
import type { Exchange } from 'ccxt';

/** Why an order was refused, as far as an intent's permissions ask for it (rule 15). */
export type RejectReason = 'post_only' | 'price' | 'liquidity' | 'other';

export interface CallFailure {
  /** `rejected` only from the list of definite refusals; what nobody can prove is `unknown`. */
  readonly verdict: ApiVerdict;
  readonly httpStatus: number | null;
  readonly venueCode: string | null;
  readonly reason: RejectReason;
  /** The order exists already under this client order id (-4116, duplicate). */
  readonly isDuplicate: boolean;
  /** In the venue's words, without secrets. */
  readonly detail: string;
  /** Epoch ms of the wall clock before which nothing may be sent (rate limit, ban). */
  readonly untilMs: number | null;
  /** True = proven that no request of this call has left this process, nor will. */
  readonly neverLeft?: boolean;
}

export type CallResult<Value> =
  | {
      readonly ok: true;
      readonly value: Value;
      /** Market time just before the request left and when its answer had been read. */
      readonly sentMs: number;
      readonly ackedMs: number;
    }
  | { readonly ok: false; readonly failure: CallFailure };

/** `urgent` = cancel, close, kill: own queue and own share of the budget, never behind `normal`. */
export type Urgency = 'urgent' | 'normal';

export interface CallOptions<Value = unknown> {
  readonly urgency?: Urgency;
  /** Request weight, where it is not that of the call's name. */
  readonly weight?: number;
  /** Key of the order that it is about. */
  readonly about?: string;
  /** Hard deadline of this call, wall ms; default that of the config. */
  readonly deadlineMs?: number;
  /** Told at once when its request leaves: a stream may overtake its answer. Market time. */
  readonly onSent?: (sentMs: number) => void;
  /** Asked right before its request leaves, however long it queued; a reason keeps it back. */
  readonly heldBy?: () => string | undefined;
  /** A failure that the caller expects and handles (an order not found) is not an `api_error`. */
  readonly isExpected?: (failure: CallFailure) => boolean;
  /** What came after the deadline had been answered for it: an ack may still arrive. */
  readonly onLate?: (late: CallResult<Value>) => void;
}

/** A message of a stream, exactly as it was parsed from the wire. */
export interface RawMessage {
  /** The venue's event name (`ORDER_TRADE_UPDATE`, `executionReport`, `kline`). */
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Market time at which it arrived. */
  readonly atMs: number;
}

/** Where events of the venue go: the driver's mailbox, in order. */
export type Emit = (event: VenueEvent | AccountEvent) => void;

/** The venue's time: at a real one wall time plus offset, at the local exchange that of bars. */
export interface MarketClock {
  /** Epoch ms, never runs backwards. */
  now(): number;
  /** A time stamped by the venue has been seen. */
  observe(ms: number): void;
  /** Wall milliseconds until the market time `ms`; Infinity where time stands (stepped by hand). */
  wallMsUntil(ms: number): number;
}

export interface ExchangeClient {
  /** ccxt id, `binanceusdm`. */
  readonly id: string;
  readonly clock: MarketClock;
  /** Runs one ccxt call under the hard deadline; failures come back as verdicts and `api_error`. */
  call<Value>(
    name: string,
    run: (exchange: Exchange) => Promise<Value>,
    options?: CallOptions<Value>,
  ): Promise<CallResult<Value>>;
  /** Calls of one reading of the account: what they answer as before is journaled as one event. */
  together<Value>(run: () => Promise<Value>): Promise<Value>;
  /** Raw user-stream and market-stream messages, synchronously. Returns how to stop listening. */
  onRaw(listener: (message: RawMessage) => void): () => void;
  /** A stream of this name ended or was reopened by the client library. */
  onStream(listener: (change: StreamChange) => void): () => void;
  /** Markets as ccxt has loaded them (`exchange.market(symbol)`); after `connect`. */
  readonly exchange: Exchange;
}

export interface StreamChange {
  readonly stream: 'user' | 'bars' | 'quotes';
  readonly state: 'open' | 'closed' | 'expired';
  readonly detail: string;
}
