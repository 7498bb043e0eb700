// Turns what happens on the wire into the events that keep it: requests and answers about orders
// and the account word for word, failures with their verdict. No secret leaves here.
import type { AccountEvent } from '@strategy-runner/core';
import type { CallTrace } from './call-trace.js';
import type { CallFailure, Emit, MarketClock } from './exchange-client.js';
import type { WireRequest, WireResponse } from './instance.js';
import type { Redactor } from './redact.js';

/** Calls whose requests and answers are kept: what can move money, and what says how it stands. */
const KEPT = /order|position|balance|leverage|margin|mytrades/i;
const BODY_LENGTH_MAX = 100_000;

export interface CallEventsParts {
  readonly emit: Emit;
  readonly clock: MarketClock;
  readonly redactor: Redactor;
}

export class CallEvents {
  readonly #parts: CallEventsParts;

  constructor(parts: CallEventsParts) {
    this.#parts = parts;
  }

  request({ call }: CallTrace, { method, url, body }: WireRequest): void {
    if (!KEPT.test(call)) return;
    const text = [`${method} ${pathOf(url)}`, body].filter((part) => part !== '').join(' ');
    this.#message('request', call, text);
  }

  response({ call }: CallTrace, { status, body }: WireResponse): void {
    if (KEPT.test(call)) this.#message('response', call, `${status} ${body}`);
  }

  stream(name: string, message: unknown): void {
    this.#message('stream', name, JSON.stringify(message) ?? '');
  }

  failed(call: string, about: string | null, failure: CallFailure): void {
    const { httpStatus, venueCode, verdict, detail } = failure;
    const { clock, emit } = this.#parts;
    const ts = clock.now();
    emit({ kind: 'api_error', ts, call, about, httpStatus, venueCode, verdict, detail });
  }

  #message(channel: 'request' | 'response' | 'stream', name: string, text: string): void {
    const { emit, clock, redactor } = this.#parts;
    const hidden = redactor.text(text);
    const body =
      hidden.length > BODY_LENGTH_MAX ? `${hidden.slice(0, BODY_LENGTH_MAX)}… (cut)` : hidden;
    const event: AccountEvent = { kind: 'venue_message', ts: clock.now(), channel, name, body };
    emit(event);
  }
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}
