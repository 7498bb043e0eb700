// An account on the real client, with the real order desk, at a local exchange that is stepped by
// hand. Pauses are short, so that what takes minutes at an exchange takes moments here.
import type { AccountEvent, CommandGiven, VenueEvent } from '@strategy-runner/core';
import type { CcxtClient } from '../../../adapters/src/venue/ccxt/client.js';
import { type AccountTiming, CcxtAccount, type CcxtAccountParts } from './ccxt-account.js';
import { createClient } from '../../../adapters/src/venue/ccxt/create-client.js';
import { OrderDesk } from '../../../adapters/src/venue/ccxt/order-desk.js';
import type { RunningVenue } from '../../../adapters/src/venue-server/start-venue.js';
import { SYMBOL, aVenue, admin } from '../ccxt-client.js';

export type AccountBenchEvent = VenueEvent | AccountEvent | CommandGiven;
export type EventOf<Kind extends AccountBenchEvent['kind']> = Extract<
  AccountBenchEvent,
  { kind: Kind }
>;

export const QUICK: AccountTiming = {
  backoff: { firstMs: 40, maxMs: 160 },
  userStream: { openWithinMs: 1500, pingMs: 40, probeMs: 60_000, deadAfterMs: 60_000 },
  reconcile: { intervalMs: 60_000, quietMs: 40 },
  quoteRefreshMs: 100,
  filtersLeastMs: 0,
  incomeRetryMs: [0, 50, 100, 200],
};

export interface AccountBench {
  readonly venue: RunningVenue;
  readonly client: CcxtClient;
  readonly desk: OrderDesk;
  readonly account: CcxtAccount;
  readonly events: readonly AccountBenchEvent[];
  readonly logged: readonly string[];
  of<Kind extends AccountBenchEvent['kind']>(kind: Kind): readonly EventOf<Kind>[];
  /** Connection states in the order in which they were told. */
  states(): readonly string[];
  admin(path: string, body: object): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export interface AccountBenchOptions {
  readonly venue?: RunningVenue;
  /** Where the venue would be; for one that is not up yet. */
  readonly url?: string;
  readonly credentials?: { readonly apiKey: string; readonly secret: string };
  readonly exchange?: string;
  readonly symbols?: readonly string[];
  readonly callDeadlineMs?: number;
  readonly timing?: AccountTiming;
  readonly parts?: Partial<CcxtAccountParts>;
}

export async function anAccount(options: AccountBenchOptions = {}): Promise<AccountBench> {
  const venue = options.venue ?? (await aVenue());
  const url = options.url ?? venue.url;
  const symbols = options.symbols ?? [SYMBOL];
  const events: AccountBenchEvent[] = [];
  const logged: string[] = [];
  const note = (fields: object, message?: string): void =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log = { debug: note, info: note, warn: note } as CcxtAccountParts['log'];
  const emit = (event: VenueEvent | AccountEvent): void => {
    events.push(event);
    account?.observe(event);
  };
  const client = await createClient({
    account: {
      exchange: options.exchange ?? 'binanceusdm',
      rest_url: url,
      stream_url: url.replace('http', 'ws'),
      call_deadline_ms: options.callDeadlineMs ?? 2000,
      recv_window_ms: 5000,
      reconcile_interval_ms: 30_000,
      outage_kill_after_ms: null,
    },
    credentials: options.credentials ?? venue.credentials,
    emit,
    market: { marketMs: venue.state.nowMs, speed: 0 },
  });
  // Weights of account-wide reads are seconds at the pace of the exchange; not what is shown here.
  client.exchange.throttle = () => Promise.resolve();
  const desk = new OrderDesk({
    client,
    emit,
    sessionId: 'session-1',
    symbols,
    recvWindowMs: 5000,
    wallMs: () => Date.now(),
    isHedged: () => false,
    quote: (symbol) => account?.quote(symbol) ?? null,
    held: () => 0n,
  });
  const account: CcxtAccount | undefined = new CcxtAccount({
    client,
    desk,
    emit,
    command: (event) => events.push(event),
    log,
    modes: { symbols, positionMode: 'one_way' },
    symbols,
    incomeCursor: undefined,
    outageKillAfterMs: null,
    timing: { ...QUICK, ...options.timing },
    ...options.parts,
  });
  const of = <Kind extends AccountBenchEvent['kind']>(kind: Kind): readonly EventOf<Kind>[] =>
    events.filter((event): event is EventOf<Kind> => event.kind === kind);
  const close = async (): Promise<void> => {
    await account.stop();
    await desk.stop();
    if (options.venue === undefined) await venue.stop();
  };
  return {
    venue,
    client,
    desk,
    account,
    events,
    logged,
    of,
    states: () => of('connection').map(({ state }) => state),
    admin: (path, body) => admin(venue, 'POST', path, body),
    close,
  };
}

/** Polls until it holds; far longer than it takes, so that a busy machine fails nothing. */
export async function until(what: string, holds: () => boolean, withinMs = 10_000): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

/** Long enough for something that must not happen to happen. */
export function aWhile(ms = 150): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
