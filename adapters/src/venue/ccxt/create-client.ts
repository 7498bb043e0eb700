// Loads ccxt, on the first client and not before, and builds a client of one account on it.
// Everything that can be refused without a network is refused here.
import { EXIT, RunnerError } from '../../errors.js';
import { checkAddresses, guardOf } from './addresses.js';
import { CcxtClient } from './client.js';
import type { ClientParts } from './client-parts.js';
import { type ExchangeClass, createInstance } from './instance.js';
import { profileOf } from './profiles.js';
import { checkTestNetwork } from './test-network.js';

/** Errors: EXCHANGE_UNKNOWN, CONFIG_INVALID, OUTBOUND_REFUSED. */
export async function createClient(parts: ClientParts): Promise<CcxtClient> {
  const { account, credentials } = parts;
  checkAddresses(account);
  const Client = await exchangeClass(account.exchange);
  if (account.test_network === true) checkTestNetwork(account, new Client({}));
  const profile = profileOf(account.exchange);
  return new CcxtClient(parts, profile, (urgency, hooks) =>
    createInstance({
      Client,
      account,
      credentials,
      profile,
      pace: profile.pace[urgency],
      guard: (needed) => guardOf(account, needed),
      hooks,
    }),
  );
}

async function exchangeClass(id: string): Promise<ExchangeClass> {
  const { default: ccxt } = await import('ccxt');
  const classes = ccxt.pro as unknown as Readonly<Record<string, ExchangeClass | undefined>>;
  const found = /^[a-z0-9]+$/.test(id) && ccxt.exchanges.includes(id) ? classes[id] : undefined;
  if (found !== undefined) return found;
  throw new RunnerError({
    code: 'EXCHANGE_UNKNOWN',
    message: `there is no exchange ${id}, or none with streams`,
    next: 'use an id of docs/VENUES.md, such as binanceusdm',
    exitCode: EXIT.configuration,
  });
}
