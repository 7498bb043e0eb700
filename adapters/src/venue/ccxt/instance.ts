// One instance of ccxt's client, with our ears and our guard on it: every request and every socket
// is seen before it leaves, every answer and every message before it is parsed.
import type { Exchange } from 'ccxt';
import type { AccountConfig } from './account-config.js';
import { instanceUrls, mapUrls, openUrls } from './addresses.js';
import type { Credentials } from './credentials.js';
import type { OutboundGuard } from './outbound-guard.js';
import { Pace } from './pacing.js';
import type { InstancePace, VenueProfile } from './profile.js';

export interface WireRequest {
  readonly url: string;
  readonly method: string;
  readonly body: string;
}

export interface WireResponse {
  /** Of its request. */
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type SocketState = 'open' | 'closed';

/** All are called synchronously; only `onRequest` may throw, which keeps it from leaving. */
export interface WireHooks {
  onRequest(request: WireRequest): void;
  onResponse(response: WireResponse): void;
  onMessage(url: string, message: unknown): void;
  onMessageFailed(url: string, error: unknown): void;
  onSocket(url: string, state: SocketState, detail: string): void;
}

export interface InstanceParts {
  readonly Client: ExchangeClass;
  readonly account: AccountConfig;
  readonly credentials: Credentials;
  readonly profile: VenueProfile;
  readonly pace: InstancePace;
  /** Rules over the addresses that the instance has been given. */
  guard(addresses: readonly string[]): OutboundGuard;
  readonly hooks: WireHooks;
}

export type ExchangeClass = new (config: object) => Exchange;

/** ccxt's dead-socket detection takes two of these. */
const KEEP_ALIVE_MS = 15_000;
/** Our deadline ends a call; the request lives on so that a late answer is still read. */
const TIMEOUT_FACTOR = 2;

export interface Instance {
  readonly exchange: Exchange;
  readonly guard: OutboundGuard;
  /** Ends sockets and timers. */
  close(): Promise<void>;
}

export function createInstance(parts: InstanceParts): Instance {
  const { Client, account, credentials, profile } = parts;
  const exchange = new Client({
    ...credentials,
    timeout: account.call_deadline_ms * TIMEOUT_FACTOR,
    enableRateLimit: true,
    options: { ...profile.options, recvWindow: account.recv_window_ms, maxRetriesOnFailure: 0 },
  });
  const api = instanceUrls(exchange, account, profile);
  const guard = parts.guard(openUrls(api, profile.needs));
  // An address that is not allowed is taken out: not even an unforeseen call finds it.
  (exchange as { urls: unknown }).urls = {
    api: mapUrls(api, (url) => (guard.isAllowed(url) ? url : 'https://refused.invalid')),
  };
  profile.mergeExceptions(exchange);
  const { streaming } = exchange as unknown as { readonly streaming: Record<string, unknown> };
  streaming['keepAlive'] = KEEP_ALIVE_MS;
  paceRequests(exchange, parts.pace);
  listen(exchange, guard, parts.hooks);
  const stopTimers = ownTimers(exchange);
  return { exchange, guard, close: () => closeInstance(exchange, stopTimers) };
}

function paceRequests(exchange: Exchange, { share, burst }: InstancePace): void {
  const pace = new Pace({
    unitMs: Number(exchange.rateLimit) / share,
    burst,
    now: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
  });
  exchange.throttle = (cost?: number) => pace.take(cost);
}

function listen(exchange: Exchange, guard: OutboundGuard, hooks: WireHooks): void {
  const fetch = exchange.fetch.bind(exchange);
  exchange.fetch = async (url: string, method = 'GET', headers?: object, body?: unknown) => {
    guard.check(url);
    hooks.onRequest({ url, method, body: typeof body === 'string' ? body : '' });
    return fetch(url, method, headers, body) as Promise<unknown>;
  };
  const handleErrors = exchange.handleErrors.bind(exchange);
  exchange.handleErrors = (...answer: Parameters<Exchange['handleErrors']>) => {
    const [status, , url, method, headers, body] = answer;
    // ccxt also asks here about refusals on a socket, which are no answers to a request.
    if (method !== '') {
      const named = lowerCased(headers as Record<string, unknown>);
      hooks.onResponse({ url, status, headers: named, body });
    }
    return handleErrors(...answer);
  };
  const client = exchange.client.bind(exchange);
  exchange.client = (url) => {
    // ccxt also keeps clients that are names only and never connect ('authenticationFlights').
    if (url?.includes('://') === true) guard.check(url);
    return withHandledFutures(client(url));
  };
  const handleMessage = exchange.handleMessage.bind(exchange);
  exchange.handleMessage = (socket: { readonly url: string }, message: unknown) => {
    hooks.onMessage(socket.url, message);
    try {
      handleMessage(socket, message);
    } catch (error) {
      // ccxt would end every watch on this socket; what it could not read we have kept already.
      hooks.onMessageFailed(socket.url, error);
    }
  };
  listenToSockets(exchange, hooks);
}

interface FutureSource {
  future(hash: string): Promise<unknown>;
}

const handled = new WeakSet<FutureSource>();

/**
 * ccxt makes futures for snapshots that it starts by itself and nobody awaits; a socket that breaks
 * or is closed meanwhile rejects them, which would end the process. Who does await one still hears.
 */
function withHandledFutures<Socket extends FutureSource>(socket: Socket): Socket {
  if (handled.has(socket)) return socket;
  handled.add(socket);
  const future = socket.future.bind(socket);
  socket.future = (hash) => {
    const made = future(hash);
    made.catch(() => undefined);
    return made;
  };
  return socket;
}

function listenToSockets(exchange: Exchange, hooks: WireHooks): void {
  interface Socket {
    readonly url: string;
    readonly error?: unknown;
  }
  const onConnected = exchange.onConnected.bind(exchange);
  exchange.onConnected = (socket: Socket, message?: unknown) => {
    onConnected(socket, message);
    hooks.onSocket(socket.url, 'open', '');
  };
  const closed = new WeakSet<Socket>();
  const tell = (socket: Socket, detail: string): void => {
    if (closed.has(socket)) return;
    closed.add(socket);
    hooks.onSocket(socket.url, 'closed', detail);
  };
  const onError = exchange.onError.bind(exchange);
  exchange.onError = (socket: Socket, error: unknown) => {
    onError(socket, error);
    tell(socket, error instanceof Error ? error.message : String(error));
  };
  const onClose = exchange.onClose.bind(exchange);
  exchange.onClose = (socket: Socket, event: unknown) => {
    onClose(socket, event);
    const code = (event as { readonly code?: unknown } | undefined)?.code;
    tell(socket, socket.error instanceof Error ? socket.error.message : `closed (${String(code)})`);
  };
}

/** ccxt renews listen keys by timers that outlive `close` and would hold the process. */
function ownTimers(exchange: Exchange): () => void {
  const timers = new Set<NodeJS.Timeout>();
  exchange.delay = (timeoutMs: number, method: never, ...args: never[]) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      exchange.spawn(method, ...args);
    }, timeoutMs);
    timer.unref();
    timers.add(timer);
  };
  return () => {
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
  };
}

async function closeInstance(exchange: Exchange, stopTimers: () => void): Promise<void> {
  stopTimers();
  try {
    await exchange.close();
  } catch (error) {
    if (!(error instanceof Error) || error.constructor.name !== 'ExchangeClosedByUser') throw error;
  }
}

function lowerCased(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}
