import { describe, expect, test } from 'vitest';
import { type Amount, ZERO, amount } from '../../../../adapters/src/venue-server/amount.js';
import { createExchange } from '../../../../adapters/src/venue-server/exchange.js';
import { feeCoin } from '../../../../adapters/src/venue-server/fee-coin.js';
import { SeededRandom } from '../../../../adapters/src/venue-server/seeded-random.js';
import type {
  SpotEvent,
  SpotOrder,
  SpotRequest,
  SpotState,
} from '../../../../adapters/src/venue-server/spot-state.js';
import {
  cancelSpot,
  placeSpot,
  transferSpot,
} from '../../../../adapters/src/venue-server/spot-trading.js';
import { VenueReject } from '../../../../adapters/src/venue-server/venue-reject.js';
import { START_MS } from './an-exchange.js';

const BTC = 'BTCUSDT';

function aSpot(closes: readonly string[], { seed = 1, base = '2', liquidity = '2' } = {}) {
  const bars = closes.map((close, index) => {
    const open = closes[index - 1] ?? close;
    const [low, high] = Number(open) < Number(close) ? [open, close] : [close, open];
    return { openMs: START_MS + index * 60_000, open, high, low, close, volume: '100' };
  });
  const setup = { symbol: 'BTC/USDT', timeframeMs: 60_000, liquidity, bars, tick: '0.1' };
  const exchange = createExchange({ symbols: [setup], cash: '100000', seed, spotBase: base });
  const events: SpotEvent[] = [];
  exchange.listenSpot((event) => events.push(event));
  return { ...exchange, events };
}

let orders = 0;

function place(spot: SpotState, order: Partial<SpotRequest>): SpotOrder {
  orders += 1;
  return placeSpot(spot, {
    symbol: BTC,
    side: 'BUY',
    type: 'MARKET',
    quantity: ZERO,
    quoteQuantity: ZERO,
    price: ZERO,
    stopPrice: ZERO,
    timeInForce: 'GTC',
    clientOrderId: `spot-${orders}`,
    ...order,
  });
}

const held = ({ wallet }: SpotState) =>
  wallet
    .assets()
    .map((asset) => [asset, wallet.free(asset).toFixed(), wallet.locked(asset).toFixed()]);

describe('the coins of spot', () => {
  test('change hands as worked out by hand', () => {
    const { spot, playback } = aSpot(['50000', '51000']);
    place(spot, { quantity: amount('0.5') });
    playback.playBar();
    place(spot, { quantity: amount('0.5'), side: 'SELL' });
    // Bought at 50000.1 less 0.0005 BTC; sold at 50999.9 less a thousandth of 25499.95.
    expect(held(spot)).toEqual([
      ['BTC', '1.9995', '0'],
      ['USDT', '100474.40005', '0'],
    ]);
  });

  test('are locked at the limit of an order, and freed as it fills better or ends', () => {
    const { spot } = aSpot(['50000', '50000'], { liquidity: '0.1' });
    const order = place(spot, {
      type: 'LIMIT',
      quantity: amount('0.3'),
      price: amount('50000.2'),
    });
    // 0.1 at 50000.1 and at 50000.2; the rest waits at 50000.2.
    expect([order.status, order.locked.toFixed()]).toEqual(['PARTIALLY_FILLED', '5000.02']);
    expect(spot.wallet.locked('USDT').toFixed()).toBe('5000.02');
    cancelSpot(spot, { symbol: BTC, orderId: String(order.id) }, 'c');
    expect(held(spot)).toEqual([
      ['BTC', '2.1998', '0'],
      ['USDT', '89999.97', '0'],
    ]);
  });

  test('pay fees in the fee coin only while there is enough of it', () => {
    const { spot } = aSpot(['50000', '50000']);
    spot.fees.coin = feeCoin('BNB', '500');
    transferSpot(spot, 'BNB', amount('0.01'));
    const fees = (): readonly string[] => spot.trades.map((trade) => trade.commissionAsset);
    place(spot, { quantity: amount('0.1') });
    place(spot, { quantity: amount('0.1') });
    // 5000.01 × 0.001 × 0.75 / 500 = 0.00750002 each.
    expect([fees(), spot.wallet.free('BNB').toFixed()]).toEqual([['BNB', 'BTC'], '0.00249998']);
  });

  test('are told when they come from outside', () => {
    const { spot, events } = aSpot(['50000', '50000']);
    transferSpot(spot, 'BTC', amount('-0.5'));
    expect(events).toMatchObject([{ kind: 'transfer' }, { kind: 'account', assets: ['BTC'] }]);
    expect(() => transferSpot(spot, 'BTC', amount('-5'))).toThrow(RangeError);
    expect(spot.wallet.free('BTC').toFixed()).toBe('1.5');
  });
});

