// Holds a manifest against its schema and against this host and session. What does not fit fails at
// load, with both sides in the message.
import satisfies from 'semver/functions/satisfies.js';
import { HOST_API_VERSION, SUPPORTED_CONTRACTS } from '@strategy-runner/contracts';
import type { Capabilities, DataNeeds, PluginManifest } from '@strategy-runner/contracts';
import { validatePluginManifest } from '@strategy-runner/contracts/validators';
import { pluginIncompatible, pluginInvalid } from './plugin-error.js';

export type Market = Capabilities['markets'][number];
export type Feed = NonNullable<DataNeeds['feeds']>[number];

/** What the session offers; what is left out is not checked. */
export interface SessionFit {
  readonly timeframe?: string;
  readonly market?: Market;
  readonly symbols?: number;
  /** ohlcv is always there. */
  readonly feeds?: readonly Feed[];
}

/** The value as a manifest, or PLUGIN_INVALID with the field. `where` names its file or export. */
export function parseManifest(value: unknown, where: string): PluginManifest {
  const issue = validatePluginManifest(value);
  if (issue === undefined) return value as PluginManifest;
  throw pluginInvalid({
    message: `${where}: the manifest's ${issue.path || 'root'} ${issue.message}`,
    next: `correct ${issue.path || 'the manifest'} in ${where}`,
    context: { where, path: issue.path, keyword: issue.keyword },
  });
}

/** Throws PLUGIN_INCOMPATIBLE unless the plugin is a strategy that host and session can run. */
export function checkManifest(manifest: PluginManifest, session: SessionFit = {}): void {
  const { id } = manifest;
  if (manifest.kind !== 'strategy') {
    throw pluginIncompatible({
      message: `${id} is a ${manifest.kind}, this command runs a strategy`,
      next: `runner scan --strategy ${id}, or name a strategy`,
    });
  }
  checkVersion(id, 'intent contract', manifest.contract.intent, SUPPORTED_CONTRACTS);
  checkVersion(id, 'host API', manifest.contract.host_api, [HOST_API_VERSION]);
  checkTimeframe(manifest, session);
  checkMarket(manifest, session);
  checkSymbols(manifest, session);
  checkFeeds(manifest, session);
}

function checkVersion(id: string, what: string, range: string, offered: readonly string[]): void {
  if (offered.some((version) => satisfies(`${version}.0`, range))) return;
  throw pluginIncompatible({
    message: `${id} needs ${what} ${range}, this host has ${offered.join(' and ')}`,
    next: `npm install another release of ${id}, or of strategy-runner`,
    context: { id, wanted: range, offered },
  });
}

function checkTimeframe({ id, data }: PluginManifest, { timeframe }: SessionFit): void {
  const [base = 'any'] = data.timeframes;
  if (timeframe === undefined || base === 'any' || lengthOf(base) === lengthOf(timeframe)) return;
  throw pluginIncompatible({
    message: `${id} runs on ${base} bars, the session has ${timeframe} bars`,
    next: `--timeframe ${base} with data of that timeframe`,
    context: { id, wanted: base, offered: timeframe },
  });
}

function checkMarket({ id, capabilities }: PluginManifest, { market }: SessionFit): void {
  if (market === undefined || capabilities.markets.includes(market)) return;
  throw pluginIncompatible({
    message: `${id} trades ${listed(capabilities.markets)}, the session's market is ${market}`,
    next: `choose a symbol of a ${listed(capabilities.markets, ' or ')} market with --symbol`,
    context: { id, wanted: capabilities.markets, offered: market },
  });
}

function checkSymbols({ id, capabilities }: PluginManifest, { symbols }: SessionFit): void {
  const { min = 1, max = Infinity } = capabilities.symbols ?? {};
  if (symbols === undefined || (symbols >= min && symbols <= max)) return;
  const wanted = max === Infinity ? `${min} or more` : min === max ? `${min}` : `${min} to ${max}`;
  throw pluginIncompatible({
    message: `${id} handles ${wanted} symbols per instance, the session has ${symbols}`,
    next: 'change the symbols of the session',
    context: { id, wanted, offered: symbols },
  });
}

function checkFeeds({ id, data }: PluginManifest, { feeds }: SessionFit): void {
  if (feeds === undefined) return;
  const missing = (data.feeds ?? []).filter((feed) => feed !== 'ohlcv' && !feeds.includes(feed));
  if (missing.length === 0) return;
  const offered = ['ohlcv', ...feeds.filter((feed) => feed !== 'ohlcv')];
  throw pluginIncompatible({
    message: `${id} needs the feeds ${listed(missing)}, the session has ${listed(offered)}`,
    next: 'provide the feed, or choose a plugin that does without it',
    context: { id, wanted: missing, offered },
  });
}

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
};

/** 60m and 1h are one length; what has no fixed length (1M) is itself. */
function lengthOf(timeframe: string): number | string {
  const seconds = UNIT_SECONDS[timeframe.slice(-1)];
  return seconds === undefined ? timeframe : Number(timeframe.slice(0, -1)) * seconds;
}

function listed(words: readonly string[], between = ', '): string {
  return words.length === 0 ? 'none' : words.join(between);
}
