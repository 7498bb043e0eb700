import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadBarsCsv } from '../../../../adapters/src/market-data/csv-bars.js';
import { aCsv, fault, someRows } from './a-file.js';

describe('a sidecar', () => {
  test('supplies symbol, timeframe and filters', () => {
    const path = aCsv(someRows(1));
    writeFileSync(
      `${path}.json`,
      JSON.stringify({
        symbol: 'BTC/USDT:USDT',
        timeframe: '15m',
        synthetic: true,
        tick_size: '0.1',
        lot_size: '0.001',
        min_notional: '5',
        whatever: 1,
      }),
    );
    expect(loadBarsCsv(path)).toMatchObject({
      symbol: 'BTC/USDT:USDT',
      timeframe: '15m',
      synthetic: true,
      filters: { tickSize: '0.1', lotSize: '0.001', minNotional: '5' },
    });
    expect(loadBarsCsv(path, { timeframe: '1h' }).timeframe).toBe('1h');
  });

  test.each([
    ['{', 'it is not JSON'],
    ['[]', 'it is not a JSON object'],
    ['{"symbol":1}', '"symbol" is not a text'],
    ['{"synthetic":"yes"}', '"synthetic" is not true or false'],
    ['{"tick_size":"-1"}', '"tick_size" is not a decimal as text'],
    ['{"lot_size":0.1}', '"lot_size" is not a text'],
  ])('%s is refused', (content, message) => {
    const path = aCsv(someRows(2));
    writeFileSync(`${path}.json`, content);
    const error = fault(path);
    expect(error).toMatchObject({ code: 'DATA_MALFORMED', exitCode: 65 });
    expect(error.message).toBe(
      `${path}.json: ${message}`.concat(content.includes('size":"-') ? ', such as "0.1"' : ''),
    );
  });
});
