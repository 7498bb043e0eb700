// Everything that can happen to the engine. The engine is a function of this sequence and of
// nothing else. `ts` is the driver's clock in epoch milliseconds and never runs backwards.
import type { Decimal } from './decimal.js';
import type { Side } from '@strategy-runner/contracts';

export interface RunStarted {
  readonly kind: 'run_started';
  readonly ts: number;
  readonly run: number;
  readonly start: 'cold' | 'warm';
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

export interface OrderAccepted {
  readonly kind: 'order_accepted';
  readonly ts: number;
  readonly order: string;
  readonly venueOrderId: string;
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

export interface FillReported {
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

export type EngineEvent =
  RunStarted | BarEvent | AnswerEvent | VenueEvent | TimerFired | CommandGiven | RunEnded;
