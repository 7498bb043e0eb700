// Results worked out by hand, with the numbers written out. Nobody needs to trust any program to
// check these: a pencil is enough. One unit is bought or sold at the open after bar 0 unless it
// says otherwise.
import { describe, expect, test } from 'vitest';
import { decimal, equity, format } from '@strategy-runner/core';
import {
  START_MS,
  type World,
  aWorld,
  closeLong,
  closeShort,
  dca,
  limitAt,
  openLong,
  openShort,
  partialClose,
  quantity,
} from '../support/world.js';

const COSTS = { takerFeeBps: '10', makerFeeBps: '2', slippageBps: '5' };
const FEES = { takerFeeBps: '5', makerFeeBps: '2' };
const MINUTE_MS = 60_000;

/** Bar number, side, price, quantity, fee, realised profit of each fill. */
function fillsOf(world: World) {
  return world.fills().map(({ ts, side, price, quantity: held, fee, realized }) => {
    const money = [price, held, fee, realized].map(format);
    return [Math.floor((ts - START_MS) / MINUTE_MS), side, ...money];
  });
}

const cashOf = (world: World): string => format(world.state.cash);

describe('ten bars by hand', () => {
  //  bar  open   close   what happens
  //   0   100.0  100.5   wants long 2
  //   1   101.0  101.5   buys at 101 + 5 bps = 101.0505, up to the tick 101.1;
  //                      fee 202.2 × 10 bps = 0.2022
  //   2   102.0  103.0
  //   3   103.0  104.0   wants short 2, the long first
  //   4   104.0  103.0   sells at 104 − 5 bps = 103.948, down to 103.9;
  //                      fee 207.8 × 10 bps = 0.2078; gross (103.9 − 101.1) × 2 = 5.6;
  //                      then sells 2 short at 103.9, fee 0.2078
  //   5   102.0  101.0
  //   6   101.0  100.0
  //   7    99.0   98.5   wants out
  //   8    98.0   98.0   buys at 98 + 5 bps = 98.049, up to 98.1;
  //                      fee 196.2 × 10 bps = 0.1962; gross (103.9 − 98.1) × 2 = 11.6
  //   9    98.0   97.0
  const opens = [100, 101, 102, 103, 104, 102, 101, 99, 98, 98];
  const closes = [100.5, 101.5, 103, 104, 103, 101, 100, 98.5, 98, 97];

  test('a long that turns short: 1000 becomes 1016.386', () => {
    const two = { sizing_policy: quantity('2') };
    const world = aWorld({
      cash: '1000',
      positionMode: 'one_way',
      costs: COSTS,
      strategy: {
        0: openLong(two),
        3: openShort({ ...two, on_opposite: 'close_first' }),
        7: closeShort(),
      },
      bars: opens.map((open, i) => {
        const close = closes[i]!;
        return [open, Math.max(open, close), Math.min(open, close), close] as const;
      }),
    });
    expect(fillsOf(world)).toEqual([
      [1, 'buy', '101.1', '2', '0.2022', '0'],
      [4, 'sell', '103.9', '2', '0.2078', '5.6'],
      [4, 'sell', '103.9', '2', '0.2078', '0'],
      [8, 'buy', '98.1', '2', '0.1962', '11.6'],
    ]);
    // 1000 − 0.2022 + 5.6 − 0.2078 − 0.2078 + 11.6 − 0.1962
    expect(cashOf(world)).toBe('1016.386');
    expect(format(equity(world.engine))).toBe('1016.386');
  });

  test('the same purchase in a cash account pays the notional and marks the holding', () => {
    const world = aWorld({
      cash: '1000',
      costs: COSTS,
      instrument: { symbol: 'BTC/USDT' },
      instance: { symbol: 'BTC/USDT', id: 'BTC/USDT:sample' },
      strategy: { 0: openLong({ sizing_policy: quantity('2') }) },
    });
    for (const [i, open] of opens.slice(0, 4).entries()) {
      const close = closes[i]!;
      world.bar(open, Math.max(open, close), Math.min(open, close), close, { symbol: 'BTC/USDT' });
    }
    expect(cashOf(world)).toBe('797.5978'); // 1000 − 202.2 − 0.2022
    expect(format(equity(world.engine))).toBe('1005.5978'); // + 2 × 104
  });
});

