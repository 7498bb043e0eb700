import { describe, expect, test } from 'vitest';
import { amount } from '../../../../adapters/src/venue-server/amount.js';
import { marginFigures } from '../../../../adapters/src/venue-server/margin.js';
import { SeededRandom } from '../../../../adapters/src/venue-server/seeded-random.js';
import { TruthLog } from '../../../../adapters/src/venue-server/truth-log.js';
import { VenueReject } from '../../../../adapters/src/venue-server/venue-reject.js';
import { type Watched, BTC, anExchange, place } from './an-exchange.js';

const rows = (exchange: Watched) =>
  exchange.state.account.income.map(({ type, amount }) => [type, amount.toFixed()]);

describe('the account', () => {
  test('books a round trip as worked out by hand', () => {
    const exchange = anExchange(['50000', '51000']);
    place(exchange, { quantity: '0.5' });
    exchange.playback.playBar();
    place(exchange, { quantity: '0.5', side: 'SELL' });
    // Bought at 50000.1, sold at 50999.9: 0.5 × 999.8; fees of 5 bps on 25000.05 and 25499.95.
    expect(rows(exchange)).toEqual([
      ['COMMISSION', '-12.500025'],
      ['REALIZED_PNL', '499.9'],
      ['COMMISSION', '-12.749975'],
    ]);
    expect(exchange.state.account.wallet.toFixed()).toBe('100474.65');
    expect(exchange.state.account.openPositions()).toEqual([]);
  });

  test('averages the entry and keeps it through a partial exit', () => {
    const exchange = anExchange(['50000', '51000']);
    place(exchange, { quantity: '1' });
    exchange.playback.playBar();
    place(exchange, { quantity: '1' });
    place(exchange, { quantity: '0.5', side: 'SELL' });
    const position = exchange.state.account.position(BTC, 'BOTH');
    expect([position.quantity.toFixed(), position.entry.toFixed()]).toEqual(['1.5', '50500.1']);
  });

  test('starts the entry anew when a position flips', () => {
    const exchange = anExchange(['50000', '51000']);
    place(exchange, { quantity: '0.2' });
    exchange.playback.playBar();
    place(exchange, { quantity: '0.5', side: 'SELL' });
    const position = exchange.state.account.position(BTC, 'BOTH');
    expect([position.quantity.toFixed(), position.entry.toFixed()]).toEqual(['-0.3', '50999.9']);
  });

  test('pays funding at its time on what is held then', () => {
    const exchange = anExchange(['50000', '50000', '50000', '50000', '50000']);
    place(exchange, { quantity: '1', side: 'SELL' });
    for (let bar = 0; bar < 3; bar++) exchange.playback.playBar();
    // The fourth bar opens at 08:00; a short receives a positive rate of 0.0001.
    expect(rows(exchange).filter(([type]) => type === 'FUNDING_FEE')).toEqual([
      ['FUNDING_FEE', '5'],
    ]);
  });

  test('is liquidated when its margin no longer carries the position', () => {
    const exchange = anExchange(['50000', '45000'], {}, { cash: '3000' });
    place(exchange, { quantity: '1' });
    exchange.playback.playBar();
    expect(exchange.state.account.openPositions()).toEqual([]);
    expect(exchange.state.trades.at(-1)?.clientOrderId).toMatch(/^autoclose-/);
  });

  test.each([1, 2, 3, 4, 5, 6])('agrees with cash flows over random trading, seed %i', (seed) => {
    const random = new SeededRandom(seed);
    let price = 50_000;
    const closes = Array.from({ length: 200 }, () => String((price += random.below(401) - 200)));
    const exchange = anExchange(closes, {}, { seed });
    const { state, playback } = exchange;
    for (let bar = 0; bar < 198; bar++) {
      playback.playBar();
      trade(exchange, random);
    }
    const zero = amount(0);
    const flows = state.trades.reduce((sum, { side, price, quantity, commission }) => {
      const value = price.times(quantity);
      return (side === 'BUY' ? sum.minus(value) : sum.plus(value)).minus(commission);
    }, zero);
    const funding = state.account.income
      .filter(({ type }) => type === 'FUNDING_FEE')
      .reduce((sum, row) => sum.plus(row.amount), zero);
    const held = state.trades.reduce(
      (sum, { side, quantity }) => (side === 'BUY' ? sum.plus(quantity) : sum.minus(quantity)),
      zero,
    );
    const position = state.account.position(BTC, 'BOTH');
    expect(position.quantity.toFixed()).toBe(held.toFixed());
    const { last } = state.markets.get(BTC)!;
    const expected = amount('100000').plus(flows).plus(funding).plus(held.times(last));
    // Each realised profit is rounded once, to 1e-8.
    const tolerance = amount('0.00000001').times(state.trades.length);
    expect(marginFigures(state).margin.minus(expected).abs().lte(tolerance)).toBe(true);
    const booked = state.account.income.reduce((sum, row) => sum.plus(row.amount), zero);
    expect(state.account.wallet.toFixed()).toBe(amount('100000').plus(booked).toFixed());
    expect(state.trades.length).toBeGreaterThan(50);
  });

  test('has the same history with the same seed', () => {
    const history = (seed: number): string => {
      const exchange = anExchange(['50000', '50300', '49800', '50100', '49900'], {}, { seed });
      const log = new TruthLog();
      exchange.listen((event) => log.appendEvent(event, exchange.state.nowMs));
      place(exchange, { quantity: '0.4', price: '49950', clientOrderId: 'a' });
      place(exchange, { quantity: '0.4', price: '50200', side: 'SELL', clientOrderId: 'b' });
      for (let bar = 0; bar < 4; bar++) exchange.playback.playBar();
      return log.text();
    };
    expect(history(3)).toBe(history(3));
    expect(history(3)).toContain('"kind":"trade"');
  });
});

function trade(exchange: Watched, random: SeededRandom): void {
  const { last } = exchange.state.markets.get(BTC)!;
  const side = random.next() < 0.5 ? 'BUY' : 'SELL';
  const quantity = amount(1 + random.below(500))
    .div(1000)
    .toFixed();
  const offset = random.below(300) - 100;
  const price = side === 'BUY' ? last.minus(offset) : last.plus(offset);
  const isReduceOnly = random.next() < 0.3;
  try {
    const limit = random.next() < 0.5 ? {} : { price: price.toFixed() };
    place(exchange, { quantity, side, isReduceOnly, ...limit });
  } catch (error) {
    // Refusals are part of random trading; anything else is not.
    if (!(error instanceof VenueReject)) throw error;
  }
}
