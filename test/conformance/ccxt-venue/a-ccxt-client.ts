// The client under test, connected to a local exchange of the test's own, with the events that it
// gave and everything else that a test of it has to look at.
import type { AccountEvent, VenueEvent } from '@strategy-runner/core';
import type { AccountConfig } from '../../../adapters/src/venue/ccxt/account-config.js';
import type { CcxtClient } from '../../../adapters/src/venue/ccxt/client.js';
import type { ClientParts } from '../../../adapters/src/venue/ccxt/client-parts.js';
import { createClient } from '../../../adapters/src/venue/ccxt/create-client.js';
import type { RunningVenue } from '../../../adapters/src/venue-server/start-venue.js';

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
      call_deadline_ms: 400,
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
