import { describe, expect, test } from 'vitest';
import {
  checkManifest,
  parseManifest,
} from '../../../../adapters/src/plugin-source/check-manifest.js';
import type { SessionFit } from '../../../../adapters/src/plugin-source/check-manifest.js';
import { aManifest, errorOf } from './a-plugin.js';

describe('parseManifest', () => {
  test('returns a manifest that fits its schema', () => {
    expect(parseManifest(aManifest(), 'x.json')).toEqual(aManifest());
  });

  test('names the file and the field that does not fit', async () => {
    const error = await errorOf(() => parseManifest(aManifest({ kind: 'robot' }), 'x.json'));
    expect(error).toMatchObject({ code: 'PLUGIN_INVALID', exitCode: 65 });
    expect(error.message).toMatch(/^x\.json: the manifest's \/kind /);
  });
});

describe('checkManifest', () => {
  const data = (timeframe: string) => ({ data: { timeframes: [timeframe], warmup_bars: 0 } });
  const capabilities = (fields: object) => ({
    capabilities: { ...aManifest().capabilities, ...fields },
  });

  test.each<[string, object, SessionFit]>([
    ['nothing is known of the session', {}, {}],
    ['any timeframe will do', {}, { timeframe: '7m' }],
    ['the timeframe is the base one', data('1h'), { timeframe: '1h' }],
    ['the timeframe has the same length', data('1h'), { timeframe: '60m' }],
    ['the timeframe is a month', data('1M'), { timeframe: '1M' }],
    ['the market is one of its own', {}, { market: 'spot' }],
    [
      'the number of symbols is in range',
      capabilities({ symbols: { min: 1, max: 2 } }),
      { symbols: 2 },
    ],
    ['the contract range holds 1.0', { contract: { intent: '>=1.0 <2.0', host_api: '~1.0' } }, {}],
    [
      'the feed is offered',
      { data: { ...data('any').data, feeds: ['ohlcv', 'trades'] } },
      { feeds: ['trades'] },
    ],
  ])('accepts a plugin when %s', (_case, fields, session) => {
    const manifest = parseManifest(aManifest(fields), 'x');
    expect(() => checkManifest(manifest, session)).not.toThrow();
  });

  test.each<[string, object, SessionFit, string]>([
    [
      'a scanner',
      { kind: 'scanner' },
      {},
      'runner-strategy-dip is a scanner, this command runs a strategy',
    ],
    [
      'a newer contract',
      { contract: { intent: '^2.0', host_api: '^1.0' } },
      {},
      'runner-strategy-dip needs intent contract ^2.0, this host has 1.0',
    ],
    [
      'a newer host API',
      { contract: { intent: '^1.0', host_api: '>=1.1' } },
      {},
      'runner-strategy-dip needs host API >=1.1, this host has 1.0',
    ],
    [
      'another timeframe',
      data('4h'),
      { timeframe: '1h' },
      'runner-strategy-dip runs on 4h bars, the session has 1h bars',
    ],
    [
      'a month where minutes are wanted',
      data('1m'),
      { timeframe: '1M' },
      'runner-strategy-dip runs on 1m bars, the session has 1M bars',
    ],
    [
      'another market',
      {},
      { market: 'swap' },
      "runner-strategy-dip trades spot, the session's market is swap",
    ],
    [
      'too few symbols',
      capabilities({ symbols: { min: 2 } }),
      { symbols: 1 },
      'runner-strategy-dip handles 2 or more symbols per instance, the session has 1',
    ],
    [
      'too many symbols',
      capabilities({ symbols: { max: 1 } }),
      { symbols: 3 },
      'runner-strategy-dip handles 1 symbols per instance, the session has 3',
    ],
    [
      'a feed that is not offered',
      { data: { ...data('any').data, feeds: ['trades', 'order_book'] } },
      { feeds: ['trades'] },
      'runner-strategy-dip needs the feeds order_book, the session has ohlcv, trades',
    ],
  ])('refuses %s with both sides in the message', async (_case, fields, session, message) => {
    const manifest = parseManifest(aManifest(fields), 'x');
    const error = await errorOf(() => checkManifest(manifest, session));
    expect(error).toMatchObject({ code: 'PLUGIN_INCOMPATIBLE', exitCode: 78, message });
  });
});
