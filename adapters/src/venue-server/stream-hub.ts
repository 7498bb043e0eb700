// The WebSocket side: takes connections, keeps subscriptions, and publishes what happens. The order
// of an account event and its order event is drawn by lot, as the real one promises none.
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { type RawData, WebSocketServer } from 'ws';
import type { FaultBook } from './faults.js';
import type { ListenKeys } from './listen-keys.js';
import { DepthDiff, tickEvent, tradeEvent } from './market-stream.js';
import type { SeededRandom } from './seeded-random.js';
import { StreamConnection } from './stream-connection.js';
import { type StreamEvent, userEvent } from './stream-event.js';
import type { VenueEvent, VenueState } from './venue-state.js';

const PING_EVERY_MS = 180_000;
const PATH = /^\/(?:(?:public|market|private)\/)?ws(?:\/.*)?$/;

export interface HubParts {
  readonly state: VenueState;
  readonly faults: FaultBook;
  readonly listenKeys: ListenKeys;
  readonly random: SeededRandom;
}

export class StreamHub {
  readonly #parts: HubParts;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 });
  readonly #connections = new Set<StreamConnection>();
  readonly #depth = new DepthDiff();
  readonly #pings: NodeJS.Timeout;
  #heldOrder: StreamEvent | undefined;

  constructor(parts: HubParts) {
    this.#parts = parts;
    this.#pings = setInterval(() => this.#each((connection) => connection.ping()), PING_EVERY_MS);
    this.#pings.unref();
  }

  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, raw: Socket, head: Buffer) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      // A page in a browser names its origin; it has no business here.
      if (!PATH.test(url.pathname) || request.headers.origin !== undefined) {
        raw.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
        return;
      }
      this.#server.handleUpgrade(request, raw, head, (socket) => {
        const listenKey = url.searchParams.get('listenKey') ?? keyInPath(url.pathname);
        const { faults } = this.#parts;
        const connection = new StreamConnection({ socket, raw, faults, listenKey });
        this.#connections.add(connection);
        socket.on('message', (text) => this.#hear(connection, text));
        socket.on('close', () => this.#connections.delete(connection));
        socket.on('error', () => this.#connections.delete(connection));
      });
    });
  }

  publish(event: VenueEvent): void {
    const { state } = this.#parts;
    if (event.kind === 'tick' || event.kind === 'bar') return this.#publishTick(event);
    if (event.kind === 'print') {
      for (const topic of ['trade', 'aggTrade'] as const) {
        const stream = `${event.print.symbol.toLowerCase()}@${topic}`;
        this.#toSubscribers(stream, tradeEvent(event.print, topic));
      }
      return;
    }
    const said = userEvent(state, event);
    if (said === undefined) return;
    if (event.kind === 'order' && event.trade !== undefined && this.#parts.random.next() < 0.5) {
      this.#heldOrder = said;
      return;
    }
    this.#toUser(said);
    if (event.kind !== 'account' || this.#heldOrder === undefined) return;
    this.#toUser(this.#heldOrder);
    this.#heldOrder = undefined;
  }

  expireListenKey(): void {
    const key = this.#parts.listenKeys.expire();
    const payload = { e: 'listenKeyExpired', E: this.#parts.state.nowMs, listenKey: key };
    this.#each((connection) => {
      if (key !== undefined && connection.listenKey === key) {
        connection.push({ name: 'listenKeyExpired', payload });
      }
    });
  }

  /** The user streams, or all of them. */
  each(which: 'user' | 'all', act: (connection: StreamConnection) => void): void {
    this.#each((connection) => {
      if (which === 'all' || connection.listenKey !== undefined) act(connection);
    });
  }

  get count(): number {
    return this.#connections.size;
  }

  stop(): void {
    clearInterval(this.#pings);
    this.#each((connection) => connection.close(1006));
    this.#server.close();
  }

  #each(act: (connection: StreamConnection) => void): void {
    for (const connection of this.#connections) act(connection);
  }

  #hear(connection: StreamConnection, raw: RawData): void {
    const request = parse(raw);
    if (request === undefined) return connection.close(1008);
    for (const stream of request.params) {
      if (request.method === 'SUBSCRIBE') connection.streams.add(stream);
      if (request.method === 'UNSUBSCRIBE') connection.streams.delete(stream);
    }
    connection.reply({ result: null, id: request.id });
  }

  #publishTick(event: Extract<VenueEvent, { kind: 'tick' | 'bar' }>): void {
    const { state } = this.#parts;
    const prefix = `${event.symbol.toLowerCase()}@`;
    const wanted = new Set<string>();
    this.#each(({ streams }) => {
      for (const stream of streams) if (stream.startsWith(prefix)) wanted.add(stream);
    });
    const isDepth = (stream: string): boolean => stream.startsWith(`${prefix}depth`);
    if (event.kind === 'tick') {
      // The chain goes on whether somebody listens or not.
      const diff = this.#depth.next(state, event.symbol);
      for (const stream of [...wanted].filter(isDepth)) this.#toSubscribers(stream, diff);
    }
    for (const stream of wanted) {
      if (event.kind === 'bar' && !stream.startsWith(`${prefix}kline_`)) continue;
      const said = tickEvent(state, event.symbol, stream);
      if (said !== undefined) this.#toSubscribers(stream, said);
    }
  }

  #toSubscribers(stream: string, event: StreamEvent): void {
    this.#each((connection) => {
      if (connection.streams.has(stream)) connection.push(event);
    });
  }

  #toUser(event: StreamEvent): void {
    const key = this.#parts.listenKeys.current();
    if (key === undefined) return;
    this.#each((connection) => {
      if (connection.listenKey === key) connection.push(event);
    });
  }
}

/** The older form of a user stream: /ws/<listenKey>. */
function keyInPath(path: string): string | undefined {
  return /\/ws\/([0-9a-f]{64})$/.exec(path)?.[1];
}

interface Heard {
  readonly method: string;
  readonly params: readonly string[];
  readonly id: unknown;
}

function parse(raw: RawData): Heard | undefined {
  try {
    const value = JSON.parse(String(raw)) as Partial<Heard> | null;
    const { method, params = [], id = null } = value ?? {};
    if (typeof method !== 'string' || !Array.isArray(params)) return undefined;
    return { method, params: params.filter((item) => typeof item === 'string'), id };
  } catch {
    return undefined;
  }
}
