// One intent as it is told: what the strategy saw when it was asked, what was decided about its
// answer, and what became of it.
import {
  type Ask,
  type AnswerEvent,
  type BarEvent,
  type EngineRecord,
  type EngineView,
  type IntentAccepted,
  type IntentDenied,
  accountMarks,
  format,
} from '@strategy-runner/core';
import { checksOf, denialOf } from './explain-denial.js';
import type {
  BarStory,
  DecisionStory,
  HeldStory,
  InputStory,
  IntentStory,
  StepStory,
} from './explain-document.js';
import type { OrderTeller } from './explain-order.js';
import { entryPrice } from './explain-price.js';

export interface SeenBar {
  readonly seq: number;
  readonly bar: BarEvent;
}

type AboutIntent = Extract<EngineRecord, { readonly intentId: string }> | IntentAccepted;

export class IntentTeller {
  readonly id: string;
  readonly orders: OrderTeller[] = [];
  readonly #decisions: DecisionStory[] = [];
  readonly #steps: StepStory[] = [];
  #input: InputStory | null = null;
  #outcome: string | null = null;

  constructor(id: string) {
    this.id = id;
  }

  /** Whether the last thing that can be said of it has been said. */
  get isOver(): boolean {
    return this.#outcome !== null;
  }

  /** The id of an intent begins with who was asked and what about. */
  isAnswerTo({ instance, trigger }: Ask): boolean {
    return this.id.startsWith(`${instance}@${trigger}#`);
  }

  asked(seq: number, ask: Ask, ts: number, bar: SeenBar | undefined, view: EngineView): void {
    this.#input = {
      seq,
      time_ms: ts,
      ask_id: ask.id,
      instance: ask.instance,
      hook: ask.hook,
      trigger: ask.trigger,
      as_of_ms: ask.asOfMs,
      argument: ask.argument,
      bar: bar === undefined ? null : barOf(bar),
      positions: heldBy(view, ask.instance),
      open_intents: [...view.state.intents.keys()],
      account: accountMarks(view),
      answer: null,
    };
  }

  answered(seq: number, { askId, bodies, fault }: AnswerEvent): void {
    if (this.#input === null || this.#input.ask_id !== askId) return;
    this.#input = { ...this.#input, answer: { seq, intents: bodies.length, fault } };
  }

  record(seq: number, record: AboutIntent): void {
    switch (record.type) {
      case 'intent_accepted':
        this.#decisions.push(acceptance(seq, record));
        return;
      case 'intent_denied':
        this.#decisions.push(denial(seq, record));
        // Its outcome is the first one: a repetition that is denied changes nothing about it.
        if (this.#decisions.length === 1) this.#outcome = record.code;
        return;
      case 'intent_progress': {
        const { ts, step, detail, pending } = record;
        const waits = pending === null ? '' : `waits for ${pending}`;
        const said = [detail, waits].filter(Boolean).join(', ');
        this.#steps.push({ seq, time_ms: ts, what: step, detail: said });
        return;
      }
      case 'intent_done':
        this.#steps.push({ seq, time_ms: record.ts, what: 'done', detail: record.outcome });
        this.#outcome = record.outcome;
        return;
      default:
    }
  }

  story(): IntentStory {
    return {
      intent_id: this.id,
      input: this.#input,
      decisions: this.#decisions,
      orders: this.orders.map((order) => order.story()),
      steps: this.#steps,
      outcome: this.#outcome,
    };
  }
}

function acceptance(seq: number, record: IntentAccepted): DecisionStory {
  const { intent, ts, positionId, deadlineMs } = record;
  return {
    seq,
    time_ms: ts,
    verdict: 'accepted',
    kind: intent.kind,
    body: intent,
    position_id: positionId || null,
    deadline_ms: deadlineMs,
    checks: checksOf(intent.kind),
    denial: null,
  };
}

function denial(seq: number, record: IntentDenied): DecisionStory {
  const { ts, kind, body, code } = record;
  return {
    seq,
    time_ms: ts,
    verdict: 'denied',
    kind,
    body,
    position_id: null,
    deadline_ms: null,
    checks: checksOf(kind, code),
    denial: denialOf(record),
  };
}

function barOf({ seq, bar }: SeenBar): BarStory {
  const { symbol, timeframe, openMs, closeMs, open, high, low, close, volume } = bar;
  const times = { open_ms: openMs, close_ms: closeMs };
  return { seq, symbol, timeframe, ...times, open, high, low, close, volume };
}

function heldBy({ state }: EngineView, instance: string): readonly HeldStory[] {
  return [...state.positions.values()]
    .filter((position) => position.instance === instance)
    .map((position) => ({
      position_id: position.id,
      symbol: position.symbol,
      side: position.side,
      quantity: format(position.quantity),
      entry_price: entryPrice(position),
    }));
}
