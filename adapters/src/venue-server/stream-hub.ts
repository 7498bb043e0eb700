// The WebSocket side: takes connections, keeps subscriptions, and publishes what happens. The order
// of an account event and its order event is drawn by lot, as the real one promises none.
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { type RawData, WebSocketServer } from 'ws';
import { DepthDiff } from './depth-diff.js';
import type { FaultBook } from './faults.js';
import type { ListenKeys } from './listen-keys.js';
import { asSpot, tickEvent, tradeEvent } from './market-stream.js';
import type { SeededRandom } from './seeded-random.js';
import type { Credentials } from './signature.js';
import type { SpotEvent, SpotState } from './spot-state.js';
import { spotUserEvent, wrapped } from './spot-stream.js';
import { type Realm, StreamConnection } from './stream-connection.js';
import { type StreamEvent, userEvent } from './stream-event.js';
import type { MarketEvent, VenueEvent, VenueState } from './venue-state.js';
import { answerWsApi } from './ws-api.js';

const PING_EVERY_MS = 180_000;
const FUTURES_PATH = /^\/(?:(?:public|market|private)\/)?ws(?:\/.*)?$/;
const SPOT_PATH = /^\/(?:stream(?:\/.*)?|ws-api\/v3)$/;

export interface HubParts {
  readonly state: VenueState;
  readonly spot: SpotState;
  readonly faults: FaultBook;
  readonly listenKeys: ListenKeys;
  readonly random: SeededRandom;
  readonly credentials: Credentials;
  readonly serverMs: () => number;
}

export class StreamHub {
  readonly #parts: HubParts;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 });
  readonly #connections = new Set<StreamConnection>();
  readonly #depth = { futures: new DepthDiff(), spot: new DepthDiff() };
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
      const realm = realmOf(url.pathname);
      // A page in a browser names its origin; it has no business here.
      if (realm === undefined || request.headers.origin !== undefined) {
        raw.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
        return;
      }
      this.#server.handleUpgrade(request, raw, head, (socket) => {
        const listenKey = url.searchParams.get('listenKey') ?? keyInPath(url.pathname);
        const { faults } = this.#parts;
        const connection = new StreamConnection({ socket, raw, faults, listenKey, realm });
        this.#connections.add(connection);
        socket.on('message', (text) => this.#hear(connection, text));
        socket.on('close', () => this.#connections.delete(connection));
        socket.on('error', () => this.#connections.delete(connection));
      });
    });
  }

  publish(event: VenueEvent): void {
    const { state } = this.#parts;
    if (isOfMarket(event)) return this.#publishMarket('futures', event);
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

  publishSpot(event: SpotEvent): void {
    if (isOfMarket(event)) return this.#publishMarket('spot', event);
    const said = spotUserEvent(this.#parts.spot, event);
    if (said === undefined) return;
    this.#each((connection) => {
      if (connection.isSubscribed) connection.push(said);
    });
  }

  /** What spot has in the place of a key that expires: the subscription ends. */
  endSubscriptions(): void {
    const E = this.#parts.spot.nowMs;
    const payload = wrapped({ e: 'eventStreamTerminated', E });
    this.#each((connection) => {
      if (!connection.isSubscribed) return;
      connection.push({ name: 'eventStreamTerminated', payload });
      connection.isSubscribed = false;
    });
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
      if (which === 'all' || connection.isOfUser) act(connection);
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
    const { method, params, id } = request;
    if (!Array.isArray(params)) {
      const { credentials, serverMs } = this.#parts;
      const asked = { id, method, params: params as Readonly<Record<string, unknown>> };
      const { body, isSubscribed } = answerWsApi(credentials, asked, serverMs());
      connection.isSubscribed = isSubscribed ?? connection.isSubscribed;
      return connection.reply(body);
    }
    for (const stream of params) {
      if (method === 'SUBSCRIBE') this.#subscribe(connection, String(stream));
      if (method === 'UNSUBSCRIBE') connection.streams.delete(String(stream));
    }
    connection.reply({ result: null, id });
  }

  #subscribe({ realm, streams }: StreamConnection, stream: string): void {
    streams.add(stream);
    const [name = '', topic = ''] = stream.split('@');
    const symbol = name.toUpperCase();
    const state = this.#marketOf(realm);
    const isDepth = topic.startsWith('depth') && state.markets.has(symbol);
    if (isDepth) this.#depth[realm].begin(state, symbol);
  }

  #publishMarket(realm: Realm, event: MarketEvent): void {
    const symbol = event.kind === 'print' ? event.print.symbol : event.symbol;
    const prefix = `${symbol.toLowerCase()}@`;
    const wanted = this.#wanted(realm, prefix);
    if (event.kind === 'print') {
      for (const topic of ['trade', 'aggTrade'] as const) {
        const stream = prefix + topic;
        if (wanted.has(stream)) this.#toSubscribers(realm, stream, tradeEvent(event.print, topic));
      }
      return;
    }
    const state = this.#marketOf(realm);
    const depths = [...wanted].filter((stream) => stream.startsWith(`${prefix}depth`));
    if (event.kind === 'tick') {
      if (depths.length === 0) this.#depth[realm].end(symbol);
      else {
        const diff = this.#depth[realm].next(state, symbol);
        for (const stream of depths) this.#toSubscribers(realm, stream, diff);
      }
    }
    for (const stream of wanted) {
      if (event.kind === 'bar' && !stream.startsWith(`${prefix}kline_`)) continue;
      const said = tickEvent(state, symbol, stream);
      if (said !== undefined) this.#toSubscribers(realm, stream, said);
    }
  }

  #marketOf(realm: Realm): VenueState | SpotState {
    return realm === 'spot' ? this.#parts.spot : this.#parts.state;
  }

  #wanted(realm: Realm, prefix: string): ReadonlySet<string> {
    const wanted = new Set<string>();
    this.#each((connection) => {
      if (connection.realm !== realm) return;
      for (const stream of connection.streams) if (stream.startsWith(prefix)) wanted.add(stream);
    });
    return wanted;
  }

  #toSubscribers(realm: Realm, stream: string, event: StreamEvent): void {
    const said = realm === 'spot' ? asSpot(event) : event;
    this.#each((connection) => {
      if (connection.realm === realm && connection.streams.has(stream)) connection.push(said);
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

function realmOf(path: string): Realm | undefined {
  if (FUTURES_PATH.test(path)) return 'futures';
  return SPOT_PATH.test(path) ? 'spot' : undefined;
}

function isOfMarket(event: VenueEvent | SpotEvent): event is MarketEvent {
  return event.kind === 'tick' || event.kind === 'bar' || event.kind === 'print';
}

/** The older form of a user stream: /ws/<listenKey>. */
function keyInPath(path: string): string | undefined {
  return /\/ws\/([0-9a-f]{64})$/.exec(path)?.[1];
}

interface Heard {
  readonly method: string;
  /** Streams, or the parameters of a request. */
  readonly params: readonly unknown[] | object;
  readonly id: unknown;
}

function parse(raw: RawData): Heard | undefined {
  try {
    const value = JSON.parse(String(raw)) as Partial<Heard> | null;
    const { method, params = [], id = null } = value ?? {};
    if (typeof method !== 'string' || typeof params !== 'object') return undefined;
    return { method, params, id };
  } catch {
    return undefined;
  }
}
