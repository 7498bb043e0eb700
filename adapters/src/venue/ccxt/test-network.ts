// Whether an account that calls itself one of a test network has the addresses of one. The word
// alone opens nothing: left beside the addresses of real money, or in front of a proxy to them, it
// would send real orders through no gate.
import { EXIT, RunnerError } from '../../errors.js';
import type { AccountConfig } from './account-config.js';
import { type OwnAddresses, addressesOf, urlsIn } from './addresses.js';
import { hostOf } from './outbound-guard.js';

/** As the client library lists them; some share hosts with the real exchange. */
export interface ListedAddresses extends OwnAddresses {
  readonly urls: { readonly api?: unknown; readonly test?: unknown; readonly demo?: unknown };
}

/** Errors: CONFIG_INVALID (78), where the config says so and the addresses do not. */
export function checkTestNetwork(account: AccountConfig, listed: ListedAddresses): void {
  const known = testHosts(listed);
  const { rest, stream } = addressesOf(account);
  const hosts = [rest, stream].map((url) => hostOf(url ?? '') ?? '');
  const other = hosts.find((host) => !known.has(host));
  if (other === undefined) return;
  const { exchange } = account;
  throw new RunnerError({
    code: 'CONFIG_INVALID',
    exitCode: EXIT.configuration,
    message:
      other === ''
        ? 'test_network is set, and the account has no address of one'
        : `test_network is set, and ${other} is no test network of ${exchange}`,
    why: `Test networks of ${exchange}: ${[...known].join(', ') || 'none is known'}`,
    next: 'write one of them into rest_url and stream_url, or take test_network out',
  });
}

function testHosts({ urls, hostname }: ListedAddresses): ReadonlySet<string> {
  const hosts = (part: unknown): readonly string[] =>
    urlsIn(part).flatMap((url) => hostOf(url.replaceAll('{hostname}', hostname ?? '')) ?? []);
  const real = new Set(hosts(urls.api));
  const tests = [...hosts(urls.test), ...hosts(urls.demo)];
  return new Set(tests.filter((host) => !real.has(host)));
}
