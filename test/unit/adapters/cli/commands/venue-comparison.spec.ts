import { describe, expect, test } from 'vitest';
import { compareWithTruth } from '../../../../../adapters/src/cli/commands/venue-comparison.js';
import type { SessionTables } from '../../../../../adapters/src/cli/commands/venue-diff-rows.js';
import type { Truth, TruthTrade } from '../../../../../adapters/src/cli/commands/venue-truth.js';

const BIG = '8389765500000000001';

const ORDER = {
  clientOrderId: 'sr-a/1',
  ids: [BIG],
  symbol: 'BTCUSDT',
  status: 'FILLED',
  isOpen: false,
  filled: '0.5',
};
const STOP = {
  clientOrderId: 'sr-stop/1',
  ids: ['3000000001', '8389765500000000002'],
  symbol: 'BTCUSDT',
  status: 'NEW',
  isOpen: true,
  filled: '0',
};
const TRADE: TruthTrade = {
  id: '700001',
  orderId: BIG,
  symbol: 'BTCUSDT',
  price: '50000.10',
  quantity: '0.5',
  fee: '12.500025',
  feeAsset: 'USDT',
  timeMs: 2000,
};
const TRUTH: Truth = {
  orders: [ORDER, STOP],
  trades: [TRADE],
  funding: [{ id: '900000002', symbol: 'BTCUSDT', asset: 'USDT', amount: '-2.5', timeMs: 3000 }],
  transfers: [{ id: '900000003', symbol: '', asset: 'USDT', amount: '100', timeMs: 4000 }],
  positions: [{ symbol: 'BTCUSDT', side: 'long', quantity: '0.500' }],
  wallet: '10084.999975',
};

const FILL = {
  seq: 12,
  ts: 2000,
  symbol: 'BTC/USDT:USDT',
  trade_id: '700001',
  price: '50000.1',
  quantity: '0.5',
  fee: '12.500025',
  fee_currency: 'USDT',
  cash: '-12.500025',
};
const FUNDING = { seq: 13, ts: 3000, funding_id: 'FUNDING_FEE:900000002:BTCUSDT', amount: '-2.5' };
const MOVE = { seq: 14, ts: 4000, move_id: 'TRANSFER:900000003', amount: '100', cash: '100' };
const TABLES: SessionTables = {
  orders: [
    {
      order_key: 'a/1',
      created_ms: 1500,
      venue_order_id: BIG,
      filled: '0.5',
      ended_ms: 2000,
      status: 'filled',
    },
    {
      order_key: 'stop/1',
      created_ms: 1600,
      venue_order_id: '3000000001',
      filled: '0',
      ended_ms: null,
      status: 'accepted',
    },
  ],
  fills: [FILL],
  funding: [FUNDING],
  moves: [MOVE],
  positions: [{ symbol: 'BTC/USDT:USDT', side: 'long', status: 'open', quantity: '0.5' }],
  equity: [{ ts: 1000, seq: 5, cash: '10000' }],
};

const NAMES = {
  clientIdOf: (key: string) => `sr-${key}`,
  isOurs: (id: string) => id.startsWith('sr-'),
};

const compare = (truth: Partial<Truth>, tables: Partial<SessionTables> = {}) =>
  compareWithTruth({ ...TRUTH, ...truth }, { ...TABLES, ...tables }, NAMES);

/** [about, what, field] of each difference. */
const found = (truth: Partial<Truth>, tables: Partial<SessionTables> = {}) =>
  compare(truth, tables).differences.map(({ about, what, field }) =>
    [about, what, ...(field === undefined ? [] : [field])].join(' '),
  );

