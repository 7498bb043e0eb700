// What the engine decided. State changes only by applying these (state/apply.ts), so recovery
// applies the recorded ones and never decides again.
import type { Intent, IntentEvent } from '@strategy-runner/contracts';
import type { Decimal } from './decimal.js';
import type { Ask } from './effects.js';
import type { EngineEvent } from './events.js';
import type { Order, OrderStatus } from './order/order.js';
import type { Position } from './ledger/position.js';
import type { ProtectionState } from './protection/protection.js';

export interface IntentDenied {
  readonly type: 'intent_denied';
  readonly ts: number;
  readonly intentId: string;
  readonly instance: string;
  readonly kind: string;
  readonly code: string;
  readonly path: string;
  readonly detail: string;
  /** Decimal strings behind the refusal: `{ quantity, min_quantity, … }`. */
  readonly numbers: Readonly<Record<string, string>>;
  /** What the plugin said, as captured. */
  readonly body: unknown;
}

/** An accepted intent: the full envelope with merged defaults, and its absolute deadline. */
export interface IntentAccepted {
  readonly type: 'intent_accepted';
  readonly ts: number;
  readonly intent: Intent;
  readonly instance: string;
  readonly deadlineMs: number | null;
  /** Position the intent acts on or will open; empty for cancel and hold. */
  readonly positionId: string;
  /** Closed bars seen when accepted: `expires.after_bars` counts from here. */
  readonly bar: number;
}

export interface IntentDone {
  readonly type: 'intent_done';
  readonly ts: number;
  readonly intentId: string;
  readonly outcome: string;
}

/** One rounding of price or quantity, with what was asked and what leaves. */
export interface Normalization {
  readonly field: 'price' | 'stop_price' | 'quantity';
  readonly from: Decimal;
  readonly to: Decimal;
  readonly reason: string;
}

export interface OrderCreated {
  readonly type: 'order_created';
  readonly ts: number;
  readonly order: Order;
  readonly normalizations: readonly Normalization[];
}

export interface OrderMoved {
  readonly type: 'order_moved';
  readonly ts: number;
  readonly order: string;
  readonly status: OrderStatus;
  readonly venueOrderId: string | null;
  readonly cancelReason: string | null;
  readonly code: string;
  /** The price that the order met, where the venue tells it with a refusal. */
  readonly marketPrice?: Decimal;
}

export interface OrderTriggeredNoted {
  readonly type: 'order_triggered';
  readonly ts: number;
  readonly order: string;
  /** The order that the triggered one became, where the venue makes a new one. */
  readonly venueOrderId?: string;
}

/** A fee that did not come out of the account's cash. */
export interface ForeignFee {
  /** Out of what was bought (spot), or in a currency of its own beside the account's. */
  readonly takenFrom: 'base' | 'other';
  /** Worth in the settle currency; zero where the ledger has no price for it. */
  readonly value: Decimal;
  /** What is less than a lot and cannot be sold is set apart, so that a position stays sellable. */
  readonly dust?: Position;
}

/** A fill as booked: everything that the ledger changes, computed once. */
export interface FillBooked {
  readonly type: 'fill';
  readonly ts: number;
  readonly order: string;
  readonly intentId: string;
  readonly leg: string;
  readonly tradeId: string;
  readonly instance: string;
  readonly symbol: string;
  readonly positionId: string;
  readonly positionSide: 'long' | 'short';
  readonly action: 'entry' | 'exit';
  readonly side: 'buy' | 'sell';
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly feeCurrency: string;
  readonly liquidity: 'maker' | 'taker';
  /** Realised profit of an exit before fees; zero for an entry. */
  readonly realized: Decimal;
  /** Change of cash, fee included. */
  readonly cash: Decimal;
  /** Price paid beyond the cost model's base price × quantity: positive is a cost. */
  readonly slippage: Decimal;
  readonly referencePrice: Decimal;
  /** Signed against the decision price, positive = worse for us. */
  readonly slippageBps: number;
  readonly isComplete: boolean;
  readonly position: Position;
  /** What a taker's fill shows of the market: its price before the cost model's slippage. */
  readonly marketPrice: Decimal | null;
  /** Given where `fee` was not paid in the settle currency. */
  readonly foreignFee?: ForeignFee;
}

export interface FundingBooked {
  readonly type: 'funding';
  readonly ts: number;
  readonly id: string;
  readonly symbol: string;
  readonly positionId: string;
  readonly rate: Decimal;
  readonly amount: Decimal;
}

export interface PositionClosed {
  readonly type: 'position_closed';
  readonly ts: number;
  readonly position: Position;
  readonly reason: string;
}

export interface ProtectionChanged {
  readonly type: 'protection';
  readonly ts: number;
  readonly positionId: string;
  readonly protection: ProtectionState | null;
  readonly initialRisk: Decimal | null;
  readonly cause: string;
}

export interface PositionNoted {
  readonly type: 'position_note';
  readonly ts: number;
  readonly positionId: string;
  readonly dcaLevel: number;
}

/** Progress of a working intent that is not an order state: chase moves, fallback uses, top-up. */
export interface IntentProgress {
  readonly type: 'intent_progress';
  readonly ts: number;
  readonly intentId: string;
  readonly step: string;
  readonly moves: number;
  readonly fallbackUses: number;
  readonly pending: string | null;
  readonly detail: string;
  /** Given when the entry was sent again after proof of absence: how often so far. */
  readonly resends?: number;
}

