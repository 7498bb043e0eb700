import { describe, expect, test } from 'vitest';
import {
  type BarEvent,
  CHANNELS,
  type Channel,
  type CommandGiven,
  Comparison,
  type EngineEvent,
  type ExternalFill,
  type FillBooked,
  type FundingRow,
  type RunStarted,
  attribute,
  decimal,
  format,
  runBacktest,
} from '@strategy-runner/core';
import { limitAt, openLong } from '../support/bodies.js';
import { MINUTE_MS, START_MS, SYMBOL, aConfig, anInstrument } from '../support/world-config.js';
import {
  Journal,
  type FreshStrategy,
  type SessionOptions,
  aBarOf,
  columnsOf,
  comparisonOf,
  liveSession,
  runtimeOf,
  walk,
} from './attribution-sessions.js';
import {
  byEquity,
  byLevels,
  byPosition,
  byTheClock,
  otherwiseAt,
} from './attribution-strategies.js';

const COSTS = { takerFeeBps: '5', makerFeeBps: '2', slippageBps: '2' };
const CONFIG = aConfig({ costs: COSTS });
const BARS = walk(80, 7);
const FUNDING: readonly FundingRow[] = Array.from({ length: 10 }, (_, i) => ({
  timeMs: START_MS + (i * 8 + 5) * MINUTE_MS + 20_000,
  rate: decimal(i % 3 === 0 ? '-0.0002' : '0.0003'),
  markPrice: null,
}));

const STRATEGIES: Readonly<Record<string, FreshStrategy>> = {
  'a fixed size': () => byTheClock(),
  'a share of equity': byEquity,
  'entries that depend on the position': byPosition,
  'limits, stops, targets and hooks': byLevels,
};

/** What live had otherwise, made of a run of the same strategy in which nothing went otherwise. */
interface Case {
  readonly cause: Channel;
  readonly live: (fills: readonly FillBooked[], strategy: FreshStrategy) => Partial<SessionOptions>;
}

/** A bar at which a position is open and before which nothing else happens. */
const MIDDLE = 36;
const openMsOf = (place: number): number => BARS[place]!.openMs;

const CASES: Readonly<Record<string, Case>> = {
  'only fees changed': {
    cause: 'fee',
    live: () => ({ costs: { ...CONFIG.costs, takerFeeBps: decimal('7.5') } }),
  },
  'only slippage changed': {
    cause: 'price',
    live: () => ({ costs: { ...CONFIG.costs, slippageBps: decimal('25') } }),
  },
  'one missed bar': { cause: 'data', live: () => ({ bars: BARS.toSpliced(MIDDLE, 1) }) },
  'a revised candle': {
    cause: 'data',
    live: (fills) => {
      const at = barBefore(fills) + 1;
      const { open: was, ...bar } = BARS[at]!;
      const open = was + 1;
      const prices = { open, high: open + 4, low: open - 3, close: open + 2 };
      return { bars: BARS.with(at, { ...bar, ...prices }) };
    },
  },
  'a funding rate that the backtest does not know': {
    cause: 'data',
    live: () => ({ funding: [...FUNDING, { ...FUNDING[0]!, timeMs: openMsOf(35) + 5000 }] }),
  },
  'one missed fill': {
    cause: 'missed',
    live: (fills) => ({ shocks: { [entryIn(fills)]: { missed: true } } }),
  },
  'a rounded size': {
    cause: 'size',
    live: () => ({
      config: aConfig({ costs: COSTS, instruments: [anInstrument({ lot_size: '0.3' })] }),
    }),
  },
  'a rejected entry': {
    cause: 'rejected',
    live: (fills) => {
      const rejected = { code: 'INSUFFICIENT_MARGIN', reason: 'other' } as const;
      return { shocks: { [entryIn(fills)]: { rejected } } };
    },
  },
  'one extra trade': {
    cause: 'extra',
    live: () => ({ before: { [openMsOf(MIDDLE)]: [aForeignFill()] } }),
  },
  'a partly filled entry': {
    cause: 'partial',
    live: (fills) => ({ shocks: { [entryIn(fills)]: { filledShareBps: 3000 } } }),
  },
  'a late fill': {
    cause: 'timing',
    live: (fills) => ({ shocks: { [entryIn(fills)]: { delayBars: 2 } } }),
  },
  'three minutes down, the bars never seen': {
    cause: 'downtime',
    live: (fills) => {
      const at = barBefore(fills);
      const bars = BARS.toSpliced(at, 3);
      return { bars, before: { [openMsOf(at + 3)]: restarted(openMsOf(at + 3) + 500) } };
    },
  },
  'three minutes down, the bars caught up': {
    cause: 'downtime',
    live: (fills) => {
      const at = barBefore(fills);
      const ts = openMsOf(at + 3) + 500;
      const bars = BARS.map((bar, i) => (i >= at && i < at + 3 ? { ...bar, ts } : bar));
      return { bars, before: { [openMsOf(at)]: restarted(ts) } };
    },
  },
  'a plugin that failed at one bar': {
    cause: 'downtime',
    live: (fills, strategy) => {
      const fail = (): never => {
        throw new Error('no');
      };
      return { strategy: otherwiseAt(strategy, BARS[barBefore(fills)]!.closeMs, fail) };
    },
  },
  'other code of the plugin': {
    cause: 'signal',
    live: (fills, strategy) => ({
      strategy: otherwiseAt(strategy, BARS[barBefore(fills)]!.closeMs, () => []),
    }),
  },
  'another mark price at funding': {
    cause: 'funding',
    live: () => ({ funding: FUNDING.map((row) => ({ ...row, markPrice: decimal('140') })) }),
  },
  'entries paused': {
    cause: 'downtime',
    live: () => ({
      before: { [openMsOf(20)]: [aCommand('pause', 20)], [openMsOf(50)]: [aCommand('resume', 50)] },
    }),
  },
};