describe('a spot order', () => {
  test('by cost buys what the money does, and no more', () => {
    const { spot } = aSpot(['50000', '50000'], { liquidity: '0.1' });
    const order = place(spot, { quoteQuantity: amount('10000') });
    expect(order.status).toBe('FILLED');
    // 0.1 at 50000.1, then 4999.99 / 50000.2 down to the step.
    expect(order.executed.toFixed()).toBe('0.19999');
    expect(order.quote.lte('10000')).toBe(true);
  });

  test('by cost beyond the book expires with what it got', () => {
    const { spot } = aSpot(['50000', '50000'], { liquidity: '0.1' });
    const order = place(spot, { quoteQuantity: amount('90000') });
    expect([order.status, order.executed.toFixed()]).toEqual(['EXPIRED', '1']);
  });

  test('that stops a loss fires once, at its trigger', () => {
    const { spot, playback, events } = aSpot(['50000', '49000', '51000']);
    const stop = place(spot, {
      type: 'STOP_LOSS',
      side: 'SELL',
      quantity: amount('0.5'),
      stopPrice: amount('49500'),
    });
    expect([stop.isWorking, spot.wallet.locked('BTC').toFixed()]).toEqual([false, '0.5']);
    playback.playBar();
    playback.playBar();
    expect([stop.status, stop.executed.toFixed()]).toEqual(['FILLED', '0.5']);
    expect(events.filter(({ kind }) => kind === 'order')).toHaveLength(3);
  });

  test('that buys at a stop spends no more than the wallet holds then', () => {
    const { spot, playback } = aSpot(['50000', '60000']);
    const stop = place(spot, {
      type: 'STOP_LOSS',
      quantity: amount('1.95'),
      stopPrice: amount('51000'),
    });
    playback.playBar();
    expect(['FILLED', 'EXPIRED']).toContain(stop.status);
    expect(stop.executed.gt('1.6')).toBe(true);
    expect(spot.wallet.free('USDT').gte(0)).toBe(true);
  });

  test('of a perpetual of the same name is none of its business', () => {
    const { spot, state } = aSpot(['50000', '50000']);
    place(spot, { quantity: amount('0.5') });
    expect([state.trades.length, state.account.wallet.toFixed()]).toEqual([0, '100000']);
  });
});

describe.each([1, 2, 3, 4, 5, 6])('random spot trading, seed %i', (seed) => {
  test('neither makes nor loses coins, and locks what open orders may give', () => {
    const random = new SeededRandom(seed);
    let price = 50_000;
    const closes = Array.from({ length: 150 }, () => String((price += random.below(401) - 200)));
    const { spot, playback } = aSpot(closes, { seed });
    for (let bar = 0; bar < 148; bar++) {
      playback.playBar();
      trade(spot, random);
      checkLocks(spot);
    }
    const sums = new Map<string, Amount>([
      ['BTC', amount('2')],
      ['USDT', amount('100000')],
    ]);
    const move = (asset: string, change: Amount): void => {
      sums.set(asset, sums.get(asset)!.plus(change));
    };
    for (const { side, price: at, quantity, commission, commissionAsset } of spot.trades) {
      const sign = side === 'BUY' ? 1 : -1;
      move('BTC', quantity.times(sign));
      move('USDT', at.times(quantity).times(-sign));
      move(commissionAsset, commission.neg());
    }
    for (const [asset, sum] of sums) {
      const total = spot.wallet.free(asset).plus(spot.wallet.locked(asset));
      expect(total.toFixed()).toBe(sum.toFixed());
    }
    expect(spot.trades.length).toBeGreaterThan(30);
  });
});

function checkLocks(spot: SpotState): void {
  const locks = { BTC: ZERO, USDT: ZERO };
  for (const order of spot.openOrders.values()) {
    const asset = order.side === 'BUY' ? 'USDT' : 'BTC';
    locks[asset] = locks[asset].plus(order.locked);
    const left = order.quantity.minus(order.executed);
    const atPrice = order.type.includes('LIMIT') ? order.price : order.stopPrice;
    const owed = order.side === 'BUY' ? left.times(atPrice) : left;
    expect(order.locked.toFixed()).toBe(owed.toFixed());
  }
  expect(spot.wallet.locked('BTC').toFixed()).toBe(locks.BTC.toFixed());
  expect(spot.wallet.locked('USDT').toFixed()).toBe(locks.USDT.toFixed());
}

const TYPES = ['MARKET', 'LIMIT', 'LIMIT', 'LIMIT_MAKER', 'STOP_LOSS', 'STOP_LOSS_LIMIT'] as const;

function trade(spot: SpotState, random: SeededRandom): void {
  const { last } = spot.markets.get(BTC)!;
  const side = random.next() < 0.5 ? 'BUY' : 'SELL';
  const type = TYPES[random.below(TYPES.length)]!;
  const away = random.below(300) - 80;
  const offset = side === 'BUY' ? -away : away;
  const isByCost = type === 'MARKET' && random.next() < 0.3;
  const [open] = spot.openOrders.values();
  try {
    if (open !== undefined && random.next() < 0.3) {
      cancelSpot(spot, { symbol: BTC, orderId: String(open.id) }, 'c');
    }
    place(spot, {
      side,
      type,
      quantity: isByCost ? ZERO : amount(1 + random.below(300)).div(1000),
      quoteQuantity: isByCost ? amount(100 + random.below(9000)) : ZERO,
      price: type.includes('LIMIT') ? last.plus(offset) : ZERO,
      stopPrice: type.startsWith('STOP') ? last.plus(side === 'BUY' ? 60 : -60) : ZERO,
      timeInForce: type === 'LIMIT' && random.next() < 0.2 ? 'IOC' : 'GTC',
    });
  } catch (error) {
    // Refusals are part of random trading; anything else is not.
    if (!(error instanceof VenueReject)) throw error;
  }
}
