// What one call did on the wire. It travels with the call's asynchronous context, so that a request
// belongs to the call that made it however the client library queued it in between.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallOptions } from './exchange-client.js';

export interface CallTrace {
  readonly call: string;
  readonly about: string | null;
  /** A request of this call may have left: from here on nobody but the venue knows. */
  hasLeft: boolean;
  /** The call was given up before anything left, and now nothing may. */
  isGivenUp: boolean;
  readonly onSent: ((sentMs: number) => void) | undefined;
  readonly heldBy: (() => string | undefined) | undefined;
  /** Market time. */
  sentMs: number | null;
  ackedMs: number | null;
  httpStatus: number | null;
  body: string | null;
  retryAfter: string | null;
}

const traces = new AsyncLocalStorage<CallTrace>();

export function newTrace(
  call: string,
  { about, onSent, heldBy }: Partial<Pick<CallOptions, 'about' | 'onSent' | 'heldBy'>>,
): CallTrace {
  return {
    call,
    about: about ?? null,
    hasLeft: false,
    isGivenUp: false,
    onSent,
    heldBy,
    sentMs: null,
    ackedMs: null,
    httpStatus: null,
    body: null,
    retryAfter: null,
  };
}

export function traced<Value>(trace: CallTrace, run: () => Promise<Value>): Promise<Value> {
  return traces.run(trace, run);
}

/** Undefined where the client library acts by itself (listen keys, snapshots). */
export function currentTrace(): CallTrace | undefined {
  return traces.getStore();
}

/** Why a request of a given-up call did not leave. */
export class GivenUpError extends Error {
  override readonly name = 'GivenUpError';
}
