// What live observed and the backtest's model, at live's own state, does not give: every
// difference under the channel that it belongs to. Times are counted in bars, places inside a bar
// by what the model did last before.
import type { Decimal } from '../../decimal.js';
import type { AnswerEvent, BarEvent, EngineEvent, FillReported, VenueEvent } from '../../events.js';
import type { SymbolHeld } from '../../records.js';
import type { Channel, Lateness } from './channels.js';
import type { Cause } from './unbound.js';

/**
 * Where between two bars something arrives: before the model does anything, after one thing that it
 * does, or after all of them.
 */
export type Place =
  { readonly at: 'start' } | { readonly at: 'after'; readonly id: string } | { readonly at: 'end' };

export interface Arrival {
  readonly place: Place;
  /** Place in live's sequence of events; orders what arrives at the same place. */
  readonly ordinal: number;
  /** Close of the bar after which it arrived. */
  readonly slotMs: number;
}

/** Something that the model does as well, but at another moment or with another word. */
export interface Moved extends Arrival {
  readonly kind: 'moved';
  readonly channel: Lateness;
  /** Bars between the model's and live's. */
  readonly delay: number;
  /** Taken where the model does it; `place` says nothing then. */
  readonly isInPlace: boolean;
  /** Live's time less the model's; counts where it is in place. */
  readonly deltaTs: number;
  readonly event: VenueEvent;
}

/** Something that the model does and live did not see. */
export interface Suppressed {
  readonly kind: 'suppressed';
  readonly channel: Channel;
}

/** One of the fills that answer to a fill of the model. */
export interface Piece extends Arrival {
  /** Which fill of the model, from 0. */
  readonly of: number;
  readonly channel: Lateness;
  readonly delay: number;
  readonly isInPlace: boolean;
  readonly deltaTs: number;
  readonly event: FillReported;
  /** The order was over with it. */
  readonly isLast: boolean;
  readonly deltaPrice: Decimal;
  /** Of the price before slippage; null = live does not know that price. */
  readonly deltaBase: Decimal | null;
  /** Observed less the model's fee at the observed price and quantity; null = other currency. */
  readonly deltaFee: Decimal | null;
}

/** Something that only live saw: about an order, counted from its submission, or at its time. */
export interface Injected extends Arrival {
  readonly channel: Cause;
  /** Bars since the order was submitted; null = at its own time. */
  readonly sinceSubmit: number | null;
  readonly event: Exclude<EngineEvent, BarEvent | AnswerEvent>;
  /** An end that named fills which the host had not heard of. */
  readonly hasOvertaken: boolean;
  /** Holds on entries that a reading of the account placed or released. */
  readonly holds: readonly SymbolHeld[];
}

export const NO_HOLDS: readonly SymbolHeld[] = [];

export interface FundingShock {
  readonly delta: Decimal;
  /** What the position was that the model paid on. */
  readonly quantity: Decimal;
}

export interface TermsShock {
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly stopPrice: Decimal;
}

export interface AnswerShock {
  readonly channel: 'signal' | 'downtime';
  readonly said: Pick<AnswerEvent, 'bodies' | 'timers' | 'fault'>;
}

/** An order that live did not submit, though the model does. */
export interface Refused {
  readonly code: string;
  readonly channel: 'rejected' | 'size';
}

/** Of one order key; a leg that is placed again is another key. */
export interface OrderShocks {
  /** Submitted live, never filled, and the model fills. */
  isMissed: boolean;
  /** Live did not submit it: a gate that only live has, or nothing was left after rounding. */
  refused: Refused | null;
  /** The order's quantity live; shares are of this. */
  quantity: Decimal;
  readonly pieces: Piece[];
  readonly injected: Injected[];
}

export class ShockBook {
  readonly orders = new Map<string, OrderShocks>();
  /** By the id of what the model does. */
  readonly events = new Map<string, Moved | Suppressed>();
  readonly unbound: Injected[] = [];
  readonly terms = new Map<string, TermsShock>();
  readonly funding = new Map<string, FundingShock>();
  /** By `<instance>|<trigger>|<n-th time>`. */
  readonly answers = new Map<string, AnswerShock>();
  /** Answered only when asked again after a restart. */
  readonly unanswered = new Set<string>();
  /** Time of an answer that came later than its question. */
  readonly answerTimes = new Map<string, number>();
  /** Time at which a bar was taken in, by its close, where that was not its close. */
  readonly barTimes = new Map<number, { readonly ts: number; readonly channel: Lateness }>();
  /** Channels that hold anything; any other cannot make a difference. */
  readonly channels = new Set<Channel>();

  of(orderKey: string): OrderShocks {
    const known = this.orders.get(orderKey);
    if (known !== undefined) return known;
    const fresh = { isMissed: false, refused: null, quantity: 0n, pieces: [], injected: [] };
    this.orders.set(orderKey, fresh);
    return fresh;
  }
}

/** Names what the model does, so that the same thing in another world is found again. */
export class Naming {
  readonly #counts = new Map<string, number>();

  /** The n-th event of its kind about an order; funding is named by side and time. */
  name(event: VenueEvent): string {
    if (event.kind === 'funding_paid') return event.id;
    const base = `${event.order}|${event.kind}`;
    const nth = this.#counts.get(base) ?? 0;
    this.#counts.set(base, nth + 1);
    return `${base}|${nth}`;
  }
}
