// One turn of any driver: an event goes in, asks are answered in the same turn, and what must be
// durable first is left in the outbox. Backtest and live share this, so they cannot order things
// differently.
import type { Effect } from '../effects.js';
import type { Engine } from '../engine.js';
import type { EngineEvent } from '../events.js';
import type { StrategyRuntime } from '../ports/strategy-runtime.js';

/** An effect that reaches beyond the engine; everything but asks and timers. */
export type OutwardEffect = Exclude<Effect, { kind: 'ask' } | { kind: 'set_timer' }>;

export class TurnRunner {
  readonly engine: Engine;
  readonly #runtime: StrategyRuntime;
  /** Waits for the commit that holds the records that caused it. */
  readonly outbox: OutwardEffect[] = [];

  constructor(engine: Engine, runtime: StrategyRuntime) {
    this.engine = engine;
    this.#runtime = runtime;
  }

  run(event: EngineEvent): void {
    const { engine } = this;
    engine.process(event);
    const { effects } = engine;
    // Answers add effects behind those that are being performed; a turn ends when none is left.
    for (let i = 0; i < effects.length; i += 1) {
      const effect = effects[i]!;
      if (effect.kind === 'ask') engine.process(this.#runtime.ask(effect.ask, engine.now));
      else if (effect.kind !== 'set_timer') this.outbox.push(effect);
    }
    // Popping keeps the array's room; setting its length would give it back on every bar.
    while (effects.length > 0) effects.pop();
  }
}
