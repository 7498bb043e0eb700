// What one exchange needs beyond ccxt's unified calls: its addresses, what its refusals mean, how
// its streams are named. An exchange without a profile of its own gets the generic one.
import type { Exchange } from 'ccxt';
import type { RejectReason, StreamChange } from './exchange-client.js';

export interface VenueProfile {
  readonly name: 'binanceusdm' | 'binance' | 'generic';
  /** Options of ccxt's instance. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Its own addresses under `rest` and `stream`, where keeping the path is not enough. */
  urls(rest: string | undefined, stream: string | undefined): Readonly<Record<string, unknown>>;
  /** Entries of `urls.api` without which it cannot trade, as paths of keys. */
  readonly needs: readonly (readonly string[])[];
  /** Makes ccxt's error classes the same under any address. */
  mergeExceptions(exchange: Exchange): void;
  readonly codes: RejectCodes;
  readonly pace: {
    readonly normal: InstancePace;
    readonly urgent: InstancePace;
  };
  /** Request weight of a call by its name, where it is not 1. */
  readonly weights: Readonly<Record<string, number>>;
  /** What the used-weight header counts against; null = the venue has none. */
  readonly weightLimit: number | null;
  /** The event in a raw message, or undefined for answers to subscriptions. */
  eventOf(message: unknown): StreamEvent | undefined;
  streamOf(url: string): StreamChange['stream'];
}

export interface StreamEvent {
  readonly name: string;
  /** Concerns the account, not the market. */
  readonly isUser: boolean;
  /** As the venue stamped it. */
  readonly stampMs: number | undefined;
}

/** Of one instance: `share` of ccxt's own pace, and how much of it may leave at once. */
export interface InstancePace {
  readonly share: number;
  readonly burst: number;
}

/** How the venue's own codes are read; empty for one whose codes nobody has proven. */
export interface RejectCodes {
  /** The code in a body that was parsed, as text. */
  codeOf(body: unknown): { readonly code: string; readonly message: string } | undefined;
  /** Refusals after which the request has certainly not been executed. */
  readonly definite: ReadonlySet<string>;
  readonly notFound: ReadonlySet<string>;
  readonly clock: ReadonlySet<string>;
  readonly auth: ReadonlySet<string>;
  readonly rateLimited: ReadonlySet<string>;
  /** The venue does not say whether it did what was asked. */
  readonly transient: ReadonlySet<string>;
  isDuplicate(code: string, message: string): boolean;
  reasonOf(code: string, message: string): RejectReason;
}
