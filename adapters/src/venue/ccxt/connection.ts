// The life of the connection to an account: connect, read what was missed, ready, and again after
// every loss, with a growing pause in between. Nothing is trusted before it has been read (W7, W9);
// each step is an event, so that whoever watches sees why entries wait.
import type { CommandGiven, ConnectionState, VenueSnapshot } from '@strategy-runner/core';
import { EXIT, RunnerError } from '../../errors.js';
import type { EntryPermit } from './entry-permit.js';
import type { CallResult, Emit, ExchangeClient } from './exchange-client.js';
import { type BackoffLimits, CONNECTION_BACKOFF, backoffMs, pause, wallMs } from './pause.js';
import { type Reading, type Unread, failed, read, unread } from './reading.js';
import type { StreamLog } from './stream-keeper.js';

export interface ConnectingClient extends ExchangeClient {
  /** Reads the markets and the venue's clock. */
  connect(): Promise<CallResult<unknown>>;
  close(): Promise<void>;
}

export interface ConnectionParts {
  readonly client: ConnectingClient;
  readonly emit: Emit;
  readonly log: StreamLog;
  readonly userStream: { open(): Promise<Reading<null>>; close(): void };
  /** Modes and leverage; a RunnerError = the account cannot be used as it is. */
  readonly settleModes: () => Promise<Reading<RunnerError | null>>;
  readonly takeSnapshot: () => Promise<Reading<VenueSnapshot>>;
  /** Takes the kill that follows from an outage. */
  readonly command: (event: CommandGiven) => void;
  /** Longest outage after a first `ready`, wall ms; null = as long as it takes. */
  readonly outageKillAfterMs: number | null;
  readonly onState?: (state: ConnectionState) => void;
  /** What entries need beside the venue; a start reads nothing without it. */
  readonly permit?: EntryPermit | undefined;
  readonly backoff?: BackoffLimits;
}

const STOPPED: Unread = unread('it was stopped');

export class Connection {
  readonly #parts: ConnectionParts;
  readonly #stop = new AbortController();
  #state: ConnectionState = 'connecting';
  #isAccepted = false;
  /** Everything has been read since the last loss. */
  #isSynced = false;
  #isBusy = false;
  #lostDuring: string | null = null;
  /** Aborted while the stream is gone: nobody waits for a permit then, exits need to be told. */
  #loss = new AbortController();
  #wasWithheld = false;
  #outage: NodeJS.Timeout | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /**
   * Connects, however often that takes, and reads the account. Undefined when it was stopped.
   * Errors: CREDENTIALS_REJECTED, ACCOUNT_MODE_MISMATCH.
   */
  start(): Promise<VenueSnapshot | undefined> {
    return this.#establish();
  }

  /** The plan made of the first snapshot has been accepted: from now on it goes on by itself. */
  ready(): void {
    this.#isAccepted = true;
    if (this.#isSynced) this.#becomeReady();
  }

  /** The stream broke, or calls keep failing: what is known is not to be trusted any more. */
  lost(detail: string): void {
    this.#lostDuring = detail;
    this.#loss.abort();
    this.#lose('down', detail);
  }

  /** The venue is there, but entries may not go: exits do, and no outage is counted. */
  withheld(detail: string): void {
    this.#wasWithheld = true;
    this.#lose('syncing', detail);
  }

  #lose(state: ConnectionState, detail: string): void {
    if (this.#stop.signal.aborted || this.#isBusy) return;
    this.#isSynced = false;
    this.#tell(state, { detail, attempt: 0, untilMs: null });
    void this.#recover();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#endOutage();
    this.#parts.userStream.close();
    await this.#parts.client.close();
  }

  // Refusals end a start only; in a running session they hold entries and are tried again.
  async #recover(): Promise<void> {
    const { signal } = this.#stop;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await this.#establish();
        return;
      } catch (error) {
        this.#parts.log.warn({ event: 'recovery_failed', detail: String(error) }, 'not recovered');
      }
      this.#isBusy = true;
      await pause(backoffMs(attempt, this.#parts.backoff ?? CONNECTION_BACKOFF), signal);
    }
    this.#isBusy = false;
  }

