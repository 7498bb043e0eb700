// The lock across machines while a session runs. It is proven again every few seconds. As soon as
// that fails entries are held; it is taken again if nobody has had it since; and the session ends
// when somebody has, or when it stays unproven for too long.
import type { Logger } from 'pino';
import type { RunnerError } from '../errors.js';
import type { AccountId } from './account-folder.js';
import type { LockConnection, LockServer, Taking } from './lock-server.js';
import { busyElsewhere, takenElsewhere, unproven } from './shared-lock-error.js';
import { pauseFor, within } from './within.js';

export interface LockTiming {
  /** Between two proofs. */
  readonly beatMs: number;
  /** Longest wait for a proof, or for taking it again. */
  readonly withinMs: number;
  /** Age of the last proof from which it counts no more, whatever else is known. */
  readonly staleMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

const TIMING: LockTiming = {
  beatMs: 3000,
  withinMs: 5000,
  staleMs: 10_000,
  firstPauseMs: 250,
  longestPauseMs: 5000,
};

export interface SharedLockOptions {
  readonly server: LockServer;
  readonly id: AccountId;
  readonly lostAfterMs: number;
  /** Ms since some moment, counted while the machine sleeps too. */
  readonly elapsedMs: () => number;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly timing?: Partial<LockTiming>;
}

export class SharedLock {
  readonly epoch: number;
  /** Rejects once the lock is lost; never resolves. Errors: ACCOUNT_LOCK_LOST (75). */
  readonly lost: Promise<never>;
  readonly #options: SharedLockOptions;
  #log: SharedLockOptions['log'];
  readonly #timing: LockTiming;
  readonly #stop = new AbortController();
  readonly #keeping: Promise<void>;
  readonly #listeners: ((why: string) => void)[] = [];
  readonly #waiting = new Set<() => void>();
  #connection!: LockConnection;
  /** Why the connection has ended, once it has. */
  #broken: string | null = null;
  /** Ends the wait for the next proof. */
  #beat = new AbortController();
  /** When the last question that was answered with yes was asked. */
  #provenMs: number;
  #doubt: string | null = null;
  #lose: (error: RunnerError) => void = () => undefined;

  /** Errors: ACCOUNT_BUSY (75), LOCK_SERVER_UNAVAILABLE (69), LOCK_SERVER_REFUSED (78). */
  static async take(options: SharedLockOptions): Promise<SharedLock> {
    const askedMs = options.elapsedMs();
    const taking = await options.server.take();
    if (taking.kind === 'held') throw busyElsewhere(options.id, taking.holder);
    return new SharedLock(options, taking, askedMs);
  }

  private constructor(
    options: SharedLockOptions,
    { epoch, connection }: Taking & { readonly kind: 'taken' },
    askedMs: number,
  ) {
    this.#options = options;
    this.#log = options.log;
    this.#timing = { ...TIMING, ...options.timing };
    this.epoch = epoch;
    this.#hold(connection);
    this.#provenMs = askedMs;
    this.lost = new Promise((_, reject) => {
      this.#lose = reject;
    });
    // Whoever waits for it hears of it; nobody has to.
    this.lost.catch(() => undefined);
    this.#log.info({ event: 'account_lock', state: 'taken', epoch }, 'the shared lock is taken');
    this.#keeping = this.#keep();
  }

