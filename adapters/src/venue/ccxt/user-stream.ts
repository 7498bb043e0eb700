// The stream of the account's own events. It is opened, watched and given up here; whoever owns the
// connection decides when to open it again, since nothing may be trusted before what was missed has
// been read (W7, W9). ccxt ignores an expired listen key and a silent socket: both are found here.
import type { Exchange } from 'ccxt';
import { accountKindOf, usdm } from './binance-endpoints.js';
import type { CallFailure, ExchangeClient, RawMessage } from './exchange-client.js';
import { pause } from './pause.js';
import { type Reading, failed, read, rowOf, unread } from './reading.js';
import type { StreamLog } from './stream-keeper.js';
import {
  type StreamSocket,
  calm,
  dropSocket,
  prepareStreams,
  socketsOf,
  streamFault,
} from './stream-socket.js';

export interface UserStreamTiming {
  /** Longest wait for the socket to open, wall ms. */
  readonly openWithinMs: number;
  /** How often the socket is pinged, wall ms. */
  readonly pingMs: number;
  /** How long a stream may be quiet before the venue is asked about it, wall ms. */
  readonly probeMs: number;
  /** How often the listen key is renewed at the latest, wall ms: it lives an hour. */
  readonly renewMs: number;
  /** A socket that answers no ping for this long is dead, wall ms. */
  readonly deadAfterMs: number;
}

const TIMING: UserStreamTiming = {
  openWithinMs: 10_000,
  pingMs: 15_000,
  probeMs: 60_000,
  renewMs: 20 * 60_000,
  deadAfterMs: 35_000,
};

export interface UserStreamParts {
  readonly client: ExchangeClient;
  readonly log: StreamLog;
  /** The stream is gone; it stays so until `open` is called again. */
  readonly onLost: (detail: string) => void;
  /** Unified orders, for venues whose raw messages nobody here can read. */
  readonly onOrders?: (orders: unknown) => void;
  readonly timing?: Partial<UserStreamTiming>;
}

/** No listen key of that name: it has expired or never was. */
const KEY_GONE = '-1125';
const FAILED_PROBES_MAX = 3;

export class UserStream {
  readonly #parts: UserStreamParts;
  readonly #timing: UserStreamTiming;
  #life = new AbortController();
  #isLost = true;
  #failedProbes = 0;
  #openedMs = 0;
  #renewedMs = 0;
  #heardMs = 0;

  constructor(parts: UserStreamParts) {
    this.#parts = parts;
    this.#timing = { ...TIMING, ...parts.timing };
    this.#life.abort();
  }

  /** Opens a fresh stream; one of before is given up. */
  async open(): Promise<Reading<null>> {
    const { client } = this.#parts;
    this.close();
    const life = new AbortController();
    this.#life = life;
    prepareStreams(client.exchange);
    const opened = await this.#authenticate();
    if (!opened.ok) return opened;
    this.#isLost = false;
    this.#failedProbes = 0;
    this.#openedMs = Date.now();
    this.#renewedMs = this.#openedMs;
    this.#heardMs = this.#openedMs;
    const broken = this.#keep(life.signal);
    const failure = await this.#untilConnected(broken, life.signal);
    if (failure !== null) {
      this.close();
      return unread(failure);
    }
    void this.#probe(life.signal);
    return read(null);
  }

  onMessage({ name }: RawMessage): void {
    this.#heardMs = Date.now();
    if (name === 'listenKeyExpired' || name === 'eventStreamTerminated') {
      this.#lose(`the venue ended the user stream (${name})`);
    }
  }

  /** Something must have been missed although the stream seemed well. */
  suspect(detail: string): void {
    this.#lose(detail);
  }

  /** Ends the stream and forgets its key. */
  close(): void {
    this.#isLost = true;
    this.#life.abort();
    const { exchange } = this.#parts.client;
    for (const socket of this.#sockets()) dropSocket(exchange, socket, 'the user stream is closed');
    // ccxt keeps a key for twenty minutes and would come back with a dead one (W6).
    if (exchange.options['future'] !== undefined) exchange.options['future'] = {};
  }

  async #authenticate(): Promise<Reading<null>> {
    const { client } = this.#parts;
    if (accountKindOf(client.id) === 'generic') return read(null);
    // On the exchange that streams, whichever one carries the other calls.
    const result = await client.call('openUserStream', () => {
      const done = streaming(client.exchange).authenticate();
      for (const socket of this.#sockets()) calm(socket);
      return done;
    });
    return result.ok ? read(null) : failed('user stream', result.failure);
  }

  // Resolves with the reason when the stream breaks; ends silently when it was closed by us.
  async #keep(signal: AbortSignal): Promise<string> {
    const { client, onOrders } = this.#parts;
    for (;;) {
      try {
        const orders = await client.exchange.watchOrders();
        this.#heardMs = Date.now();
        if (!signal.aborted) onOrders?.(orders);
      } catch (error) {
        const detail = streamFault(error);
        if (!signal.aborted) this.#lose(detail);
        return detail;
      }
      if (signal.aborted) return 'closed';
    }
  }

