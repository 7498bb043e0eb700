// What `runner explain` tells, as the document that --json prints (`runner.explain/1`). Money is a
// decimal string, `_ms` is epoch milliseconds, `seq` is the journal row that says it.
import type { RiskMargin } from '@strategy-runner/core';
import type { ExplainedKind } from './explain-find.js';

export interface Explanation {
  readonly schema: 'runner.explain/1';
  readonly session_id: string;
  /** What was typed. */
  readonly id: string;
  readonly kind: ExplainedKind;
  /** What it stands for: intent id, order key, trade id or position id. */
  readonly stands_for: string;
  readonly intents: readonly IntentStory[];
  readonly position: PositionStory | null;
}

interface Row {
  readonly seq: number;
  readonly time_ms: number;
}

export interface IntentStory {
  readonly intent_id: string;
  /** Null for what no plugin was asked about: a fill of somebody else. */
  readonly input: InputStory | null;
  /** Mostly one; an intent that was accepted can be denied later. */
  readonly decisions: readonly DecisionStory[];
  readonly orders: readonly OrderStory[];
  readonly steps: readonly StepStory[];
  /** Null while it works. */
  readonly outcome: string | null;
}

/** What the strategy saw when it was asked. */
export interface InputStory extends Row {
  readonly ask_id: number;
  readonly instance: string;
  readonly hook: string;
  readonly trigger: string;
  readonly as_of_ms: number;
  readonly argument: unknown;
  readonly bar: BarStory | null;
  readonly positions: readonly HeldStory[];
  readonly open_intents: readonly string[];
  readonly account: { readonly cash: string; readonly equity: string; readonly free: string };
  readonly answer: {
    readonly seq: number;
    readonly intents: number;
    readonly fault: unknown;
  } | null;
}

export interface BarStory {
  readonly seq: number;
  readonly symbol: string;
  readonly timeframe: string;
  readonly open_ms: number;
  readonly close_ms: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export interface HeldStory {
  readonly position_id: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: string;
  readonly entry_price: string;
}

export interface DecisionStory extends Row {
  readonly verdict: 'accepted' | 'denied';
  readonly kind: string;
  /** Accepted: the whole intent with its defaults; denied: what the plugin said. */
  readonly body: unknown;
  readonly position_id: string | null;
  readonly deadline_ms: number | null;
  readonly checks: readonly CheckStory[];
  readonly denial: DenialStory | null;
}

export type CheckName = 'schema' | 'permission' | 'gates' | 'plan' | 'risk' | 'sending';

export interface CheckStory {
  readonly check: CheckName;
  /** `exempt`: never made for what lessens risk. */
  readonly verdict: 'passed' | 'denied' | 'not_reached' | 'exempt';
  readonly detail: string;
}

export interface DenialStory {
  readonly code: string;
  readonly path: string;
  readonly detail: string;
  readonly numbers: Readonly<Record<string, string>>;
  readonly means: string;
  /** What would have to be otherwise for it to pass. */
  readonly change: string;
}

export interface OrderStory extends Row {
  readonly key: string;
  readonly client_order_id: string;
  readonly venue_order_id: string | null;
  readonly leg: string;
  readonly attempt: number;
  readonly action: string;
  readonly side: string;
  readonly type: string;
  readonly quantity: string;
  readonly price: string | null;
  readonly stop_price: string | null;
  readonly reference_price: string;
  readonly is_post_only: boolean;
  readonly is_reduce_only: boolean;
  readonly roundings: readonly {
    readonly field: string;
    readonly from: string;
    readonly to: string;
    readonly reason: string;
  }[];
  readonly risk: readonly RiskMargin[];
  readonly status: string;
  readonly events: readonly OrderEventStory[];
  readonly fills: readonly FillStory[];
}

export interface OrderEventStory extends Row {
  /** `wire`: word for word; `venue`: what that says; `engine`: as it was taken. */
  readonly source: 'wire' | 'venue' | 'engine';
  readonly what: string;
  readonly detail: string;
  readonly sent_ms: number | null;
  readonly acked_ms: number | null;
  readonly venue_ms: number | null;
}

export interface FillStory extends Row {
  readonly trade_id: string;
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly fee_currency: string;
  readonly liquidity: string;
  readonly reference_price: string;
  /** Against the decision price, positive = worse. */
  readonly slippage_bps: number;
  readonly slippage: string;
  readonly venue_ms: number | null;
}

export interface StepStory extends Row {
  readonly what: string;
  readonly detail: string;
}

export interface PositionStory {
  readonly position_id: string;
  readonly symbol: string;
  readonly side: string;
  readonly opened_by: string;
  readonly ledger: readonly LedgerStory[];
  readonly protection: readonly ProtectionStory[];
  /** What it came to; `exit_reason` is null while it is open. */
  readonly result: {
    readonly time_ms: number;
    readonly quantity: string;
    readonly entry_price: string;
    readonly gross_pnl: string;
    readonly fees: string;
    readonly funding: string;
    readonly net_pnl: string;
    readonly exit_reason: string | null;
  };
}

export interface LedgerStory extends Row {
  readonly what: 'fill' | 'external_fill' | 'funding';
  /** Trade id or id of the payment. */
  readonly id: string;
  readonly intent_id: string | null;
  readonly leg: string | null;
  readonly side: string | null;
  readonly price: string | null;
  readonly quantity: string | null;
  readonly realized: string;
  readonly fee: string;
  readonly cash_before: string;
  readonly cash: string;
  readonly cash_after: string;
  readonly quantity_after: string;
}

export interface ProtectionStory extends Row {
  readonly cause: string;
  readonly place: string | null;
  readonly stop: string | null;
  readonly stop_source: string | null;
  readonly targets: readonly string[];
  readonly initial_risk: string | null;
}
