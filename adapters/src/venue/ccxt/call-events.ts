// Turns what happens on the wire into the events that keep it: requests and answers about orders
// and the account word for word, failures with their verdict. No secret leaves here.
import type { AccountEvent, VenueAnswer, VenueMessage } from '@strategy-runner/core';
import type { CallTrace } from './call-trace.js';
import type { CallFailure, Emit, MarketClock } from './exchange-client.js';
import type { WireRequest, WireResponse } from './instance.js';
import type { Redactor } from './redact.js';
import { RepeatedReadings, isQuestion, questionOf } from './repeated-readings.js';

/** Calls whose requests and answers are kept: what can move money, and what says how it stands. */
const KEPT = /order|position|balance|leverage|margin|mytrades/i;
const BODY_LENGTH_MAX = 100_000;
const HTTP_OK = 200;

export interface CallEventsParts {
  readonly emit: Emit;
  readonly clock: MarketClock;
  readonly redactor: Redactor;
}

/** A question that waits for its answer. */
interface Asked {
  readonly question: string;
  /** Kept with the answer, unless there is none: a question of the same words has been kept. */
  readonly held: VenueMessage | undefined;
}

export class CallEvents {
  readonly #parts: CallEventsParts;
  readonly #readings = new RepeatedReadings();
  /** Held back within `together`. */
  #again: VenueAnswer[] = [];
  #isTogether = false;
  readonly #asked = new WeakMap<CallTrace, Map<string, Asked>>();

  constructor(parts: CallEventsParts) {
    this.#parts = parts;
  }

  request(trace: CallTrace, request: WireRequest): void {
    const { call } = trace;
    if (!KEPT.test(call)) return;
    const text = this.#hidden(textOf(request));
    const message = this.#message('request', call, text);
    if (!isQuestion(call, text)) {
      this.#emit(message);
      return;
    }
    const question = questionOf(text);
    const isNew = this.#readings.isNewlyAsked(question);
    this.#ask(trace, { question, held: isNew ? undefined : message });
    if (isNew) this.#emit(message);
  }

  response(trace: CallTrace, response: WireResponse): void {
    const { call } = trace;
    if (!KEPT.test(call)) return;
    const text = this.#hidden(`${response.status} ${response.body}`);
    const message = this.#message('response', call, text);
    const asked = this.#askedFor(trace, response);
    const isPlain = response.status === HTTP_OK && text.length <= BODY_LENGTH_MAX;
    if (asked === undefined || !isPlain) {
      if (asked?.held !== undefined) this.#emit(asked.held);
      this.#emit(message);
      return;
    }
    const { question, held } = asked;
    const { isSame, ...kept } = this.#readings.answered(question, text);
    if (held === undefined) this.#emit({ ...message, ...kept });
    else {
      const again = { ts: message.ts, name: call, askedMs: held.ts, question, ...kept };
      if (isSame && this.#isTogether) this.#again.push(again);
      else this.#emit({ ...message, ...again });
    }
  }

  /** Answers within `run` that are all as they were are kept as one event, when it is over. */
  async together<Value>(run: () => Promise<Value>): Promise<Value> {
    this.#isTogether = true;
    try {
      return await run();
    } finally {
      this.#isTogether = false;
      this.#tellAgain();
    }
  }

  /** The call is over: what it asked and nobody answered is kept as it was asked. */
  settled(trace: CallTrace): void {
    for (const { held } of this.#asked.get(trace)?.values() ?? []) {
      if (held !== undefined) this.#emit(held);
    }
    this.#asked.delete(trace);
  }

  stream(name: string, message: unknown): void {
    this.#emit(this.#message('stream', name, this.#hidden(JSON.stringify(message) ?? '')));
  }

  failed(call: string, about: string | null, failure: CallFailure): void {
    const { httpStatus, venueCode, verdict, detail } = failure;
    const ts = this.#parts.clock.now();
    this.#emit({ kind: 'api_error', ts, call, about, httpStatus, venueCode, verdict, detail });
  }

  // What was held back comes first, so that everything is kept in the order in which it was said.
  #emit(event: AccountEvent): void {
    this.#tellAgain();
    this.#parts.emit(event);
  }

  #tellAgain(): void {
    const again = this.#again;
    const last = again.at(-1);
    if (last === undefined) return;
    this.#again = [];
    const base = { kind: 'venue_message', channel: 'response' } as const;
    if (again.length === 1) this.#parts.emit({ ...base, ...last });
    else this.#parts.emit({ ...base, ts: last.ts, name: 'unchanged', body: '', again });
  }

  #ask(trace: CallTrace, asked: Asked): void {
    const waiting = this.#asked.get(trace) ?? new Map<string, Asked>();
    this.#asked.set(trace, waiting.set(asked.question, asked));
  }

  // Orders wait for nothing here: only a call that has asked is looked up.
  #askedFor(trace: CallTrace, { url }: WireResponse): Asked | undefined {
    const waiting = this.#asked.get(trace);
    if (waiting === undefined) return undefined;
    const question = questionOf(this.#hidden(textOf({ method: 'GET', url, body: '' })));
    const found = waiting.get(question);
    waiting.delete(question);
    return found;
  }

  #hidden(text: string): string {
    return this.#parts.redactor.text(text);
  }

  #message(channel: VenueMessage['channel'], name: string, text: string): VenueMessage {
    const isLong = text.length > BODY_LENGTH_MAX;
    const body = isLong ? `${text.slice(0, BODY_LENGTH_MAX)}… (cut)` : text;
    return { kind: 'venue_message', ts: this.#parts.clock.now(), channel, name, body };
  }
}

function textOf({ method, url, body }: WireRequest): string {
  const { pathname, search } = new URL(url);
  return [`${method} ${pathname}${search}`, body].filter((part) => part !== '').join(' ');
}
