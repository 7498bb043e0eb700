// Makes the verdict of a failed call from what its trace saw on the wire, in words without secrets.
import type { CallTrace } from './call-trace.js';
import { GivenUpError } from './call-trace.js';
import { type CallKind, classify } from './classify.js';
import type { CallFailure } from './exchange-client.js';
import type { VenueProfile } from './profile.js';
import type { Redactor } from './redact.js';

export class CallFailures {
  readonly #profile: VenueProfile;
  readonly #redactor: Redactor;
  readonly #wall: () => number;

  constructor(profile: VenueProfile, redactor: Redactor, wall: () => number) {
    this.#profile = profile;
    this.#redactor = redactor;
    this.#wall = wall;
  }

  ofError(kind: CallKind, trace: CallTrace, error: unknown): CallFailure {
    const isDeadline = error instanceof GivenUpError;
    const errorName = error instanceof Error ? error.constructor.name : typeof error;
    const message = error instanceof Error ? error.message || error.name : String(error);
    const evidence = { ...trace, kind, errorName, message, isDeadline, nowMs: this.#wall() };
    const failure = classify(evidence, this.#profile);
    return { ...failure, detail: this.#redactor.text(failure.detail) };
  }

  ofDeadline(kind: CallKind, trace: CallTrace, ms: number): CallFailure {
    const message = `no whole answer within ${ms} ms`;
    const told = { httpStatus: null, body: null, retryAfter: null, errorName: 'Deadline' };
    const evidence = { ...trace, ...told, kind, message, isDeadline: true, nowMs: this.#wall() };
    return classify(evidence, this.#profile);
  }
}