  /** Why entries may not go; null = the lock is ours as of a moment ago. */
  get denial(): string | null {
    if (this.#doubt !== null) return this.#doubt;
    const ageMs = this.#options.elapsedMs() - this.#provenMs;
    if (ageMs <= this.#timing.staleMs) return null;
    return `the lock across machines was last proven ${Math.round(ageMs / 1000)} s ago`;
  }

  /** Told, with why, each time it comes into doubt. */
  onWithdrawn(listener: (why: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Resolves when it is proven; also when `signal` is aborted. */
  given(signal: AbortSignal): Promise<void> {
    if (this.denial === null || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** For whoever acts once: resolves when it is proven. Errors: ACCOUNT_LOCK_LOST (75). */
  proven(): Promise<void> {
    return Promise.race([this.given(this.#stop.signal), this.lost]);
  }

  /** A session names itself in every line. */
  logTo(log: SharedLockOptions['log']): void {
    this.#log = log;
  }

  async release(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#beat.abort();
    await this.#keeping;
    await within(this.#connection.release(), this.#timing.withinMs).catch(() => undefined);
    this.#connection.close();
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const broken = await this.#untilBeat();
      if (signal.aborted) return;
      const askedMs = this.#options.elapsedMs();
      const proof = broken === null ? await this.#proof() : { broken };
      if (signal.aborted) return;
      if (proof === 'held') {
        this.#proven(askedMs);
      } else if (proof === 'taken') {
        this.#end(takenElsewhere(this.#options.id, undefined));
        return;
      } else if (!(await this.#takeAgain(proof.broken))) {
        return;
      }
    }
  }

  /** Why the connection has ended, or null when it is time for the next proof. */
  async #untilBeat(): Promise<string | null> {
    this.#beat = new AbortController();
    if (this.#broken === null) await pauseFor(this.#timing.beatMs, this.#beat.signal);
    return this.#broken;
  }

  #hold(connection: LockConnection): void {
    this.#connection = connection;
    this.#broken = null;
    void this.#hear(connection);
  }

  async #hear(connection: LockConnection): Promise<void> {
    const why = await connection.broken;
    if (this.#connection !== connection) return;
    this.#broken = why;
    this.#beat.abort();
  }

  async #proof(): Promise<'held' | 'taken' | { readonly broken: string }> {
    try {
      const proof = await within(this.#connection.prove(), this.#timing.withinMs);
      return proof === 'gone' ? { broken: 'it is not with the connection any more' } : proof;
    } catch (error) {
      return { broken: textOf(error) };
    }
  }

  /** False where there is nothing more to keep. At least one try, however long it has been. */
  async #takeAgain(broken: string): Promise<boolean> {
    const { signal } = this.#stop;
    const { id, lostAfterMs, elapsedMs } = this.#options;
    this.#connection.close();
    let detail = broken;
    this.#withdraw(detail);
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const askedMs = elapsedMs();
      const again = await this.#again();
      if (again.kind === 'taken') {
        this.#hold(again.connection);
        if (!signal.aborted) this.#proven(askedMs);
        return !signal.aborted;
      }
      if (signal.aborted) return false;
      if (again.kind === 'held') return this.#end(takenElsewhere(id, again.holder));
      detail = again.detail;
      const leftMs = lostAfterMs - (elapsedMs() - this.#provenMs);
      if (leftMs <= 0) return this.#end(unproven(id, { afterMs: lostAfterMs, detail }));
      const { firstPauseMs, longestPauseMs } = this.#timing;
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempt, 16));
      await pauseFor(Math.min(pauseMs, leftMs), signal);
    }
    return false;
  }

  async #again(): Promise<Taking | { readonly kind: 'unsaid'; readonly detail: string }> {
    const taking = this.#options.server.retake();
    try {
      return await within(taking, this.#timing.withinMs);
    } catch (error) {
      // One that comes too late is nobody's: it would keep the lock from ourselves.
      taking.then(drop, nothing);
      return { kind: 'unsaid', detail: textOf(error) };
    }
  }

  #proven(askedMs: number): void {
    this.#provenMs = askedMs;
    const fields = { event: 'account_lock', state: 'proven', epoch: this.epoch };
    if (this.#doubt !== null) this.#log.info(fields, 'nobody has had it meanwhile');
    this.#doubt = null;
    for (const done of this.#waiting) done();
  }

  #withdraw(detail: string): void {
    const why = `the lock across machines is not proven: ${detail}`;
    this.#doubt = why;
    const { lostAfterMs } = this.#options;
    const fields = { event: 'account_lock', state: 'doubt', detail, lost_after_ms: lostAfterMs };
    this.#log.warn(fields, 'entries are held until the shared lock is proven again');
    for (const listener of this.#listeners) listener(why);
  }

  #end(error: RunnerError): false {
    this.#doubt = error.message;
    this.#log.error({ event: 'account_lock', state: 'lost' }, error.message);
    this.#lose(error);
    return false;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function drop(taking: Taking): void {
  if (taking.kind === 'taken') taking.connection.close();
}

function nothing(): void {
  // It failed as the one did that was waited for.
}
