import { describe, expect, test } from 'vitest';
import type { Exchange } from 'ccxt';
import { filtersOfSymbol, nearNames } from '../../../../../adapters/src/venue/ccxt/instruments.js';

const usdm = {
  symbol: 'BTC/USDT:USDT',
  base: 'BTC',
  quote: 'USDT',
  spot: false,
  swap: true,
  linear: true,
  contractSize: 1,
  precision: { amount: 0.001, price: 0.1 },
  limits: {},
  info: {
    filters: [
      { filterType: 'PRICE_FILTER', tickSize: '0.10', minPrice: '261.10' },
      { filterType: 'LOT_SIZE', stepSize: '0.001', minQty: '0.001', maxQty: '1000' },
      { filterType: 'MARKET_LOT_SIZE', stepSize: '0.002', minQty: '0.004', maxQty: '120.00' },
      { filterType: 'MIN_NOTIONAL', notional: '100' },
    ],
  },
};

function anExchange(...markets: readonly { readonly symbol: string }[]): Exchange {
  return {
    id: 'someexchange',
    precisionMode: 4,
    markets: Object.fromEntries(markets.map((market) => [market.symbol, market])),
    numberToString: (value: number) => value.toFixed(12).replace(/\.?0+$/, ''),
  } as unknown as Exchange;
}

describe('the rules of a symbol', () => {
  test('come from the texts of the venue, market orders included', () => {
    expect(filtersOfSymbol(anExchange(usdm), usdm.symbol)).toEqual({
      symbol: 'BTC/USDT:USDT',
      market: 'swap',
      contract_size: '1',
      tick_size: '0.1',
      lot_size: '0.002',
      min_quantity: '0.004',
      min_notional: '100',
      max_quantity: '1000',
      max_market_quantity: '120',
    });
  });

  test('of spot take a market step of zero for none', () => {
    const filters = [
      { filterType: 'PRICE_FILTER', tickSize: '0.01000000' },
      { filterType: 'LOT_SIZE', stepSize: '0.00001000', minQty: '0.00001000' },
      {
        filterType: 'MARKET_LOT_SIZE',
        stepSize: '0.00000000',
        minQty: '0.00000000',
        maxQty: '0.00000000',
      },
      { filterType: 'NOTIONAL', minNotional: '5.00000000' },
    ];
    const spot = { ...usdm, symbol: 'BTC/USDT', spot: true, swap: false, info: { filters } };
    const rules = filtersOfSymbol(anExchange(spot), 'BTC/USDT');
    expect(rules).not.toHaveProperty('max_market_quantity');
    expect(rules).toMatchObject({
      market: 'spot',
      tick_size: '0.01',
      lot_size: '0.00001',
      min_quantity: '0.00001',
      min_notional: '5',
    });
  });

  test('of another venue are turned from contracts into base units', () => {
    const other = {
      ...usdm,
      info: {},
      contractSize: 0.01,
      precision: { amount: 1, price: 0.1 },
      limits: { amount: { min: 2, max: 500 }, market: { max: 100 }, cost: { min: 5 } },
    };
    expect(filtersOfSymbol(anExchange(other), other.symbol)).toMatchObject({
      contract_size: '1',
      tick_size: '0.1',
      lot_size: '0.01',
      max_quantity: '5',
      max_market_quantity: '1',
      min_quantity: '0.02',
      min_notional: '5',
    });
  });

  test('are refused for an inverse contract, and where the venue tells no tick', () => {
    const inverse = { ...usdm, symbol: 'BTC/USD:BTC', linear: false };
    const bare = { ...usdm, info: {}, precision: {} };
    const zero = { ...usdm, info: { filters: [{ filterType: 'PRICE_FILTER', tickSize: '0' }] } };
    for (const market of [inverse, bare, zero]) {
      expect(() => filtersOfSymbol(anExchange(market), market.symbol)).toThrow(
        expect.objectContaining({ code: 'INSTRUMENT_UNSUPPORTED', exitCode: 78 }) as Error,
      );
    }
  });

  test('of a symbol that is not listed are refused with near names', () => {
    const wrong = (symbol: string): unknown => {
      try {
        return filtersOfSymbol(anExchange(usdm, { ...usdm, symbol: 'ETH/USDT:USDT' }), symbol);
      } catch (error) {
        return (error as { readonly next: string }).next;
      }
    };
    expect(wrong('BTCUSDT')).toBe('use one of BTC/USDT:USDT');
    expect(wrong('ETH/USDC')).toBe('use one of ETH/USDT:USDT');
    expect(wrong('XYZ/ABC')).toBe('use a unified symbol of the exchange, such as BTC/USDT:USDT');
  });
});

test('the nearest names come first, and not all of them', () => {
  const names = ['BTC/EUR', 'BTC/USD', 'BTC/USDT:USDT', 'BTC/USDT', 'ETH/USDT', 'BTC/A', 'BTC/B'];
  expect(nearNames('btc/usdt', names)[0]).toBe('BTC/USDT');
  expect(nearNames('BTC/USDT', names).slice(0, 2)).toEqual(['BTC/USDT:USDT', 'BTC/USDT']);
  expect(nearNames('BTC/XXX', names)).toHaveLength(5);
});
