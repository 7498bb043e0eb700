import { describe, expect, test } from 'vitest';
import { decimal, filtersOf, instrumentFrom, parseSymbol } from '@strategy-runner/core';

const grid = { tick_size: '0.5', lot_size: '0.001' };

describe('a symbol', () => {
  test.each([
    ['BTC/USDT', { base: 'BTC', quote: 'USDT', settle: undefined }],
    ['BTC/USDT:USDT', { base: 'BTC', quote: 'USDT', settle: 'USDT' }],
  ])('%s names its currencies', (symbol, names) => {
    expect(parseSymbol(symbol)).toEqual(names);
  });

  test.each(['BTCUSDT', 'BTC/', '/USDT', 'BTC/USDT:', 'B C/USDT', 'BTC/USDT/EUR', ''])(
    '%j is none',
    (symbol) => {
      expect(parseSymbol(symbol)).toBeUndefined();
      expect(() => instrumentFrom({ symbol, ...grid })).toThrow(RangeError);
    },
  );
});

describe('an instrument', () => {
  test('is spot without a settle currency and a swap with one', () => {
    const spot = instrumentFrom({ symbol: 'BTC/USDT', ...grid });
    const swap = instrumentFrom({ symbol: 'BTC/USDT:USDT', ...grid });
    expect([spot.market, spot.settle, swap.market, swap.settle]).toEqual([
      'spot',
      'USDT',
      'swap',
      'USDT',
    ]);
  });

  test.each(['BTC/USD:BTC', 'BTC/USDT:BNB'])('%s, inverse or quanto, is refused', (symbol) => {
    expect(() => instrumentFrom({ symbol, ...grid })).toThrow('inverse or quanto');
  });

  test('has one lot as minimum, no minimum notional and contracts of one where nobody says', () => {
    expect(instrumentFrom({ symbol: 'BTC/USDT:USDT', ...grid })).toMatchObject({
      minQuantity: decimal('0.001'),
      minNotional: 0n,
      contractSize: decimal('1'),
    });
  });

  test('comes back from its filters unchanged', () => {
    const instrument = instrumentFrom({
      symbol: 'BTC/USDT:USDT',
      ...grid,
      market: 'future',
      contract_size: '0.01',
      min_quantity: '0.02',
      min_notional: '7.5',
    });
    expect(instrumentFrom(filtersOf(instrument))).toEqual(instrument);
    const limited = { ...instrument, maxQuantity: decimal('7'), maxMarketQuantity: decimal('3') };
    expect(instrumentFrom(filtersOf(limited))).toEqual(limited);
  });
});
