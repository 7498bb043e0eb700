import type { PluginManifest } from '@strategy-runner/contracts';
import { validatePluginManifest } from '@strategy-runner/contracts/validators';
import { describe, expect, test } from 'vitest';

const manifest: PluginManifest = {
  manifest_version: 1,
  id: '@acme/runner-strategy-donchian',
  kind: 'strategy',
  title: 'Donchian breakout',
  entry: { type: 'module', path: './dist/index.js' },
  contract: { intent: '^1.0', host_api: '>=1.0 <2.0' },
  capabilities: {
    kinds: ['open', 'close'],
    markets: ['spot', 'swap'],
    sides: ['long'],
    sizing_modes: ['delegate_notional'],
    symbols: { min: 1, max: 1 },
  },
  data: { timeframes: ['1h', '4h'], warmup_bars: { config: 'slow', plus: 1 } },
  config_schema: './config.schema.json',
  isolation: 'worker',
};

describe('a manifest', () => {
  test.each([
    ['of a package', {}],
    ['with its config schema inside', { config_schema: { type: 'object', properties: {} } }],
    ['for any timeframe', { data: { timeframes: ['any'], warmup_bars: 60 } }],
    [
      'of a scanner that speaks JSON lines',
      {
        kind: 'scanner',
        entry: { type: 'stdio', command: ['python3', '-m', 'acme'], protocol: 'jsonl/1' },
      },
    ],
    [
      'that lets a backtest skip bars',
      {
        data: {
          timeframes: ['1m'],
          warmup_bars: 0,
          needs_bars_while_waiting: false,
          needs_bars_in_position: false,
        },
      },
    ],
  ])('%s is valid', (_case, change) => {
    expect(validatePluginManifest({ ...manifest, ...change })).toBeUndefined();
  });

  test.each([
    ['of a newer format', { manifest_version: 2 }, '/manifest_version'],
    ['with an unknown kind', { kind: 'indicator' }, '/kind'],
    [
      'with any beside another timeframe',
      { data: { timeframes: ['1h', 'any'], warmup_bars: 0 } },
      '/data/timeframes',
    ],
    [
      'with half a bar of warm-up',
      { data: { timeframes: ['1h'], warmup_bars: 0.5 } },
      '/data/warmup_bars',
    ],
    [
      'with warm-up from nowhere',
      { data: { timeframes: ['1h'], warmup_bars: {} } },
      '/data/warmup_bars/config',
    ],
    ['that leaves its folder', { entry: { type: 'module', path: '/etc/passwd' } }, '/entry/path'],
    ['with an unknown entry', { entry: { type: 'wasm' } }, '/entry/type'],
    ['with an undeclared permission', { permissions: { keys: true } }, '/permissions/keys'],
    ['with an unknown isolation', { isolation: 'none' }, '/isolation'],
  ])('%s is refused', (_case, change, path) => {
    expect(validatePluginManifest({ ...manifest, ...change })).toMatchObject({ path });
  });
});