/** Leg of an entry at market in the middle of the session. */
function entryIn(fills: readonly FillBooked[]): string {
  const entries = fills.filter(({ leg, liquidity }) => leg === 'entry' && liquidity === 'taker');
  const { intentId, leg } = entries[Math.floor(entries.length / 3)]!;
  return `${intentId}/${leg}`;
}

/** Place of the bar on which that entry was decided. */
function barBefore(fills: readonly FillBooked[]): number {
  const closeMs = Number(/bar:1m:(\d+)/.exec(entryIn(fills))![1]);
  return BARS.findIndex((bar) => bar.closeMs === closeMs);
}

function restarted(ts: number): readonly EngineEvent[] {
  const ended = { kind: 'run_ended', ts: ts - 170_000, run: 1, cause: 'crash' } as const;
  const started: RunStarted = { kind: 'run_started', ts, run: 2, start: 'warm' };
  return [ended, started];
}

function aCommand(command: CommandGiven['command'], place: number): CommandGiven {
  const ts = openMsOf(place) + 1;
  return { kind: 'command', ts, command, by: 'operator', reason: 'a test asks' };
}

function aForeignFill(): ExternalFill {
  return {
    kind: 'external_fill',
    ts: openMsOf(MIDDLE) + 7000,
    tradeId: 'foreign-1',
    venueOrderId: '77',
    symbol: SYMBOL,
    side: 'sell',
    positionSide: null,
    price: decimal('101.7'),
    quantity: decimal('0.4'),
    fee: decimal('0.02'),
    feeCurrency: 'USDT',
    liquidity: 'taker',
    cause: 'manual',
  };
}

const tested = (strategy: FreshStrategy) => {
  return { config: CONFIG, strategy, bars: BARS, funding: FUNDING };
};

function nonZero(channels: ReturnType<typeof attribute>['channels']) {
  return Object.fromEntries(
    channels.filter(({ amount }) => amount !== 0n).map(({ channel, amount }) => [channel, amount]),
  );
}

test('a record that does not fit leaves a residual and names the first leg [X1]', () => {
  const strategy = byEquity;
  const entries = liveSession(tested(strategy)).map((entry) => {
    const { body } = entry;
    if (entry.class !== 'record' || !('type' in body) || body.type !== 'fill') return entry;
    if (body.leg !== 'exit') return entry;
    return { class: 'record', body: { ...body, cash: body.cash + decimal('0.01') } } as const;
  });
  const parts = comparisonOf(entries, tested(strategy));
  const found = attribute(parts);
  const exits = parts.live.fills.filter(({ leg }) => leg === 'exit');
  expect(format(found.residual)).toBe(format(decimal('0.01') * BigInt(exits.length)));
  expect(found.firstDifference).toMatchObject({ intentId: exits[0]!.intentId, leg: 'exit' });
  expect(nonZero(found.channels)).toEqual({});
});

test('the parts and the residual add up to the total [X1]', () => {
  const strategy = byPosition;
  const costs = { ...CONFIG.costs, takerFeeBps: decimal('9'), slippageBps: decimal('30') };
  const session = liveSession({ ...tested(strategy), bars: BARS.toSpliced(20, 2), costs });
  const found = attribute(comparisonOf(session, tested(strategy)));
  const sum = found.channels.reduce((total, { amount }) => total + amount, found.residual);
  expect(sum).toBe(found.total);
  expect(Object.keys(nonZero(found.channels))).toEqual(['data', 'price', 'fee']);
  expect(found.channels.map(({ channel }) => channel)).toEqual(CHANNELS);
});

