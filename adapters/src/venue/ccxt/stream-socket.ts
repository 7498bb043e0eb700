// The sockets behind ccxt's watch calls. ccxt neither tells when one opens nor lets one be given up
// alone, and its own renewal and backoff work against ours; all of that is put right here.
import type { Exchange } from 'ccxt';

/** What is used of ccxt's own socket object. */
export interface StreamSocket {
  readonly url: string;
  readonly isConnected: boolean;
  readonly subscriptions: Readonly<Record<string, unknown>>;
  readonly futures?: Readonly<Record<string, Promise<unknown>>>;
  readonly lastPong?: number;
  readonly connection?: { readonly readyState: number; ping?(): void; terminate?(): void };
  error?: unknown;
  reset(error: Error): void;
}

interface Streaming {
  readonly clients?: Record<string, StreamSocket>;
  readonly options: Record<string, unknown>;
  delay: (...args: readonly unknown[]) => void;
}

/** Makes an exchange leave reconnects and renewals to us. Done twice it does no harm. */
export function prepareStreams(exchange: Exchange): void {
  const own = streaming(exchange);
  // ccxt's delays add to ours and outgrow our deadlines; two backoffs never come to an end.
  const ws = (own.options['ws'] ?? {}) as object;
  own.options['ws'] = { ...ws, backoff: { base: 0, max: 0 } };
  // It reads positions for a cache that nobody here looks at, outside of the request budget.
  const positions = (own.options['watchPositions'] ?? {}) as object;
  own.options['watchPositions'] = {
    ...positions,
    fetchPositionsSnapshot: false,
    awaitPositionsSnapshot: false,
  };
  // Used for renewing listen keys only: it drops the key when one renewal fails, without a word.
  own.delay = () => undefined;
}

export function socketsOf(
  exchange: Exchange,
  matches: (socket: StreamSocket) => boolean,
): readonly StreamSocket[] {
  return Object.values(streaming(exchange).clients ?? {}).filter(matches);
}

/** Ends a socket at once, dead peer or not; who waits on it gets `reason` as an error. */
export function dropSocket(exchange: Exchange, socket: StreamSocket, reason: string): void {
  const error = new Error(reason);
  calm(socket);
  // Set first: when the close arrives later, ccxt forgets whichever socket has this address then.
  socket.error = error;
  socket.reset(error);
  const clients = streaming(exchange).clients ?? {};
  if (clients[socket.url] === socket) delete clients[socket.url];
  try {
    socket.connection?.terminate?.();
  } catch {
    // Not connected yet: ws throws, and closes when it gets there.
  }
}

/** ccxt leaves some of its own promises unheard; their rejection would end the process. */
export function calm(socket: StreamSocket): void {
  for (const future of Object.values(socket.futures ?? {})) future.catch(() => undefined);
}

/** In the words of the error, without the listen key that stands in a socket's address. */
export function streamFault(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/listenKey=[^\s&"']+/g, 'listenKey=…');
}

function streaming(exchange: Exchange): Streaming {
  return exchange as unknown as Streaming;
}
