// The stream of the account's own events. It is opened, watched and given up here; whoever owns the
// connection decides when to open it again, since nothing may be trusted before what was missed has
// been read (W7, W9). ccxt ignores an expired listen key and a silent socket: both are found here.
import type { Exchange } from 'ccxt';
import { accountKindOf } from './binance-endpoints.js';
import type { ExchangeClient, RawMessage } from './exchange-client.js';
import { renewListenKey } from './listen-key.js';
import { pause, wallMs } from './pause.js';
import { profileOf } from './profiles.js';
import { type Reading, failed, read, unread } from './reading.js';
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

/**
 * This machine was suspended, or its clock was set: sockets may be dead without knowing it, and
 * what fell into the gap is read before anything is trusted (T2).
 */
const JUMP_MAX_MS = 10_000;
const FAILED_PROBES_MAX = 3;
const UNANSWERED_MAX = 2;

export class UserStream {
  readonly #parts: UserStreamParts;
  readonly #timing: UserStreamTiming;
  #life = new AbortController();
  #stopListening: () => void = () => undefined;
  #isLost = true;
  #failedProbes = 0;
  #openedMs = 0;
  #pongMs = 0;
  #unanswered = 0;
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
    this.#stopListening = client.onRaw((message) => this.#onMessage(message));
    this.#failedProbes = 0;
    this.#openedMs = wallMs();
    this.#renewedMs = this.#openedMs;
    this.#heardMs = this.#openedMs;
    const broken = this.#keep(life.signal);
    const failure = await Promise.race([broken, this.#connected(life.signal)]);
    if (failure !== null) {
      this.close();
      return unread(failure);
    }
    void this.#probe(life.signal);
    return read(null);
  }

  #onMessage({ name, body }: RawMessage): void {
    if (profileOf(this.#parts.client.id).eventOf(body)?.isUser !== true) return;
    this.#heardMs = wallMs();
    if (name === 'listenKeyExpired' || name === 'eventStreamTerminated') {
      this.#lose(`the venue ended the user stream (${name})`);
    }
  }

  /** A reading has found what this stream should have told: it is deaf, though its socket lives. */
  suspect(detail: string): void {
    // What is being told just now may have come both ways.
    if (wallMs() - this.#heardMs >= this.#timing.pingMs) this.#lose(detail);
  }

  /** Ends the stream and forgets its key. */
  close(): void {
    this.#isLost = true;
    this.#stopListening();
    this.#life.abort();
    const { exchange } = this.#parts.client;
    for (const socket of this.#sockets()) dropSocket(exchange, socket, 'the user stream is closed');
    // A key that was asked for and never came: whoever asks again would wait for that answer.
    for (const flight of socketsOf(exchange, isKeyFlight)) {
      dropSocket(exchange, flight, 'the listen key did not come');
    }
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
    const isUnread = accountKindOf(client.id) === 'generic';
    for (;;) {
      try {
        const orders = await client.exchange.watchOrders();
        this.#heardMs = wallMs();
        if (!signal.aborted && isUnread) onOrders?.(orders);
      } catch (error) {
        const detail = streamFault(error);
        if (!signal.aborted) this.#lose(detail);
        return detail;
      }
      if (signal.aborted) return 'closed';
    }
  }

  async #connected(signal: AbortSignal): Promise<string | null> {
    const { openWithinMs } = this.#timing;
    const untilMs = wallMs() + openWithinMs;
    while (!signal.aborted && wallMs() < untilMs) {
      const sockets = this.#sockets();
      if (sockets.length > 0 && sockets.every(({ isConnected }) => isConnected)) return null;
      await pause(5, signal);
    }
    return `the user stream did not open within ${openWithinMs} ms`;
  }

  async #probe(signal: AbortSignal): Promise<void> {
    const { pingMs, probeMs, renewMs } = this.#timing;
    let lookedMs = wallMs();
    while (await pause(pingMs, signal)) {
      const jumpMs = wallMs() - lookedMs - pingMs;
      lookedMs = wallMs();
      if (Math.abs(jumpMs) > JUMP_MAX_MS) {
        return this.#lose(`the clock here jumped by ${jumpMs} ms`);
      }
      if (!this.#isAlive()) return;
      const quietMs = wallMs() - Math.max(this.#heardMs, this.#renewedMs);
      if (quietMs < probeMs && wallMs() - this.#renewedMs < renewMs) continue;
      this.#renewedMs = wallMs();
      const key = await renewListenKey(this.#parts.client);
      if (signal.aborted) return;
      if (key === 'gone') return this.#lose('the listen key has expired');
      if (key === 'other') return this.#lose('the venue serves another listen key');
      this.#failedProbes = key === 'alive' ? 0 : this.#failedProbes + 1;
      if (this.#failedProbes >= FAILED_PROBES_MAX) {
        return this.#lose(`the venue did not answer ${this.#failedProbes} probes`);
      }
    }
  }

  // Time alone says nothing after this process has been held up: pings must be unanswered, too.
  #isAlive(): boolean {
    for (const socket of this.#sockets()) {
      // ccxt notes the pong; its own limit is six minutes.
      const pongMs = Math.max(socket.lastPong ?? 0, this.#openedMs);
      if (pongMs !== this.#pongMs) this.#unanswered = 0;
      this.#pongMs = pongMs;
      const silentMs = wallMs() - pongMs;
      if (silentMs > this.#timing.deadAfterMs && this.#unanswered >= UNANSWERED_MAX) {
        this.#lose(`no sign of life for ${silentMs} ms`);
        return false;
      }
      if (!socket.isConnected) continue;
      socket.connection?.ping?.();
      this.#unanswered += 1;
    }
    return true;
  }

  #lose(detail: string): void {
    if (this.#isLost) return;
    this.close();
    this.#parts.log.warn({ event: 'user_stream_lost', detail }, 'user stream lost');
    this.#parts.onLost(detail);
  }

  #sockets(): readonly StreamSocket[] {
    return socketsOf(this.#parts.client.exchange, isUserSocket);
  }
}

function isUserSocket({ url, subscriptions }: StreamSocket): boolean {
  return (
    /\/private\/|listenKey=|\/ws-api/.test(url) ||
    Object.keys(subscriptions).some((name) => /order|executions/i.test(name))
  );
}

/** Where ccxt keeps the one request for a listen key that all who need it wait for. */
function isKeyFlight({ url }: StreamSocket): boolean {
  return url === 'authenticationFlights';
}

interface StreamingExchange {
  authenticate(): Promise<unknown>;
}

function streaming(exchange: Exchange): StreamingExchange {
  return exchange as unknown as StreamingExchange;
}