interface Exit {
  readonly side?: 'long' | 'short';
  readonly slippageBps?: string;
  /** Bar 1, at whose open the entry fills, and the bars after it: open, high, low, close. */
  readonly bars: readonly (readonly [number, number, number, number])[];
  readonly protection: object;
  /** Bar, price, fee of the exit fill; undefined = still held. */
  readonly exit: readonly [number, string, string] | undefined;
  readonly reason?: string;
}

const QUIET = [100, 100, 100, 100] as const;
const stop = (abs: string) => ({ stop_loss: { at: { abs }, order: 'market' } });
const target = (abs: string) => ({
  take_profit: [{ at: { abs }, share_bps: 10_000, order: 'limit' }],
});
const BOTH = { ...stop('95'), ...target('105') };

// Entered at 100; taker fee 5 bps, maker fee 2 bps.
const EXITS: Readonly<Record<string, Exit>> = {
  'a stop inside a bar fills at the stop: 95 × 5 bps = 0.0475': {
    protection: BOTH,
    bars: [QUIET, [98, 99, 94, 96]],
    exit: [2, '95', '0.0475'],
    reason: 'stop_loss',
  },
  'a stop that the open has passed fills at the open: 92 × 5 bps = 0.046': {
    protection: BOTH,
    bars: [QUIET, [92, 93, 91, 92]],
    exit: [2, '92', '0.046'],
    reason: 'stop_loss',
  },
  'a stop in the bar of the entry fills in that bar': {
    protection: BOTH,
    bars: [[100, 101, 94, 96]],
    exit: [1, '95', '0.0475'],
    reason: 'stop_loss',
  },
  'slippage on a stop: 95 − 10 bps = 94.905, down to 94.9; × 5 bps = 0.04745': {
    protection: BOTH,
    slippageBps: '10',
    bars: [QUIET, [98, 99, 94, 96]],
    exit: [2, '94.9', '0.04745'],
    reason: 'stop_loss',
  },
  'a target that is traded through fills at its limit: 105 × 2 bps = 0.021': {
    protection: BOTH,
    bars: [QUIET, [101, 106, 100, 104]],
    exit: [2, '105', '0.021'],
    reason: 'take_profit',
  },
  'a target that is only touched does not fill': {
    protection: BOTH,
    bars: [QUIET, [101, 105, 100, 104]],
    exit: undefined,
  },
  'a bar that reaches both counts as stopped': {
    protection: BOTH,
    bars: [QUIET, [100, 106, 94, 100]],
    exit: [2, '95', '0.0475'],
    reason: 'stop_loss',
  },
  'a short is stopped above: 105 × 5 bps = 0.0525': {
    side: 'short',
    protection: { ...stop('105'), ...target('95') },
    bars: [QUIET, [101, 106, 100, 103]],
    exit: [2, '105', '0.0525'],
    reason: 'stop_loss',
  },
  'a short takes its profit below: 95 × 2 bps = 0.019': {
    side: 'short',
    protection: { ...stop('105'), ...target('95') },
    bars: [QUIET, [99, 100, 94, 96]],
    exit: [2, '95', '0.019'],
    reason: 'take_profit',
  },
  // 5 % below the best close: 95 at first, 104.5 after the close of 110, which 108 does not lower.
  'a trailing stop follows the best close, from the next bar on': {
    protection: { trailing_stop: { distance_bps: 500 } },
    bars: [QUIET, [101, 112, 101, 110], [109, 111, 106, 108], [107, 107, 104, 105]],
    exit: [4, '104.5', '0.05225'],
    reason: 'trailing_stop',
  },
  'a trailing stop does not yet hold in the bar that moves it': {
    protection: { trailing_stop: { distance_bps: 500 } },
    bars: [QUIET, [101, 112, 101, 110]],
    exit: undefined,
  },
  // 3 % in favour is 103; then the stop is the entry and 10 bps: 100.1.
  'break-even moves the stop to the entry and its offset': {
    protection: {
      ...stop('95'),
      breakeven: { activate_at: { distance_bps: 300, from: 'entry_avg' }, offset_bps: 10 },
    },
    bars: [QUIET, [100, 103.5, 99, 102], [101, 102, 100, 101]],
    exit: [3, '100.1', '0.05005'],
    reason: 'breakeven',
  },
};

