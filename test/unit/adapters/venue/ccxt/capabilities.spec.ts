import { readFileSync } from 'node:fs';
import ccxt from 'ccxt';
import { describe, expect, test } from 'vitest';
import {
  LISTED_EXCHANGES,
  NEEDS,
  type Need,
  capabilitiesOf,
  checkNeeds,
} from '../../../../../adapters/src/venue/ccxt/capabilities.js';
import { venuesPage } from '../../../../../adapters/src/venue/ccxt/venues-page.js';

/** Unified calls of which one is enough; all of them for `orders`. */
const CALLS: Readonly<Partial<Record<Need, readonly string[]>>> = {
  trades: ['fetchMyTrades'],
  balances: ['fetchBalance'],
  positions: ['fetchPositions'],
  order_stream: ['watchOrders'],
  bar_stream: ['watchOHLCV'],
  bar_history: ['fetchOHLCV'],
  stop_orders: ['createTriggerOrder', 'createStopLossOrder', 'createStopOrder'],
  hedge_mode: ['setPositionMode'],
  leverage: ['setLeverage'],
  funding: ['fetchFundingHistory', 'fetchLedger'],
};

const ORDER_CALLS = ['createOrder', 'cancelOrder', 'fetchOrder', 'fetchOpenOrders'];

describe.each(LISTED_EXCHANGES)('the row of %s', (id) => {
  const { support } = capabilitiesOf(id)!;
  const classes = ccxt.pro as unknown as Record<string, new () => { has: Record<string, unknown> }>;
  const { has } = new classes[id]!();

  test('claims nothing that the client library lacks', () => {
    expect(ORDER_CALLS.filter((call) => has[call] !== true)).toEqual([]);
    const untrue = Object.entries(CALLS).filter(
      ([need, calls]) =>
        support[need as Need] !== 'unsupported' && !calls.some((call) => has[call] === true),
    );
    expect(untrue).toEqual([]);
  });

  test('calls proven only what tests run', () => {
    const isTried = id === 'binanceusdm' || id === 'binance';
    expect(Object.values(support).includes('proven')).toBe(isTried);
  });
});

describe('a need', () => {
  test('that is met lets a run begin', () => {
    const all = Object.keys(NEEDS) as Need[];
    expect(checkNeeds('binanceusdm', all).exchange).toBe('binanceusdm');
    expect(checkNeeds('okx', ['orders', 'order_by_client_id']).support.orders).toBe('mapped');
  });

  test.each([
    ['kraken', ['orders', 'order_by_client_id', 'hedge_mode'], /order_by_client_id, hedge_mode/],
    ['binance', ['hedge_mode'], /hedge_mode/],
    ['nowhere', ['orders'], /not in the table/],
    ['constructor', ['orders'], /not in the table/],
  ] as const)('that %s does not meet ends it, named', (exchange, needs, message) => {
    try {
      checkNeeds(exchange, needs);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'CAPABILITY_UNSUPPORTED', exitCode: 78 });
      expect(String(error)).toMatch(message);
    }
  });
});

test('the page of exchanges says what the table says (adapters/scripts/venues-page.mjs)', () => {
  const page = new URL('../../../../../docs/VENUES.md', import.meta.url);
  expect(readFileSync(page, 'utf8')).toBe(venuesPage());
});
