// The manifest of a plugin that is one file. It may be left out or be partial; the defaults are the
// widest rights a strategy can have, because a person who runs a file wrote it or has read it:
//   id and title  the file's name          version        0.0.0
//   contract      ^1.0 for both            capabilities   every kind, market, side and sizing mode
//   data          any timeframe, no warm-up bars, ohlcv only
import { basename, extname } from 'node:path';
import type { PluginManifest } from '@strategy-runner/contracts';
import { parseManifest } from './check-manifest.js';
import { NO_VERSION } from './read-manifest.js';
import { isRecord } from './record.js';

/** The given fields over the defaults; contract, capabilities and data merge field by field. */
export function completeManifest(given: unknown, file: string): PluginManifest {
  const defaults = defaultManifest(file);
  if (given === undefined) return defaults;
  if (!isRecord(given)) return parseManifest(given, `${file} (manifest)`);
  const id = given['id'] ?? defaults.id;
  const merged = {
    ...defaults,
    title: id,
    ...given,
    contract: mergedField(defaults.contract, given['contract']),
    capabilities: mergedField(defaults.capabilities, given['capabilities']),
    data: mergedField(defaults.data, given['data']),
  };
  return parseManifest(merged, `${file} (manifest)`);
}

function defaultManifest(file: string): PluginManifest {
  const id = idOf(file);
  return {
    manifest_version: 1,
    id,
    version: NO_VERSION,
    kind: 'strategy',
    title: id,
    contract: { intent: '^1.0', host_api: '^1.0' },
    capabilities: {
      kinds: ['open', 'close', 'partial_close', 'dca', 'cancel', 'amend_protection', 'hold'],
      markets: ['spot', 'swap', 'future'],
      sides: ['long', 'short'],
      sizing_modes: [
        'qty',
        'quote_notional',
        'risk_percent',
        'equity_fraction',
        'delegate_notional',
      ],
      fallback: 'limit_to_market',
    },
    data: { timeframes: ['any'], warmup_bars: 0, feeds: ['ohlcv'] },
  };
}

/** 'My Idea.ts' → 'my-idea'; at most 64 characters, which leaves room for titles and folders. */
function idOf(file: string): string {
  const name = basename(file, extname(file)).toLowerCase();
  const id = name.replace(/[^a-z0-9._-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
  return id.slice(0, 64) || 'strategy';
}

function mergedField(defaults: object, given: unknown): unknown {
  return given === undefined || isRecord(given) ? { ...defaults, ...given } : given;
}