  async #untilConnected(broken: Promise<string>, signal: AbortSignal): Promise<string | null> {
    const { openWithinMs } = this.#timing;
    const untilMs = Date.now() + openWithinMs;
    let failure: string | null = null;
    void broken.then((detail) => {
      failure = detail;
    });
    while (failure === null && !signal.aborted && Date.now() < untilMs) {
      const sockets = this.#sockets();
      if (sockets.length > 0 && sockets.every(({ isConnected }) => isConnected)) return null;
      await pause(5, signal);
    }
    return failure ?? `the user stream did not open within ${openWithinMs} ms`;
  }

  async #probe(signal: AbortSignal): Promise<void> {
    const { pingMs, probeMs, renewMs } = this.#timing;
    while (await pause(pingMs, signal)) {
      if (!this.#isAlive()) return;
      const quietMs = Date.now() - Math.max(this.#heardMs, this.#renewedMs);
      if (quietMs < probeMs && Date.now() - this.#renewedMs < renewMs) continue;
      const failure = await this.#renew();
      if (signal.aborted) return;
      if (failure === null) this.#failedProbes = 0;
      else if (failure.venueCode === KEY_GONE) return this.#lose('the listen key has expired');
      else this.#failedProbes += 1;
      if (this.#failedProbes >= FAILED_PROBES_MAX) {
        return this.#lose(`the venue did not answer ${this.#failedProbes} probes`);
      }
    }
  }

  #isAlive(): boolean {
    for (const socket of this.#sockets()) {
      // ccxt notes the pong; its own limit is six minutes.
      const silentMs = Date.now() - Math.max(socket.lastPong ?? 0, this.#openedMs);
      if (silentMs > this.#timing.deadAfterMs) {
        this.#lose(`no sign of life for ${silentMs} ms`);
        return false;
      }
      if (socket.isConnected) socket.connection?.ping?.();
    }
    return true;
  }

  // Renewing is also the cheapest question whether the key behind the socket is still alive.
  async #renew(): Promise<CallFailure | null> {
    const { client } = this.#parts;
    const { exchange } = client;
    this.#renewedMs = Date.now();
    if (accountKindOf(client.id) !== 'usdm') {
      const answer = await client.call('fetchTime', (any) => any.fetchTime());
      return answer.ok ? null : answer.failure;
    }
    const key = (exchange.options['future'] as { readonly listenKey?: string } | undefined)
      ?.listenKey;
    const answer = await client.call(
      'keepAliveListenKey',
      (any) => usdm(any).fapiPrivatePutListenKey(),
      { isExpected: ({ venueCode }) => venueCode === KEY_GONE },
    );
    if (!answer.ok) return answer.failure;
    const alive = keyOf(answer.value);
    if (alive !== undefined && key !== undefined && alive !== key) {
      this.#lose('the venue serves another listen key');
    }
    return null;
  }

  #lose(detail: string): void {
    if (this.#isLost) return;
    this.close();
    this.#parts.log.warn({ event: 'user_stream_lost', detail }, 'user stream lost');
    this.#parts.onLost(detail);
  }

  #sockets(): readonly StreamSocket[] {
    const { client } = this.#parts;
    const isOwn = ({ url, subscriptions }: StreamSocket): boolean =>
      /\/private\/|listenKey=|\/ws-api/.test(url) ||
      Object.keys(subscriptions).some((name) => /order|executions/i.test(name));
    return socketsOf(client.exchange, isOwn);
  }
}

function keyOf(answer: unknown): string | undefined {
  try {
    const { listenKey } = rowOf(answer);
    return typeof listenKey === 'string' ? listenKey : undefined;
  } catch {
    return undefined;
  }
}

interface StreamingExchange {
  authenticate(): Promise<unknown>;
}

function streaming(exchange: Exchange): StreamingExchange {
  return exchange as unknown as StreamingExchange;
}