  async #establish(): Promise<VenueSnapshot | undefined> {
    const { signal } = this.#stop;
    this.#isBusy = true;
    try {
      for (let attempt = 1; !signal.aborted; attempt += 1) {
        const snapshot = await this.#attempt(attempt);
        if (signal.aborted) break;
        if (snapshot.ok) {
          this.#finish(snapshot.value);
          return snapshot.value;
        }
        this.#loss.abort();
        const waitMs = this.#waitMs(attempt, snapshot);
        const untilMs = this.#parts.client.clock.now() + waitMs;
        this.#tell('down', { detail: snapshot.detail, attempt, untilMs });
        await pause(waitMs, signal);
      }
      return undefined;
    } finally {
      this.#isBusy = false;
    }
  }

  #finish(snapshot: VenueSnapshot): void {
    this.#isSynced = true;
    this.#parts.emit(snapshot);
    if (this.#isAccepted) this.#becomeReady();
  }

  // Without a permit the account is read all the same where the stream is gone: what fills then
  // needs its stop. Entries may go only behind a reading that began with one.
  async #attempt(attempt: number): Promise<Reading<VenueSnapshot>> {
    const { permit, emit } = this.#parts;
    const { signal } = this.#stop;
    for (;;) {
      await this.#permitted();
      if (signal.aborted) return STOPPED;
      this.#wasWithheld = false;
      const snapshot = await this.#readAccount(attempt);
      const denial = permit?.denial ?? null;
      if (!snapshot.ok || signal.aborted) return snapshot;
      if (denial === null && !this.#wasWithheld) return snapshot;
      if (this.#isAccepted) emit(snapshot.value);
      this.#endOutage();
      const detail = denial ?? 'the account is read once more';
      this.#tell('syncing', { detail, attempt, untilMs: null });
    }
  }

  #permitted(): Promise<void> | undefined {
    const ends = [this.#stop.signal, ...(this.#isAccepted ? [this.#loss.signal] : [])];
    return this.#parts.permit?.given(AbortSignal.any(ends));
  }

  async #readAccount(attempt: number): Promise<Reading<VenueSnapshot>> {
    const { client, userStream, takeSnapshot } = this.#parts;
    this.#tell('connecting', { detail: `attempt ${attempt}`, attempt, untilMs: null });
    const connected = await client.connect();
    if (!connected.ok) return this.#refusedKey(failed('connect', connected.failure));
    const modes = await this.#checkModes();
    if (!modes.ok) return modes;
    // Whatever is opened behind the end is closed by nobody, and the process never ends.
    if (this.#stop.signal.aborted) return STOPPED;
    this.#lostDuring = null;
    this.#loss = new AbortController();
    const opened = await userStream.open();
    if (!opened.ok) return this.#refusedKey(opened);
    this.#tell('syncing', { detail: 'reading what was missed', attempt, untilMs: null });
    const snapshot = await takeSnapshot();
    if (!snapshot.ok) return snapshot;
    return this.#lostDuring === null ? snapshot : unread(this.#lostDuring);
  }

  async #checkModes(): Promise<Reading<null>> {
    const modes = await this.#parts.settleModes();
    if (!modes.ok) return this.#refusedKey(modes);
    if (modes.value === null) return read(null);
    // A running session keeps managing what is open; only its entries wait.
    if (this.#isAccepted) return unread(modes.value.message);
    throw modes.value;
  }

  #refusedKey(result: Unread): Unread {
    if (result.failure?.verdict !== 'auth' || this.#isAccepted) return result;
    throw new RunnerError({
      code: 'CREDENTIALS_REJECTED',
      message: 'the exchange does not accept the API key',
      why: `It says: ${result.detail}`,
      next: 'check the key, its permissions and the addresses that it is allowed from',
      exitCode: EXIT.configuration,
    });
  }

  #waitMs(attempt: number, { failure }: Unread): number {
    const waitMs = backoffMs(attempt, this.#parts.backoff ?? CONNECTION_BACKOFF);
    return Math.max(waitMs, (failure?.untilMs ?? 0) - wallMs());
  }

  #becomeReady(): void {
    if (this.#state === 'ready') return;
    this.#tell('ready', { detail: 'the account has been read', attempt: 0, untilMs: null });
  }

  #tell(
    state: ConnectionState,
    { detail, attempt, untilMs }: { detail: string; attempt: number; untilMs: number | null },
  ): void {
    const { client, emit, log, onState } = this.#parts;
    this.#state = state;
    this.#watchOutage(state);
    const ts = client.clock.now();
    log[state === 'down' ? 'warn' : 'info'](
      { event: 'connection', state, attempt, detail, ...(untilMs === null ? {} : { untilMs }) },
      'connection',
    );
    emit({ kind: 'connection', ts, state, detail, attempt, untilMs });
    onState?.(state);
  }

  #watchOutage(state: ConnectionState): void {
    const { outageKillAfterMs, client, command } = this.#parts;
    if (state === 'ready') this.#endOutage();
    if (state !== 'down' || !this.#isAccepted || outageKillAfterMs === null) return;
    this.#outage ??= setTimeout(() => {
      const seconds = Math.round(outageKillAfterMs / 1000);
      const reason = `the venue has been unreachable for ${seconds} s (outage_kill_after_ms)`;
      const ts = client.clock.now();
      command({ kind: 'command', ts, command: 'kill', by: 'host', reason });
    }, outageKillAfterMs);
  }

  #endOutage(): void {
    clearTimeout(this.#outage);
    this.#outage = undefined;
  }
}
