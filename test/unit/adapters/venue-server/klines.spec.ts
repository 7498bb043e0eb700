import { describe, expect, test } from 'vitest';
import { intervalMs, klinesOf, lastKline } from '../../../../adapters/src/venue-server/klines.js';
import { pathOf } from '../../../../adapters/src/venue-server/market-play.js';
import { BTC, START_MS, anExchange } from './an-exchange.js';

describe('klines', () => {
  test('of a longer interval hold the bars within it, the last one still open', () => {
    const exchange = anExchange(['100', '110', '90', '120', '95']);
    for (let bar = 0; bar < 4; bar++) exchange.playback.playBar();
    const market = exchange.state.markets.get(BTC)!;
    const klines = klinesOf(market, '3m').map((kline) => ({
      openMs: kline.openMs - START_MS,
      prices: [kline.open, kline.high, kline.low, kline.close].map((price) => price.toFixed()),
      volume: kline.volume.toFixed(),
      isClosed: kline.isClosed,
    }));
    expect(klines).toEqual([
      { openMs: 0, prices: ['100', '110', '90', '90'], volume: '300', isClosed: true },
      { openMs: 180_000, prices: ['90', '120', '90', '95'], volume: '200', isClosed: false },
    ]);
    expect(lastKline(market, '3m')).toEqual(klinesOf(market, '3m').at(-1));
  });

  test('show of the bar under way only what has happened', () => {
    const exchange = anExchange(['100', '110', '90']);
    exchange.playback.playTick();
    exchange.playback.playTick();
    const { current } = exchange.state.markets.get(BTC)!;
    expect(current).toMatchObject({ open: '100', high: '100', close: '100', volume: '50' });
  });

  test.each(['2x', '90s', '7', ''])('are refused in %j', (interval) => {
    const exchange = anExchange(['100', '110']);
    const market = exchange.state.markets.get(BTC)!;
    expect(() => klinesOf(market, interval)).toThrow(/Invalid interval/);
  });

  test('have intervals in seconds to weeks', () => {
    expect(['1s', '5m', '4h', '1d', '1w'].map(intervalMs)).toEqual([
      1000, 300_000, 14_400_000, 86_400_000, 604_800_000,
    ]);
  });
});

describe('the way through a bar', () => {
  test('meets the extreme against its direction first', () => {
    const bar = { openMs: 0, open: '10', high: '15', low: '5', volume: '1' };
    expect(pathOf({ ...bar, close: '12' })).toEqual(['10', '5', '15', '12']);
    expect(pathOf({ ...bar, close: '8' })).toEqual(['10', '15', '5', '8']);
  });
});
