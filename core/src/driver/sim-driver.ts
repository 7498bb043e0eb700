// The synchronous driver over the simulated venue: a backtest, and every paper bar, is a sequence
// of `step`s. Nothing waits, so whatever a bar causes has happened when `step` returns.
import type { Engine } from '../engine.js';
import type { BarEvent, EngineEvent } from '../events.js';
import type { StrategyRuntime } from '../ports/strategy-runtime.js';
import type { FundingRow, SimVenue } from '../simulation/sim-venue.js';
import { TurnRunner } from './turn-runner.js';

export type OnAlert = (code: string, text: string) => void;

export class SimDriver {
  readonly venue: SimVenue;
  readonly #runner: TurnRunner;
  readonly #onAlert: OnAlert;

  constructor(engine: Engine, venue: SimVenue, runtime: StrategyRuntime, onAlert: OnAlert) {
    this.venue = venue;
    this.#runner = new TurnRunner(engine, runtime);
    this.#onAlert = onAlert;
  }

  /** Takes in an event that is not a bar, with everything that follows from it. */
  take(event: EngineEvent): void {
    this.#runner.run(event);
    this.#settle();
  }

  /** One bar, in the order of DESIGN §5: the venue first, then the engine and its plugins. */
  step(bar: BarEvent, funding: readonly FundingRow[]): void {
    this.venue.beginBar(bar.symbol, bar, funding);
    if (!this.venue.isQuiet) this.#settle();
    this.#runner.run(bar);
    if (this.#runner.outbox.length > 0) this.#settle();
  }

  #settle(): void {
    for (;;) {
      this.#perform();
      const event = this.venue.next();
      if (event === undefined) return;
      this.#runner.run(event);
    }
  }

  #perform(): void {
    const { outbox } = this.#runner;
    for (const effect of outbox) {
      if (effect.kind === 'submit') this.venue.submit(effect.order);
      else if (effect.kind === 'cancel') this.venue.cancel(effect.order.key);
      else if (effect.kind === 'query') this.venue.query(effect.order.key);
      else this.#onAlert(effect.code, effect.text);
    }
    while (outbox.length > 0) outbox.pop();
  }
}
