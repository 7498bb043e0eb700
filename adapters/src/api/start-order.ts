// The order in which a run on an exchange becomes ready: data → strategy → risk → reconcile →
// execution. Each is said and written down as it is reached, and none before those ahead of it: no
// order leaves on an account that has not been read.
import type { EngineEvent, ReadinessItem } from '@strategy-runner/core';
import { READINESS } from '@strategy-runner/core';
import type { Clock } from '@strategy-runner/core';
import type { Logger } from 'pino';
import { EXIT, REPORT_IT, RunnerError } from '../errors.js';

export interface StartOrderParts {
  readonly log: Logger;
  /** The wall clock, by which the waiting is measured. */
  readonly clock: Clock;
}

export interface HearsReadiness {
  deliver(event: EngineEvent): void;
}

interface Recorded {
  readonly driver: HearsReadiness;
  /** Time of the events. */
  readonly now: () => number;
  readonly run: number;
}

export class StartOrder {
  log: Logger;
  readonly #clock: Clock;
  readonly #begunMs: number;
  readonly #reached: { readonly item: ReadinessItem; readonly waitedMs: number }[] = [];
  #recorded: Recorded | undefined;

  constructor({ log, clock }: StartOrderParts) {
    this.log = log;
    this.#clock = clock;
    this.#begunMs = clock.now();
  }

  /** Errors: INTERNAL where one ahead of it has not been reached. */
  reached(item: ReadinessItem): void {
    const awaited = READINESS[this.#reached.length];
    if (item !== awaited) throw outOfOrder(item, awaited);
    const waitedMs = Math.max(0, this.#clock.now() - this.#begunMs);
    this.#reached.push({ item, waitedMs });
    this.log.info({ event: 'readiness', item, waited_ms: waitedMs }, `${item} is ready`);
    this.#record(this.#reached.length - 1);
  }

  /** From here on what is reached goes into the journal, and what was reached before as well. */
  recordIn(recorded: Recorded): void {
    this.#recorded = recorded;
    this.#reached.forEach((_one, place) => this.#record(place));
  }

  #record(place: number): void {
    if (this.#recorded === undefined) return;
    const { driver, now, run } = this.#recorded;
    driver.deliver({ kind: 'readiness', ts: now(), run, ...this.#reached[place]! });
  }
}

function outOfOrder(item: ReadinessItem, awaited: ReadinessItem | undefined): RunnerError {
  return new RunnerError({
    code: 'INTERNAL',
    exitCode: EXIT.unexpected,
    message: `${item} was ready while ${awaited ?? 'nothing'} was awaited`,
    why: `The order of a start is ${READINESS.join(', ')}`,
    next: REPORT_IT,
  });
}

/** For a caller that has the data already. */
export function beginStart(parts: StartOrderParts): StartOrder {
  const startOrder = new StartOrder(parts);
  startOrder.reached('data');
  return startOrder;
}
