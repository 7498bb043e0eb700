// The client under test, connected to a local exchange of the test's own, with the events that it
// gave and everything else that a test of it has to look at.
import type { Exchange } from 'ccxt';
import type { AccountEvent, VenueEvent } from '@strategy-runner/core';
import type { AccountConfig } from '../../../adapters/src/venue/ccxt/account-config.js';
import type { CcxtClient } from '../../../adapters/src/venue/ccxt/client.js';
import type { ClientParts } from '../../../adapters/src/venue/ccxt/client-parts.js';
import { createClient } from '../../../adapters/src/venue/ccxt/create-client.js';
import type { CallFailure, CallResult } from '../../../adapters/src/venue/ccxt/exchange-client.js';
import type { RunningVenue } from '../../../adapters/src/venue-server/start-venue.js';

import { SYMBOL } from '../ccxt-client.js';

export type Ordered = Awaited<ReturnType<Exchange['createOrder']>>;

/** A market buy of 0.1 under a client id. */
export const market = (clientOrderId: string) => (exchange: Exchange) =>
  exchange.createOrder(SYMBOL, 'market', 'buy', 0.1, undefined, { clientOrderId });

/** The failure that a call must end in. */
export async function failed<Value>(result: Promise<CallResult<Value>>): Promise<CallFailure> {
  const answer = await result;
  if (answer.ok) throw new Error('the call succeeded');
  return answer.failure;
}

export interface CcxtClientOptions {
  readonly account?: Partial<AccountConfig>;
  readonly parts?: Partial<ClientParts>;
}

export interface ClientUnderTest {
  readonly client: CcxtClient;
  readonly events: (VenueEvent | AccountEvent)[];
  readonly warnings: object[];
  /** Events of one kind. */
  of<Kind extends AccountEvent['kind']>(kind: Kind): Extract<AccountEvent, { kind: Kind }>[];
}

export async function aCcxtClient(
  venue: Pick<RunningVenue, 'url' | 'credentials'>,
  { account = {}, parts = {} }: CcxtClientOptions = {},
): Promise<ClientUnderTest> {
  const events: (VenueEvent | AccountEvent)[] = [];
  const warnings: object[] = [];
  const client = await createClient({
    account: {
      exchange: 'binanceusdm',
      rest_url: venue.url,
      call_deadline_ms: 5000,
      recv_window_ms: 10_000,
      reconcile_interval_ms: 30_000,
      outage_kill_after_ms: null,
      ...account,
    },
    credentials: venue.credentials,
    emit: (event) => void events.push(event),
    log: { info: () => undefined, warn: (fields) => void warnings.push(fields) },
    clockSyncMs: 0,
    ...parts,
  });
  const of: ClientUnderTest['of'] = (kind) =>
    events.filter((event): event is Extract<AccountEvent, { kind: typeof kind }> => {
      return event.kind === kind;
    });
  return { client, events, warnings, of };
}

/** Opens and shuts by hand. */
export function aGate() {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

/** Rejections that nobody handled since. */
export function watchRejections() {
  const seen: unknown[] = [];
  const note = (reason: unknown): void => void seen.push(reason);
  process.on('unhandledRejection', note);
  return {
    stop: () => {
      process.off('unhandledRejection', note);
      return seen;
    },
  };
}

/** Owns the socket of the user's stream, as its keeper does. */
export async function keepUserStream({ client }: ClientUnderTest): Promise<() => Promise<void>> {
  const ended = new AbortController();
  const opened = aGate();
  client.onStream(({ stream, state }) => {
    if (stream === 'user' && state === 'open') opened.open();
  });
  const loop = (async () => {
    while (!ended.signal.aborted) {
      try {
        await client.exchange.watchOrders();
      } catch {
        return;
      }
    }
  })();
  const outcome = await Promise.race([opened.passed.then(() => 'open'), loop.then(() => 'failed')]);
  if (outcome !== 'open') throw new Error('the user stream did not open');
  return async () => {
    ended.abort();
    await client.close();
    await loop;
  };
}