describe('stops, targets and trailing by hand', () => {
  test.each(Object.entries(EXITS))('%s', (_what, { side = 'long', slippageBps, ...given }) => {
    const { bars, protection, exit, reason } = given;
    const open = side === 'long' ? openLong : openShort;
    const world = aWorld({
      // Slippage would move the entry too; there, a limit that is marketable takes it at 100 at
      // most.
      costs: { ...FEES, slippageBps: slippageBps ?? '0' },
      strategy: { 0: open({ protection, order: limitAt('100') }) },
      bars: [QUIET, ...bars],
    });
    const [entry, ...exits] = fillsOf(world);
    const [buy, sell] = side === 'long' ? ['buy', 'sell'] : ['sell', 'buy'];
    expect(entry).toEqual([1, buy, '100', '1', '0.05', '0']);
    if (exit === undefined) return expect(exits).toEqual([]);
    const [bar, price, fee] = exit;
    const gross = side === 'long' ? Number(price) - 100 : 100 - Number(price);
    expect(exits).toEqual([[bar, sell, price, '1', fee, String(Number(gross.toFixed(8)))]]);
    const [closed] = world.recordsOf('position_closed');
    return expect(closed?.reason).toBe(reason);
  });

  test('a ladder: half at 104, the rest stopped at 96', () => {
    const world = aWorld({
      costs: FEES,
      strategy: {
        0: openLong({
          sizing_policy: quantity('3'),
          protection: {
            ...stop('96'),
            take_profit: [
              { at: { abs: '104' }, share_bps: 5000, order: 'limit' },
              { at: { abs: '108' }, share_bps: 5000, order: 'limit' },
            ],
          },
        }),
      },
      bars: [QUIET, QUIET, [100, 105, 100, 104.5], [104, 104, 95, 96]],
    });
    expect(fillsOf(world)).toEqual([
      [1, 'buy', '100', '3', '0.15', '0'], // 300 × 5 bps
      [2, 'sell', '104', '1.5', '0.0312', '6'], // 156 × 2 bps
      [3, 'sell', '96', '1.5', '0.072', '-6'], // 144 × 5 bps
    ]);
    expect(cashOf(world)).toBe('9999.7468'); // 10000 − 0.15 + 6 − 0.0312 − 6 − 0.072
  });
});

describe('averages and lots by hand', () => {
  // 1 at 100, then 2 at 90: cost 280, average 93.333…
  const ladder = (lots: string) => ({
    0: openLong({ lots }),
    1: dca(1, { sizing_policy: quantity('2'), order: limitAt('90') }),
    3: partialClose({ lots: 1 }),
    5: closeLong(),
  });
  const bars = [QUIET, QUIET, [98, 98, 89, 91], QUIET, [96, 96, 96, 96], QUIET, QUIET] as const;

  test('the last lot leaves first, and cash follows the average cost', () => {
    const world = aWorld({ strategy: ladder('lifo'), bars });
    expect(fillsOf(world)).toEqual([
      [1, 'buy', '100', '1', '0', '0'],
      [2, 'buy', '90', '2', '0', '0'],
      [4, 'sell', '96', '2', '0', '5.33333333'], // 192 − 2 × 93.333…
      [6, 'sell', '100', '1', '0', '6.66666667'], // 100 − 93.333…
    ]);
    expect(cashOf(world)).toBe('10012'); // 192 + 100 − 280
  });

  test.each([
    ['lifo', '2', [['100', '1']]],
    ['fifo', '1', [['90', '2']]],
  ])('%s closes %s and leaves the other lot', (method, closed, left) => {
    const world = aWorld({ strategy: ladder(method), bars: bars.slice(0, 5) });
    expect(format(world.fills()[2]!.quantity)).toBe(closed);
    const lots = world.position()!.lots.map((lot) => [format(lot.price), format(lot.quantity)]);
    expect(lots).toEqual(left);
  });

  test('a stop from the average moves with the average: 10 % below 94.666… is 85.2', () => {
    const protection = { stop_loss: { at: { distance_bps: 1000, from: 'entry_avg' } } };
    const world = aWorld({
      strategy: {
        0: openLong({ protection }),
        1: dca(1, {
          sizing_policy: quantity('2'),
          order: limitAt('92'),
          protection_mode: 'rebase_to_average',
        }),
      },
      bars: [QUIET, QUIET, [98, 98, 91.5, 93], [93, 93, 80, 81]],
    });
    // 10 % below 100 would have been 90. (100 + 2 × 92) ÷ 3 = 94.666…; 3 × 85.2 − 284 = −28.4
    expect(fillsOf(world).at(-1)).toEqual([3, 'sell', '85.2', '3', '0', '-28.4']);
  });
});

