// A quiet account says the same every half minute. Such an answer is kept whole once and then by
// the hash of its text, with times of its own, and so is its question: nothing that was said is
// lost. Each run begins anew, and an answer is kept whole again from time to time, so that a
// reference is never far from what it stands for.
import { hash as digest } from 'node:crypto';

/** The account as it is read again and again. */
const READINGS: ReadonlySet<string> = new Set([
  'fetchOpenOrders',
  'fetchMyTrades',
  'fetchPositions',
  'fetchBalance',
]);
/** A reference is no shorter than this. */
export const SHORT = 64;
/** After as many answers one that is still the same is kept whole again. */
export const WHOLE_EVERY = 500;
/** Questions that are remembered: more than an account's symbols ask for, and no leak. */
const QUESTIONS_MAX = 200;
const HASH_LENGTH = 16;

export function isReading(call: string): boolean {
  return READINGS.has(call);
}

/** `request` is the text that is kept of it; what is sent in a body may be about anything. */
export function isQuestion(call: string, request: string): boolean {
  return isReading(call) && /^GET \S+$/.test(request);
}

/** The same for two requests that differ by nothing but the time at which they were signed. */
export function questionOf(request: string): string {
  return hashOf(request.replace(/([?&])(?:timestamp|signature)=[^&]*/g, '$1'));
}

export function hashOf(text: string): string {
  return digest('sha256', text).slice(0, HASH_LENGTH);
}

/** What is kept of an answer. */
export interface KeptAnswer {
  readonly isSame: boolean;
  readonly body: string;
  readonly sameAs?: string;
}

interface Whole {
  /** Of the answer. */
  readonly hash: string;
  /** Answers that had been taken when it was kept whole. */
  readonly at: number;
}

export class RepeatedReadings {
  readonly #asked = new Map<string, true>();
  readonly #answered = new Map<string, Whole>();
  #taken = 0;

  /** Whether the question has to be kept whole; if so, it counts as kept from now on. */
  isNewlyAsked(question: string): boolean {
    if (this.#asked.has(question)) return false;
    keepLast(this.#asked, question, true);
    return true;
  }

  /** Takes an answer. One that is the same as the last one is kept by reference. */
  answered(question: string, text: string): KeptAnswer {
    this.#taken += 1;
    const hash = hashOf(text);
    const last = this.#answered.get(question);
    const isFresh = last !== undefined && this.#taken - last.at < WHOLE_EVERY;
    if (isFresh && last.hash === hash) {
      const isShort = text.length < SHORT;
      return isShort ? { isSame: true, body: text } : { isSame: true, body: '', sameAs: hash };
    }
    keepLast(this.#answered, question, { hash, at: this.#taken });
    return { isSame: false, body: text };
  }
}

function keepLast<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= QUESTIONS_MAX) break;
    map.delete(oldest);
  }
}
