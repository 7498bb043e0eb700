// Holds what the plugin says now, on the view that live had, against what it said then. Live's
// word counts; a different one is a signal, and a fault or silence of live is downtime.
import type { Ask } from '../../effects.js';
import type { AnswerEvent } from '../../events.js';
import { said } from '../../state/recover.js';
import type { LiveRecord } from './live-record.js';
import type { AnswerShock, ShockBook } from './shock-book.js';

const NOTHING = { bodies: [], timers: [], fault: null } as const;

export class AnswerReader {
  readonly #live: LiveRecord;
  readonly #book: ShockBook;
  readonly #asked = new Map<string, number>();

  constructor(live: LiveRecord, book: ShockBook) {
    this.#live = live;
    this.#book = book;
  }

  /** Undefined where live's answer came only after a restart, at that place in the sequence. */
  read(ask: Ask, askPlugin: () => AnswerEvent, restart: number): AnswerEvent | undefined {
    const key = `${ask.instance}|${ask.trigger}`;
    const nth = this.#asked.get(key) ?? 0;
    const name = `${key}|${nth}`;
    const recorded = this.#live.answers.get(key)?.[nth];
    if (recorded !== undefined && recorded.ordinal > restart) {
      this.#book.unanswered.add(name);
      this.#book.channels.add('downtime');
      return undefined;
    }
    this.#asked.set(key, nth + 1);
    const own = askPlugin();
    if (recorded === undefined) {
      if (said({ ...own, ...NOTHING }) !== said(own)) this.#note(name, 'downtime', NOTHING);
      return { ...own, ...NOTHING };
    }
    const { answer } = recorded;
    if (said(answer) !== said(own)) {
      const isFault = answer.fault !== null && own.fault === null;
      this.#note(name, isFault ? 'downtime' : 'signal', answer);
    }
    if (answer.ts !== own.ts) {
      this.#book.answerTimes.set(name, answer.ts);
      this.#book.channels.add('timing');
    }
    return { ...answer, askId: ask.id };
  }

  #note(name: string, channel: AnswerShock['channel'], answer: AnswerShock['said']): void {
    const { bodies, timers, fault } = answer;
    this.#book.answers.set(name, { channel, said: { bodies, timers, fault } });
    this.#book.channels.add(channel);
  }
}