describe('funding by hand', () => {
  test.each([
    ['a long pays a positive rate', openLong, '-0.0202', '0.0001'],
    ['a short receives it', openShort, '0.0202', '0.0001'],
    ['a long receives a negative rate', openLong, '0.0202', '-0.0001'],
  ])('%s: 2 × 101 × 0.0001', (_what, open, amount, rate) => {
    const world = aWorld({
      strategy: { 0: open({ sizing_policy: quantity('2') }) },
      bars: [QUIET, QUIET],
    });
    const timeMs = START_MS + 2 * MINUTE_MS + 7;
    world.bar(101, 101, 101, 101, {
      funding: [{ timeMs, rate: decimal(rate), markPrice: null }],
    });
    expect(world.recordsOf('funding').map((record) => format(record.amount))).toEqual([amount]);
    expect(format(world.position(open === openLong ? 'long' : 'short')!.funding)).toBe(amount);
  });

  test('nothing is due on a position that is opened in the same bar', () => {
    const world = aWorld({ strategy: { 0: openLong() }, bars: [QUIET] });
    const due = { timeMs: START_MS + MINUTE_MS, rate: decimal('0.01'), markPrice: null };
    world.bar(100, 100, 100, 100, { funding: [due] });
    expect(world.position()).toBeDefined();
    expect(world.recordsOf('funding')).toEqual([]);
  });

  test('what falls due in a gap is paid by what was carried through it', () => {
    const world = aWorld({ strategy: { 0: openLong() }, bars: [QUIET, QUIET] });
    // Bars 2 to 4 are missing: 1 × 90 × 0.01, as the price after the gap is the mark.
    const timeMs = START_MS + 3 * MINUTE_MS;
    const due = { timeMs, rate: decimal('0.01'), markPrice: null };
    world.bar(90, 90, 90, 90, { funding: [due], skip: 3 });
    const paid = world.recordsOf('funding').map(({ ts, amount }) => [ts, format(amount)]);
    expect(paid).toEqual([[timeMs, '-0.9']]);
  });
});

describe('what the close of a bar proves', () => {
  const limit98 = { order: limitAt('98') };

  test('a target that the price crossed after the entry: 101, as maker', () => {
    const world = aWorld({
      costs: FEES,
      strategy: { 0: openLong({ ...limit98, protection: { ...stop('97'), ...target('101') } }) },
      bars: [QUIET, [100, 100.5, 99.5, 100], [100, 103, 97.5, 102], [102, 103, 101, 102]],
    });
    expect(fillsOf(world)).toEqual([
      [2, 'buy', '98', '1', '0.0196', '0'], // 98 × 2 bps
      [2, 'sell', '101', '1', '0.0202', '3'], // 101 × 2 bps
    ]);
  });

  test('a stop that the price came back through: its trigger, as taker', () => {
    const order = { type: 'market', trigger: { price: '105', direction: 'rise_to' } };
    const world = aWorld({
      costs: FEES,
      strategy: { 0: openLong({ order, protection: { ...stop('102'), ...target('120') } }) },
      bars: [QUIET, [100, 106, 99, 99.5], [99, 99, 99, 99]],
    });
    expect(fillsOf(world)).toEqual([
      [1, 'buy', '105', '1', '0.0525', '0'],
      [1, 'sell', '102', '1', '0.051', '-3'],
    ]);
  });
});

describe('a spot account', () => {
  test('never owes: decided at 100 and opened at 130, 100 of cash buys 0.769', () => {
    const world = aWorld({
      cash: '100',
      instrument: { market: 'spot' },
      strategy: { 0: openLong() },
      bars: [QUIET, [130, 130, 130, 130]],
    });
    expect(fillsOf(world)).toEqual([[1, 'buy', '130', '0.769', '0', '0']]);
    expect(cashOf(world)).toBe('0.03');
    const ended = world.recordsOf('order_moved').filter(({ status }) => status === 'expired');
    expect(ended.map(({ code }) => code)).toEqual(['BALANCE_INSUFFICIENT']);
  });
});