describe('a session held against the truth of the venue', () => {
  test('has no difference where both say the same, however they write it', () => {
    const { differences, external, counts } = compare({});
    expect({ differences, external }).toEqual({ differences: [], external: [] });
    expect(counts).toEqual({ orders: 2, trades: 1, funding: 1, cash_moves: 1 });
  });

  test.each([
    [
      'an order that only the venue has',
      { orders: [ORDER, STOP, { ...ORDER, clientOrderId: 'sr-b/1', ids: ['9'] }] },
      ['order only_at_venue'],
    ],
    [
      'an order executed twice under one id',
      { orders: [ORDER, STOP, { ...ORDER, ids: ['9'] }] },
      ['order only_at_venue'],
    ],
    ['an order that the venue has not', { orders: [ORDER] }, ['order only_in_session']],
    [
      'another venue id',
      { orders: [{ ...ORDER, ids: ['9'] }, STOP], trades: [] },
      ['order differs venue_order_id', 'trade only_in_session'],
    ],
    [
      'another filled quantity',
      { orders: [{ ...ORDER, filled: '0.4' }, STOP] },
      ['order differs filled'],
    ],
    [
      'an order that still works',
      { orders: [{ ...ORDER, isOpen: true }, STOP] },
      ['open_order differs status'],
    ],
    [
      'an order that works no more',
      { orders: [ORDER, { ...STOP, isOpen: false }] },
      ['open_order differs status'],
    ],
    ['a missing trade', { trades: [TRADE, { ...TRADE, id: '700002' }] }, ['trade only_at_venue']],
    ['a trade too many', { trades: [] }, ['trade only_in_session']],
    ['another price', { trades: [{ ...TRADE, price: '50000.2' }] }, ['trade differs price']],
    ['another quantity', { trades: [{ ...TRADE, quantity: '0.6' }] }, ['trade differs quantity']],
    ['another fee', { trades: [{ ...TRADE, fee: '0' }] }, ['trade differs fee']],
    [
      'another fee asset',
      { trades: [{ ...TRADE, feeAsset: 'BNB' }] },
      ['trade differs fee_currency'],
    ],
    [
      'other funding',
      { funding: [{ ...TRUTH.funding[0]!, amount: '2.5' }] },
      ['funding differs amount'],
    ],
    [
      'a missing transfer',
      { transfers: [...TRUTH.transfers, { ...TRUTH.transfers[0]!, id: '7' }] },
      ['cash_move only_at_venue'],
    ],
    ['another position', { positions: [] }, ['position differs quantity']],
    [
      'a position on the other side',
      { positions: [{ symbol: 'BTCUSDT', side: 'short' as const, quantity: '0.5' }] },
      ['position differs quantity', 'position differs quantity'],
    ],
    ['another wallet', { wallet: '10085' }, ['wallet differs cash']],
  ])('shows %s', (_, truth, expected) => {
    expect(found(truth)).toEqual(expected);
  });

  test('shows what the session booked twice, or alone', () => {
    expect(found({}, { fills: [FILL, { ...FILL, seq: 15, cash: '0' }] })).toEqual([
      'trade differs booked',
    ]);
    expect(found({ funding: [] })).toEqual(['funding only_in_session']);
  });

  test('lists what is of no order of the session, and asks for it to be booked', () => {
    const order = { ...ORDER, clientOrderId: 'web_1', ids: ['8'] };
    const trade = { ...TRADE, id: '700009', orderId: '8' };
    const truth = { orders: [ORDER, STOP, order], trades: [TRADE, trade] };
    const seen = compare(truth);
    expect(seen.external).toEqual([
      { about: 'order', id: '8', symbol: 'BTCUSDT', is_booked: false, is_earlier: false },
      {
        about: 'trade',
        id: 'BTCUSDT:700009',
        symbol: 'BTCUSDT',
        is_booked: false,
        is_earlier: false,
      },
    ]);
    expect(seen.differences).toMatchObject([{ about: 'trade', what: 'only_at_venue' }]);
    const booked = { ...FILL, seq: 15, trade_id: '700009', cash: '0' };
    const after = compare(truth, { fills: [FILL, booked] });
    expect(after.differences).toEqual([]);
    expect(after.external[1]).toMatchObject({ is_booked: true });
  });

  test('does not ask for what was before the session', () => {
    const trade = { ...TRADE, id: '1', orderId: '8', timeMs: 500 };
    const funding = [{ ...TRUTH.funding[0]!, id: '1', timeMs: 500 }, ...TRUTH.funding];
    const { differences, external } = compare({ trades: [TRADE, trade], funding });
    expect(differences).toEqual([]);
    expect(external).toMatchObject([{ id: 'BTCUSDT:1', is_earlier: true }]);
  });
});
