// Which addresses an instance of the client gets: the exchange's own, or all of them moved under
// the configured ones with their paths kept, so that no call is left with a way to another host.
import { EXIT, RunnerError } from '../../errors.js';
import type { AccountConfig } from './account-config.js';
import { OutboundGuard, hostOf, isLoopback } from './outbound-guard.js';
import type { VenueProfile } from './profile.js';

export interface Addresses {
  readonly rest: string | undefined;
  readonly stream: string | undefined;
}

export function addressesOf(account: AccountConfig): Addresses {
  const rest = account.rest_url?.replace(/\/+$/, '');
  // One server for both is the common case: http://… is also ws://….
  const stream = (account.stream_url ?? rest?.replace(/^http/, 'ws'))?.replace(/\/+$/, '');
  return { rest, stream };
}

/** As ccxt has them: a tree of addresses, some with a placeholder for the host. */
export interface OwnAddresses {
  readonly urls: { readonly api?: unknown };
  readonly hostname?: string | undefined;
}

/** The answer has the shape of `urls.api`. */
export function instanceUrls(
  { urls, hostname }: OwnAddresses,
  account: AccountConfig,
  profile: VenueProfile,
): object {
  const { rest, stream } = addressesOf(account);
  const moved = mapUrls(urls.api, (url) => {
    const base = /^wss?:/.test(url) ? stream : rest;
    const named = url.replaceAll('{hostname}', hostname ?? '');
    return base === undefined ? named : named.replace(/^\w+:\/\/[^/]+/, base);
  });
  return merge(moved as Record<string, unknown>, profile.urls(rest, stream));
}

/** The same tree with every address replaced. */
export function mapUrls(value: unknown, replace: (url: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, mapUrls(part, replace)]),
  );
}

function merge(target: Record<string, unknown>, over: Readonly<Record<string, unknown>>): object {
  const merged = { ...target };
  for (const [key, value] of Object.entries(over)) {
    const known = merged[key];
    merged[key] = isTree(value) && isTree(known) ? merge(known, value) : value;
  }
  return merged;
}

/** The addresses without which the exchange cannot trade; all of them where nobody has said. */
export function openUrls(api: unknown, needs: readonly (readonly string[])[]): readonly string[] {
  if (needs.length === 0) return urlsIn(api);
  return needs.flatMap((path) => {
    const found = path.reduce<unknown>((part, key) => (isTree(part) ? part[key] : undefined), api);
    return urlsIn(found);
  });
}

export function urlsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return isTree(value) ? Object.values(value).flatMap(urlsIn) : [];
}

/**
 * The hosts of the config, or else those of the addresses that are needed. An account with an
 * identity key claims to be the local exchange and gets loopback only. Errors: OUTBOUND_REFUSED.
 */
export function guardOf(account: AccountConfig, needed: readonly string[]): OutboundGuard {
  const guard = new OutboundGuard({
    hosts: account.allowed_hosts ?? [...new Set(needed.map((url) => hostOf(url) ?? ''))],
    isLoopbackOnly: account.identity_key !== undefined,
  });
  for (const url of needed) guard.check(url);
  return guard;
}

/** Errors: CONFIG_INVALID. */
export function checkAddresses(account: AccountConfig): void {
  const { rest, stream } = addressesOf(account);
  if (rest !== undefined && !/^https?:\/\/[^/]/.test(rest)) throw invalid('rest_url', rest);
  if (stream !== undefined && !/^wss?:\/\/[^/]/.test(stream)) throw invalid('stream_url', stream);
  for (const url of [rest, stream]) {
    if (url !== undefined && /^(?:http|ws):/.test(url)) assertHere(url);
  }
}

// The API key goes with every request.
function assertHere(url: string): void {
  const host = hostOf(url) ?? '';
  if (isLoopback(host)) return;
  throw new RunnerError({
    code: 'CONFIG_INVALID',
    message: `${url} is not encrypted, and ${host} is not this machine`,
    why: 'The API key and every signed order could be read on the way',
    next: `write ${url.replace(/^(http|ws):/, '$1s:')}`,
    exitCode: EXIT.configuration,
  });
}

function invalid(field: string, value: string): RunnerError {
  return new RunnerError({
    code: 'CONFIG_INVALID',
    message: `${field} is not an address: ${value}`,
    next: field === 'rest_url' ? 'write http(s)://host[:port]' : 'write ws(s)://host[:port]',
    exitCode: EXIT.configuration,
  });
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