describe('a limit that live fills on a touch', () => {
  const bar = (place: number, low: number, close = 100): BarEvent => {
    const openMs = START_MS + place * MINUTE_MS;
    return aBarOf({ openMs, open: 100, high: 101, low, close });
  };
  const atLimit: FreshStrategy = () => ({ 0: [openLong({ order: limitAt('95') })] });
  const found = (bars: readonly BarEvent[]) => {
    const options = { config: CONFIG, strategy: atLimit, bars };
    const entries = liveSession({ ...options, matching: { fillOnTouch: true } });
    const parts = comparisonOf(entries, options);
    return { ...attribute(parts), causes: new Comparison(parts).shocks.channels };
  };

  test('is early where the model fills it soon after', () => {
    const bars = [bar(0, 99), bar(1, 99), bar(2, 95), bar(3, 94), bar(4, 99, 97)];
    const { legs, channels, residual, causes } = found(bars);
    expect(causes).toEqual(new Set(['timing']));
    expect(legs).toMatchObject([{ status: 'matched', difference: { timeMs: -MINUTE_MS } }]);
    // The same fill a bar earlier: nothing but time is different, and time has paid nothing.
    expect([nonZero(channels), residual]).toEqual([{}, 0n]);
  });

  test('is extra where the model never fills it', () => {
    const bars = [bar(0, 99), bar(1, 99), bar(2, 95), bar(3, 99), bar(4, 99, 97)];
    const { legs, channels, total, residual } = found(bars);
    expect(legs).toMatchObject([{ status: 'extra' }]);
    expect([nonZero(channels), residual]).toEqual([{ extra: total }, 0n]);
    expect(total).not.toBe(0n);
  });
});

test.each(Object.entries(STRATEGIES))(
  'a venue with little volume leaves no residual, with %s [X1]',
  (_name, strategy) => {
    const matching = { fillOnTouch: true, volumeShareBps: 4 };
    const entries = liveSession({ ...tested(strategy), matching });
    const parts = comparisonOf(entries, tested(strategy));
    for (const order of ['forward', 'reverse'] as const) {
      const { residual, firstDifference, total } = attribute(parts, { order });
      expect({ residual, firstDifference }).toEqual({ residual: 0n, firstDifference: null });
      expect(total).not.toBe(0n);
    }
  },
);

describe.each(Object.entries(STRATEGIES))('with %s', (_name, strategy) => {
  const same = liveSession(tested(strategy));
  const clean = comparisonOf(same, tested(strategy));

  test('without any shock the counterfactual is the plain backtest', () => {
    const journal = new Journal();
    const columns = columnsOf(BARS);
    const sim = { costs: CONFIG.costs };
    const base = { config: CONFIG, columns, funding: FUNDING, sim, sink: journal.sink };
    const run = runBacktest({ ...base, runtime: runtimeOf(strategy) });
    const plain = new Comparison(clean).counterfactual([]);
    const fills = journal.entries.map(({ body }) => body).filter((body) => 'type' in body);
    expect(plain.fills).toEqual(fills.filter(({ type }) => type === 'fill'));
    expect(plain.equity.length).toBe(BARS.length);
    expect(Number(format(plain.finalEquity))).toBeCloseTo(run.equity[run.length - 1]!, 6);
  });

  test('a session without any difference is zero everywhere [X1]', () => {
    const comparison = new Comparison(clean);
    expect(clean.live.fills.length).toBeGreaterThan(4);
    expect(comparison.shocks.channels).toEqual(new Set());
    expect(comparison.counterfactual(CHANNELS)).toEqual(comparison.counterfactual([]));
    const found = attribute(clean);
    expect(nonZero(found.channels)).toEqual({});
    expect(found).toMatchObject({ total: 0n, residual: 0n, firstDifference: null });
  });

  describe.each(Object.entries(CASES))('%s', (_case, { cause, live }) => {
    const options = { ...tested(strategy), ...live(clean.live.fills, strategy) };
    const parts = comparisonOf(liveSession(options), tested(strategy), options.config);

    test.each(['forward', 'reverse'] as const)('is all of the difference, %s [X1]', (order) => {
      const found = attribute(parts, { order });
      expect(found.firstDifference).toBeNull();
      expect(found.residual).toBe(0n);
      expect(found.total).not.toBe(0n);
      expect(nonZero(found.channels)).toEqual({ [cause]: found.total });
    });
  });
});