/** A fill of no order of this session, as booked (P7, P13, B14). */
export interface ExternalBooked {
  readonly type: 'external_fill';
  readonly ts: number;
  readonly tradeId: string;
  readonly venueOrderId: string;
  readonly symbol: string;
  readonly positionId: string;
  readonly positionSide: 'long' | 'short';
  readonly action: 'entry' | 'exit';
  readonly side: 'buy' | 'sell';
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly feeCurrency: string;
  readonly liquidity: 'maker' | 'taker';
  readonly realized: Decimal;
  /** Change of cash, fee included. */
  readonly cash: Decimal;
  readonly cause: string;
  readonly position: Position;
  /** Given where `fee` was not paid in the settle currency. */
  readonly foreignFee?: ForeignFee;
}

export interface CashMovedNoted {
  readonly type: 'cash_moved';
  readonly ts: number;
  readonly id: string;
  readonly currency: string;
  readonly amount: Decimal;
  /** Change of the account's cash; zero where the currency is another one. */
  readonly cash: Decimal;
  readonly cause: string;
}

/** Entries on a symbol (`*` = all) are held, or released, for one named reason. */
export interface SymbolHeld {
  readonly type: 'symbol_hold';
  readonly ts: number;
  readonly symbol: string;
  readonly code: string;
  /** Trade id, order id or kind of divergence: what `resume --ack` names. */
  readonly ref: string;
  readonly isHeld: boolean;
  readonly reason: string;
}

/** One difference between ledger and venue. */
export interface DivergenceItem {
  readonly kind: 'position' | 'cash' | 'order_untracked' | 'order_missing' | 'entry_price';
  readonly symbol: string;
  readonly ref: string;
  /** Decimal text of the ledger's side and of the venue's. */
  readonly ours: string;
  readonly theirs: string;
}

/** A comparison with the venue that found something, or one that found all equal again. */
export interface ReconciledNoted {
  readonly type: 'reconciled';
  readonly ts: number;
  readonly takenMs: number;
  readonly isClear: boolean;
  /** True where something moved meanwhile, so that the comparison says nothing. */
  readonly isInconclusive: boolean;
  readonly items: readonly DivergenceItem[];
}

/** How long a position had less protection at the venue than it must have (X18). */
export interface ProtectionGap {
  readonly type: 'protection_gap';
  readonly ts: number;
  readonly positionId: string;
  /** When it began; null = it is covered again. */
  readonly sinceMs: number | null;
  readonly unprotectedMs: number;
}

export type EngineRecord =
  | { readonly type: 'ask'; readonly ts: number; readonly ask: Ask }
  | {
      readonly type: 'ask_queued';
      readonly ts: number;
      readonly instance: string;
      readonly hook: QueuedHook;
    }
  | {
      readonly type: 'answer_taken';
      readonly ts: number;
      readonly instance: string;
      readonly askId: number;
      readonly fault: boolean;
    }
  | {
      readonly type: 'answer_late';
      readonly ts: number;
      readonly askId: number;
      readonly code: 'ANSWER_LATE';
    }
  | {
      readonly type: 'warmup_dropped';
      readonly ts: number;
      readonly instance: string;
      readonly count: number;
    }
  | {
      /** Answers to bars that were missed while the host was down, not acted on (X19). */
      readonly type: 'missed_dropped';
      readonly ts: number;
      readonly instance: string;
      readonly asOfMs: number;
      readonly bodies: readonly unknown[];
    }
  | ExternalBooked
  | CashMovedNoted
  | SymbolHeld
  | ReconciledNoted
  | ProtectionGap
  | IntentDenied
  | IntentAccepted
  | IntentDone
  | IntentProgress
  | OrderCreated
  | OrderMoved
  | OrderTriggeredNoted
  | FillBooked
  | {
      readonly type: 'fill_duplicate';
      readonly ts: number;
      readonly order: string;
      readonly tradeId: string;
    }
  | {
      readonly type: 'fill_unmatched';
      readonly ts: number;
      readonly order: string;
      readonly tradeId: string;
      readonly price: Decimal;
      readonly quantity: Decimal;
    }
  | {
      readonly type: 'order_event_ignored';
      readonly ts: number;
      readonly order: string;
      readonly event: string;
      readonly detail: string;
    }
  | FundingBooked
  | PositionClosed
  | PositionNoted
  | ProtectionChanged
  | {
      readonly type: 'timer_set';
      readonly ts: number;
      readonly name: string;
      readonly dueMs: number;
    }
  | {
      readonly type: 'timer_cleared';
      readonly ts: number;
      readonly name: string;
      readonly hasFired: boolean;
    }
  | {
      readonly type: 'gate';
      readonly ts: number;
      readonly gate: GateName;
      readonly isClosed: boolean;
      readonly untilMs: number | null;
      readonly reason: string;
    }
  | {
      readonly type: 'backoff';
      readonly ts: number;
      readonly rejects: number;
      readonly untilMs: number;
    }
  | {
      readonly type: 'plugin_fault';
      readonly ts: number;
      readonly instance: string;
      readonly hook: string;
      readonly code: string;
      readonly message: string;
      readonly faults: number;
      readonly isHalted: boolean;
    }
  | {
      readonly type: 'day_started';
      readonly ts: number;
      readonly day: number;
      readonly equity: Decimal;
    }
  | { readonly type: 'alert'; readonly ts: number; readonly code: string; readonly text: string };

export type GateName = 'paused' | 'stopped' | 'killed';

export interface QueuedHook {
  readonly hook: 'onFill' | 'onIntentEvent' | 'onTimer' | 'onBar';
  readonly trigger: string;
  readonly asOfMs: number;
  readonly argument: unknown;
}

/** Where events and records go. An entry is valid during the call only, unless its kind is kept. */
export interface Sink {
  event(event: EngineEvent): void;
  record(record: EngineRecord): void;
}

export type { IntentEvent };
