// The one ask object of an instance, refilled for each question, so that a quiet bar allocates
// nothing. The trigger key of a bar is rendered only when somebody reads it.
import type { Ask, Effect, HookName } from '../effects.js';
import type { EngineRecord, QueuedHook } from '../records.js';

export class AskSlot implements Ask {
  readonly instance: string;
  readonly #timeframe: string;
  readonly effect: Effect;
  readonly record: Extract<EngineRecord, { type: 'ask' }>;
  id = 0;
  hook: HookName = 'onBar';
  asOfMs = 0;
  argument: unknown = null;
  #trigger: string | null = null;

  constructor(instance: string, timeframe: string) {
    this.instance = instance;
    this.#timeframe = timeframe;
    this.effect = { kind: 'ask', ask: this };
    this.record = { type: 'ask', ts: 0, ask: this };
  }

  get trigger(): string {
    return this.#trigger ?? `bar:${this.#timeframe}:${this.asOfMs}`;
  }

  askBar(id: number, closeMs: number): this {
    this.id = id;
    this.hook = 'onBar';
    this.asOfMs = closeMs;
    this.argument = null;
    this.#trigger = null;
    return this;
  }

  askQueued(id: number, queued: QueuedHook): this {
    this.id = id;
    this.hook = queued.hook;
    this.asOfMs = queued.asOfMs;
    this.argument = queued.argument;
    this.#trigger = queued.hook === 'onBar' ? null : queued.trigger;
    return this;
  }

  toJSON(): Ask {
    const { id, instance, hook, trigger, asOfMs, argument } = this;
    return { id, instance, hook, trigger, asOfMs, argument };
  }
}
