// Keeps one market stream alive by calling ccxt's watch method again and again. It mends itself:
// a broken stream is opened again after a growing pause, a silent one is given up by its owner.
import type { Exchange } from 'ccxt';
import type { Logger } from 'pino';
import { type BackoffLimits, CONNECTION_BACKOFF, backoffMs, pause } from './pause.js';
import { type StreamSocket, dropSocket, socketsOf, streamFault } from './stream-socket.js';

export type StreamLog = Pick<Logger, 'debug' | 'info' | 'warn'>;

export interface StreamKeeperParts {
  readonly name: 'bars' | 'quotes';
  /** Asked each time: a client may renew its exchange when it reconnects. */
  readonly exchange: () => Exchange;
  readonly log: StreamLog;
  /** One call of a watch method; resolves with each message. */
  readonly watch: () => Promise<unknown>;
  /** Which of the exchange's sockets are this stream's. */
  readonly isOwn: (socket: StreamSocket) => boolean;
  readonly onMessage?: (message: unknown) => void;
  readonly backoff?: BackoffLimits;
}

export class StreamKeeper {
  readonly #parts: StreamKeeperParts;
  readonly #stop = new AbortController();
  #rebuilds = 0;

  constructor(parts: StreamKeeperParts) {
    this.#parts = parts;
  }

  /** How often the stream was given up or broke. */
  get rebuilds(): number {
    return this.#rebuilds;
  }

  start(): void {
    void this.#keep(this.#stop.signal);
  }

  /** Gives the socket up; the loop opens a new one. */
  rebuild(reason: string): void {
    const { exchange, isOwn } = this.#parts;
    const own = exchange();
    for (const socket of socketsOf(own, isOwn)) dropSocket(own, socket, reason);
  }

  stop(): void {
    this.#stop.abort();
    this.rebuild('the stream is closed');
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const { watch, onMessage, log, name, backoff = CONNECTION_BACKOFF } = this.#parts;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const message = await watch();
        failures = 0;
        onMessage?.(message);
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        this.#rebuilds += 1;
        const detail = streamFault(error);
        log.warn({ event: 'stream_broken', stream: name, failures, detail }, 'stream broken');
        // A subscription that ccxt believes to stand would never be sent again.
        this.rebuild(detail);
        await pause(backoffMs(failures, backoff), signal);
      }
    }
  }
}
