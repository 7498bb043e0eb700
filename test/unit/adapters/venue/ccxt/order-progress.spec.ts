// Every order of the same news ends in the same events: the fills once, and the end behind them.
import {
  type AccountEvent,
  type Decimal,
  type VenueEvent,
  ZERO,
  decimal,
  format,
} from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { OrderProgress } from '../../../../../adapters/src/venue/ccxt/order-progress.js';
import type {
  OrderReport,
  ReportedStatus,
  TradeReport,
} from '../../../../../adapters/src/venue/ccxt/order-reports.js';
import { OurOrders } from '../../../../../adapters/src/venue/ccxt/our-orders.js';
import { aStop, anOrder } from '../../../../support/orders.js';

const HEARD = { atMs: 1 };

function aReport(status: ReportedStatus, filled = '0', more: Partial<OrderReport> = {}) {
  return {
    symbol: 'BTC/USDT:USDT',
    isStop: false,
    venueOrderId: '7',
    clientOrderId: 'sr1',
    status,
    rawStatus: status,
    side: 'buy',
    positionSide: null,
    type: 'limit',
    quantity: decimal('0.3'),
    filled: decimal(filled),
    price: null,
    stopPrice: null,
    reduceOnly: false,
    venueMs: 5,
    childId: null,
    isWorking: null,
    detail: '',
    trades: [],
    ...more,
  } satisfies OrderReport;
}

function aTrade(tradeId: string, quantity: string, venueOrderId = '7'): TradeReport {
  return {
    symbol: 'BTC/USDT:USDT',
    tradeId,
    venueOrderId,
    side: 'buy',
    positionSide: null,
    price: decimal('50000'),
    quantity: decimal(quantity),
    fee: ZERO,
    feeCurrency: 'USDT',
    liquidity: 'taker',
    venueMs: 5,
  };
}

type News = { readonly report: OrderReport } | { readonly trade: TradeReport };

function told(news: readonly News[], order = anOrder({ quantity: decimal('0.3') })) {
  const orders = new OurOrders();
  const events: (VenueEvent | AccountEvent)[] = [];
  const progress = new OrderProgress(
    orders,
    (event) => void events.push(event),
    () => 1,
  );
  const isStop = order.type === 'stop_market';
  const tracked = orders.register(order, { clientOrderId: 'sr1', isStop });
  for (const one of news) {
    if ('report' in one) progress.report(tracked, one.report, HEARD);
    else progress.trade(tracked, one.trade, HEARD);
  }
  return events.map(name);
}

function name(event: VenueEvent | AccountEvent): string {
  if (event.kind === 'fill_reported') return `fill ${event.tradeId}`;
  if (event.kind !== 'order_ended') return event.kind;
  return `${event.status} ${format(event.filled as Decimal)} ${event.code}`.trim();
}

const permutations = <Value>(values: readonly Value[]): readonly (readonly Value[])[] =>
  values.length < 2
    ? [values]
    : values.flatMap((value, index) =>
        permutations(values.toSpliced(index, 1)).map((rest) => [value, ...rest]),
      );

describe('the progress of an order', () => {
  test('comes to the same whatever the order of the news, and however often (W2, W3)', () => {
    const news: readonly News[] = [
      { report: aReport('open') },
      { trade: aTrade('1', '0.1') },
      { trade: aTrade('2', '0.1') },
      { report: aReport('cancelled', '0.2') },
      { trade: aTrade('1', '0.1') },
    ];
    for (const order of permutations(news)) {
      const events = told([...order, ...order]);
      expect(events[0]).toBe('order_accepted');
      expect(events.at(-1)).toBe('cancelled 0.2');
      expect(events.slice(1, -1).toSorted()).toEqual(['fill 1', 'fill 2']);
    }
  });

  test('never makes a fill of a cumulative quantity', () => {
    expect(told([{ report: aReport('filled', '0.3') }])).toEqual(['order_accepted']);
  });

  test('tells an end that was overtaken by fills when they are all there', () => {
    const news = [{ report: aReport('expired', '0.2') }, { trade: aTrade('1', '0.1') }];
    expect(told(news)).toEqual(['order_accepted', 'fill 1']);
    expect(told([...news, { trade: aTrade('2', '0.1') }])).toEqual([
      'order_accepted',
      'fill 1',
      'fill 2',
      'expired 0.2',
    ]);
  });

  test('tells no end of an order that is filled, and one of an order that was shrunk (P6)', () => {
    const whole = [{ trade: aTrade('1', '0.3') }, { report: aReport('filled', '0.3') }];
    expect(told(whole)).toEqual(['order_accepted', 'fill 1']);
    const shrunk = [{ trade: aTrade('1', '0.1') }, { report: aReport('filled', '0.1') }];
    expect(told(shrunk)).toEqual(['order_accepted', 'fill 1', 'expired 0.1 REDUCE_ONLY_FLAT']);
  });

  test('still tells a fill that comes behind the end', () => {
    const news = [{ report: aReport('cancelled', '0') }, { trade: aTrade('1', '0.1') }];
    expect(told(news)).toEqual(['order_accepted', 'cancelled 0', 'fill 1']);
  });

  test('of a stop goes over its trigger, and ends with its child only', () => {
    const stop = aStop('49000', { quantity: decimal('0.3') });
    const algo = { isStop: true, venueOrderId: '3001' } as const;
    const news: readonly News[] = [
      { report: aReport('open', '0', algo) },
      { report: aReport('triggered', '0', { ...algo, childId: '7' }) },
      { trade: aTrade('1', '0.3') },
      { report: aReport('filled', '0.3') },
    ];
    for (const order of permutations(news)) {
      const events = told(order, stop);
      expect(events.toSorted()).toEqual(['fill 1', 'order_accepted', 'order_triggered']);
      expect(events[0]).toBe('order_accepted');
      expect(events.indexOf('order_triggered')).toBeLessThan(events.indexOf('fill 1'));
    }
  });
});
