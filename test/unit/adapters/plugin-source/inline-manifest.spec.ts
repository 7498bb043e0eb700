import { describe, expect, test } from 'vitest';
import { completeManifest } from '../../../../adapters/src/plugin-source/inline-manifest.js';
import { errorOf } from './a-plugin.js';

describe('completeManifest', () => {
  test('gives a file without a manifest the documented defaults', () => {
    expect(completeManifest(undefined, '/ideas/My Idea.ts')).toEqual({
      manifest_version: 1,
      id: 'my-idea',
      version: '0.0.0',
      kind: 'strategy',
      title: 'my-idea',
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
    });
  });

  test('lays a partial manifest over the defaults field by field', () => {
    const given = {
      id: 'dip',
      version: '2.0.0',
      capabilities: { sides: ['long'] },
      data: { warmup_bars: 50 },
    };
    expect(completeManifest(given, 'x.ts')).toMatchObject({
      id: 'dip',
      title: 'dip',
      version: '2.0.0',
      capabilities: { sides: ['long'], markets: ['spot', 'swap', 'future'] },
      data: { timeframes: ['any'], warmup_bars: 50 },
    });
  });

  test.each([
    ['/x/Ünïcode!.ts', 'n-code'],
    ['/x/$$$.ts', 'strategy'],
    [`/x/${'a'.repeat(200)}.ts`, 'a'.repeat(64)],
  ])('makes an id of the file name %s', (file, id) => {
    expect(completeManifest(undefined, file).id).toBe(id);
  });

  test.each<[string, unknown, string]>([
    ['an unknown field', { colour: 'red' }, '/colour'],
    ['a wrong value', { data: { warmup_bars: -1 } }, '/data/warmup_bars'],
    ['a list for an object', { capabilities: [] }, '/capabilities'],
    ['no object at all', 'strategy', 'root'],
  ])('refuses %s', async (_case, given, place) => {
    const error = await errorOf(() => completeManifest(given, 'x.ts'));
    expect(error.code).toBe('PLUGIN_INVALID');
    expect(error.message).toContain(`x.ts (manifest): the manifest's ${place}`);
  });
});
