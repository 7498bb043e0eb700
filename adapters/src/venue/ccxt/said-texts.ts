// Reads the venue's messages back from a journal, in order, and puts each text in its place where
// only a reference to it was kept.
import type { VenueAnswer, VenueMessage } from '@strategy-runner/core';
import {
  SHORT,
  WHOLE_EVERY,
  hashOf,
  isQuestion,
  isReading,
  questionOf,
} from './repeated-readings.js';

/** Between a text of a reading and a reference to it there are fewer others. */
const TEXTS_MAX = 2 * WHOLE_EVERY;

export interface Said {
  readonly ts: number;
  readonly channel: VenueMessage['channel'];
  readonly name: string;
  /** Word for word; undefined where a reference leads to nothing. */
  readonly text: string | undefined;
  /** Of an answer whose question was not kept again; null for any other message. */
  readonly asked: {
    readonly ms: number;
    /** As it was asked before, but for its time; undefined where a reference leads to nothing. */
    readonly text: string | undefined;
  } | null;
}

export class SaidTexts {
  readonly #questions = new Map<string, string>();
  readonly #answers = new Map<string, string>();

  *saidIn(message: VenueMessage): Generator<Said> {
    const { channel, body: request } = message;
    if (channel === 'request' && isQuestion(message.name, request)) {
      remember(this.#questions, questionOf(request), request);
    }
    for (const part of partsOf(message)) {
      const { ts, name, askedMs, question = '' } = part;
      const asked =
        askedMs === undefined ? null : { ms: askedMs, text: this.#questions.get(question) };
      yield { ts, channel, name, text: this.#textOf(part, channel), asked };
    }
  }

  #textOf({ name, body, sameAs }: VenueAnswer | VenueMessage, channel: string) {
    if (sameAs !== undefined) return this.#answers.get(sameAs);
    const isReferred = channel === 'response' && isReading(name) && body.length >= SHORT;
    if (isReferred) remember(this.#answers, hashOf(body), body);
    return body;
  }
}

function partsOf(message: VenueMessage): readonly (VenueAnswer | VenueMessage)[] {
  return message.again ?? [message];
}

function remember(texts: Map<string, string>, key: string, text: string): void {
  texts.delete(key);
  texts.set(key, text);
  for (const oldest of texts.keys()) {
    if (texts.size <= TEXTS_MAX) break;
    texts.delete(oldest);
  }
}
