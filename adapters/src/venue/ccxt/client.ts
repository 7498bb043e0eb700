// The exchange as the rest of the ccxt venue sees it: calls that end by a deadline, in a value or
// in a verdict, and never throw; messages handed on as they arrive. Two instances of ccxt share one
// clock, one budget and one guard, so that a cancel never waits behind a page of history.
import type { Exchange } from 'ccxt';
import { SystemClock } from '../../clock/system-clock.js';
import type { AccountConfig } from './account-config.js';
import { CallEvents } from './call-events.js';
import { type CallTrace, GivenUpError, currentTrace, newTrace, traced } from './call-trace.js';
import { CallFailures } from './call-failures.js';
import { kindOf } from './classify.js';
import type { ClientLog, ClientParts } from './client-parts.js';
import { ClockSync } from './clock-sync.js';
import { type Settled, withDeadline } from './deadline.js';
import type {
  CallFailure,
  CallOptions,
  CallResult,
  ExchangeClient,
  RawMessage,
  StreamChange,
  Urgency,
} from './exchange-client.js';
import type { Instance, WireHooks, WireRequest, WireResponse } from './instance.js';
import { RawMessages } from './raw-messages.js';
import type { VenueProfile } from './profile.js';
import { Redactor } from './redact.js';
import { type RequestBudget, UnsharedBudget } from './request-budget.js';
import { Restraint } from './restraint.js';
import { shareMarkets } from './share-markets.js';
import { type MarketTime, VenueClock } from './venue-clock.js';

/** Makes the two instances once the hooks that they report to are there. */
export type MakeInstance = (urgency: Urgency, hooks: WireHooks) => Instance;

const CLOCK_SYNC_MS = 5 * 60_000;

export class CcxtClient implements ExchangeClient {
  readonly id: string;
  readonly clock: VenueClock;
  readonly profile: VenueProfile;
  readonly #account: AccountConfig;
  readonly #normal: Instance;
  readonly #urgent: Instance;
  readonly #budget: RequestBudget;
  readonly #failures: CallFailures;
  readonly #restraint: Restraint;
  readonly #wall: () => number;
  readonly #log: ClientLog | undefined;
  readonly #redactor: Redactor;
  readonly #events: CallEvents;
  readonly #raw: RawMessages;
  readonly #sync: ClockSync;
  readonly #syncTimer: NodeJS.Timeout | undefined;

  constructor(parts: ClientParts, profile: VenueProfile, make: MakeInstance) {
    this.id = parts.account.exchange;
    this.profile = profile;
    this.#account = parts.account;
    this.#budget = parts.budget ?? new UnsharedBudget();
    const system = new SystemClock();
    this.#wall = parts.wall ?? (() => system.now());
    this.#log = parts.log;
    this.clock = new VenueClock(this.#wall, parts.market);
    this.#redactor = new Redactor(parts.credentials);
    const { emit } = parts;
    this.#failures = new CallFailures(profile, this.#redactor, this.#wall);
    this.#restraint = new Restraint(this.#budget, this.#wall);
    this.#events = new CallEvents({ emit, clock: this.clock, redactor: this.#redactor });
    this.#raw = new RawMessages({
      profile,
      clock: this.clock,
      events: this.#events,
      onFault: (name, error) => this.#streamFault(name, error),
    });
    const hooks = this.#hooks();
    this.#normal = make('normal', hooks);
    this.#urgent = make('urgent', hooks);
    this.#sync = this.#clockSync();
    const everyMs = parts.clockSyncMs ?? CLOCK_SYNC_MS;
    this.#syncTimer = everyMs > 0 ? setInterval(() => void this.syncClock(), everyMs) : undefined;
    this.#syncTimer?.unref();
  }

  get exchange(): Exchange {
    return this.#normal.exchange;
  }

  /** Reads the markets and the venue's clock. Whoever connects decides about trying again. */
  async connect(): Promise<CallResult<true>> {
    await this.exchange.loadHttpProxyAgent();
    // ccxt keeps the promise of a loading that failed: only a reload asks the venue again.
    const markets = await this.call('loadMarkets', (exchange) =>
      exchange.loadMarkets(exchange.markets === undefined),
    );
    if (!markets.ok) return markets;
    await this.syncClock();
    return { ...markets, value: true };
  }

  async call<Value>(
    name: string,
    run: (exchange: Exchange) => Promise<Value>,
    options: CallOptions<Value> = {},
  ): Promise<CallResult<Value>> {
    const kind = kindOf(name);
    const urgency = options.urgency ?? (kind === 'cancel' ? 'urgent' : 'normal');
    const held = this.#restraint.heldBack(urgency);
    if (held !== undefined) return { ok: false, failure: held };
    const trace = newTrace(name, options);
    const startedMs = this.clock.now();
    const resultOf = (settled: Settled<Value>): CallResult<Value> =>
      settled.kind === 'value'
        ? {
            ok: true,
            value: settled.value,
            sentMs: trace.sentMs ?? startedMs,
            ackedMs: trace.ackedMs ?? this.clock.now(),
          }
        : { ok: false, failure: this.#failures.ofError(kind, trace, settled.error) };
    const ms = options.deadlineMs ?? this.#account.call_deadline_ms;
    const weight = options.weight ?? this.profile.weights[name] ?? 1;
    const timed = await withDeadline(this.#run(trace, { urgency, weight }, run), {
      ms,
      onLate: (settled) => this.#late(settled, () => options.onLate?.(resultOf(settled))),
    });
    if (timed.kind === 'deadline' && !trace.hasLeft) trace.isGivenUp = true;
    this.#events.settled(trace);
    const result =
      timed.kind === 'deadline'
        ? { ok: false as const, failure: this.#failures.ofDeadline(kind, trace, ms) }
        : resultOf(timed);
    if (!result.ok) await this.#afterFailure(trace, result.failure, options.isExpected);
    return result;
  }

  together<Value>(run: () => Promise<Value>): Promise<Value> {
    return this.#events.together(run);
  }

  onRaw(listener: (message: RawMessage) => void): () => void {
    return this.#raw.onRaw(listener);
  }

  onStream(listener: (change: StreamChange) => void): () => void {
    return this.#raw.onStream(listener);
  }

  /** Reads the venue's clock again. */
  syncClock(): Promise<boolean> {
    return this.#sync.sync();
  }

  /** The local exchange has proven itself: from now on its time is that of its bars. */
  followMarketTime(market: MarketTime): void {
    this.clock.follow(market);
  }

  /** For texts that come from the client library past `call`, such as a stream's error. */
  redact(text: string): string {
    return this.#redactor.text(text);
  }

  async close(): Promise<void> {
    clearInterval(this.#syncTimer);
    await Promise.all([this.#normal.close(), this.#urgent.close()]);
  }

  async #run<Value>(
    trace: CallTrace,
    { urgency, weight }: { readonly urgency: Urgency; readonly weight: number },
    run: (exchange: Exchange) => Promise<Value>,
  ): Promise<Value> {
    await this.#budget.take(weight, urgency);
    const { exchange } = urgency === 'urgent' ? this.#urgent : this.#normal;
    if (urgency === 'urgent') shareMarkets(this.exchange, exchange);
    // Given up while it queued: what `run` prepares must not be sent any more.
    if (trace.isGivenUp) throw new GivenUpError(`${trace.call} was given up before it left`);
    return traced(trace, () => run(exchange));
  }

  #hooks(): WireHooks {
    return {
      onRequest: (request) => this.#onRequest(request),
      onResponse: (response) => this.#onResponse(response),
      onMessage: (url, message) => this.#raw.take(url, message),
      onMessageFailed: (url, error) => {
        // Without a profile ccxt's reading is all there is, and its error has to end the watch.
        if (this.profile.name === 'generic') throw error;
        this.#streamFault(this.profile.streamOf(url), error);
      },
      onSocket: (url, state, detail) => {
        this.#raw.socket(url, state, this.#redactor.text(detail));
      },
    };
  }

  #onRequest(request: WireRequest): void {
    const trace = currentTrace();
    if (trace === undefined) return;
    if (trace.isGivenUp) throw new GivenUpError(`${trace.call} was given up before it left`);
    const held = trace.heldBy?.();
    if (held !== undefined) throw new GivenUpError(held);
    trace.sentMs = this.clock.now();
    trace.onSent?.(trace.sentMs);
    trace.ackedMs = null;
    trace.httpStatus = null;
    trace.body = null;
    this.#events.request(trace, request);
    trace.hasLeft = true;
  }

  #onResponse(response: WireResponse): void {
    this.#redactor.learnFrom(response.body);
    const used = Number(response.headers['x-mbx-used-weight-1m'] ?? Number.NaN);
    const { weightLimit } = this.profile;
    if (Number.isFinite(used) && weightLimit !== null) this.#budget.report(used, weightLimit);
    const trace = currentTrace();
    if (trace === undefined) return;
    trace.ackedMs = this.clock.now();
    trace.httpStatus = response.status;
    trace.body = response.body;
    trace.retryAfter = response.headers['retry-after'] ?? null;
    this.#events.response(trace, response);
  }

  async #afterFailure(
    trace: CallTrace,
    failure: CallFailure,
    isExpected: CallOptions['isExpected'],
  ): Promise<void> {
    this.#restraint.note(failure);
    if (isExpected?.(failure) !== true) this.#events.failed(trace.call, trace.about, failure);
    // The next attempt is signed by a clock that agrees; whether there is one, the caller decides.
    if (failure.verdict === 'clock') await this.syncClock();
  }

  #clockSync(): ClockSync {
    return new ClockSync({
      wall: this.#wall,
      exchanges: [this.#normal.exchange, this.#urgent.exchange],
      readTime: async () => {
        if (this.exchange.has['fetchTime'] !== true) return undefined;
        const read = await this.call('fetchTime', (exchange) => exchange.fetchTime());
        return read.ok ? read.value : undefined;
      },
      setOffset: (offsetMs) => this.clock.setOffset(offsetMs),
      onDrift: (offsetMs) => this.#drifted(offsetMs),
    });
  }

  #drifted(offsetMs: number): void {
    const way = offsetMs > 0 ? 'behind' : 'ahead of';
    const detail =
      `the clock here is ${Math.abs(offsetMs)} ms ${way} that of the venue; ` +
      'requests are stamped with its time from now on; check NTP';
    this.#log?.warn({ offsetMs }, 'clock drift');
    this.#tell('clock', 'clock', detail);
  }

  #streamFault(name: string, error: unknown): void {
    const text = error instanceof Error ? error.message || error.name : String(error);
    this.#tell(`stream ${name}`, 'retry', this.#redactor.text(text));
  }

  #tell(call: string, verdict: CallFailure['verdict'], detail: string): void {
    const none = { httpStatus: null, venueCode: null, reason: 'other', untilMs: null } as const;
    this.#events.failed(call, null, { ...none, isDuplicate: false, verdict, detail });
  }

  /** What a late answer sets off is nobody's promise: its fault ends here. */
  #late(settled: Settled<unknown>, hand: () => void): void {
    if (settled.kind === 'error' && settled.error instanceof GivenUpError) return;
    try {
      hand();
    } catch (error) {
      this.#streamFault('late answer', error);
    }
  }
}
