import type { SessionMetadata } from '@strategy-runner/contracts';
import { validateSession } from '@strategy-runner/contracts/validators';
import { describe, expect, test } from 'vitest';

const hash = 'a'.repeat(64);

const strategy = { id: 'runner-strategy-sma-cross', version: '1.0.0', code_hash: hash };

const session: SessionMetadata = {
  schema: 'runner.session/1',
  session_id: '20250101-000000-abcd',
  kind: 'backtest',
  host_version: '1.0.0',
  contract_version: '1.0',
  config_hash: hash,
  strategy,
  data: {
    source: 'bars.csv',
    hash,
    symbol: 'BTC/USDT:USDT',
    timeframe: '1m',
    bars: 10,
    from_ms: 0,
    to_ms: 600000,
  },
  exchange: 'sim',
  account: 'default',
  symbols: ['BTC/USDT:USDT'],
  timeframe: '1m',
  started_at: '2025-01-01T00:00:00.000Z',
  ended_at: null,
  seed: 1,
  node: 'v20.20.2',
  instruments: [
    {
      symbol: 'BTC/USDT:USDT',
      market: 'swap',
      base: 'BTC',
      quote: 'USDT',
      settle: 'USDT',
      contract_size: '1',
      tick_size: '0.1',
      lot_size: '0.001',
      min_quantity: '0.001',
      max_quantity: null,
      min_notional: '5',
    },
  ],
  costs: { maker_fee_bps: '-0.5', taker_fee_bps: '5', slippage_bps: '1' },
  start_state: {
    bar_ms: 0,
    lots: [
      {
        position_id: 'BTC/USDT:x#1',
        symbol: 'BTC/USDT:USDT',
        side: 'long',
        quantity: '1',
        price: '100',
        time_ms: 0,
      },
    ],
    orders: [{ client_order_id: 'x' }],
    cash: { USDT: '10000' },
    plugin_snapshot: null,
  },
  journal_head: { seq: 12, hash },
  runs: [{ run: 1, started_at: '2025-01-01T00:00:00Z', ended_at: null, start: 'cold', exit: null }],
};

describe('session metadata', () => {
  test.each([
    ['of an unfinished run', {}],
    ['before the first bar and the first anchor', { start_state: null, journal_head: null }],
    [
      'of a live feed',
      { kind: 'live', data: { ...session.data, hash: null, bars: null, to_ms: null } },
    ],
    ['with a field of a later version', { region: 'eu' }],
  ])('%s is valid', (_case, change) => {
    expect(validateSession({ ...session, ...change })).toBeUndefined();
  });

  test.each([
    ['of another document', { schema: 'runner.report/1' }, '/schema'],
    ['without a seed', { seed: undefined }, '/seed'],
    ['with a shortened hash', { config_hash: 'abc' }, '/config_hash'],
    ['with a local time', { started_at: '2025-01-01T00:00:00+02:00' }, '/started_at'],
    [
      'with money as a number',
      { costs: { ...session.costs, taker_fee_bps: 5 } },
      '/costs/taker_fee_bps',
    ],
    [
      'with a start state without cash',
      { start_state: { ...session.start_state, cash: undefined } },
      '/start_state/cash',
    ],
    ['with an unknown start', { runs: [{ ...session.runs[0], start: 'hot' }] }, '/runs/0/start'],
  ])('%s is refused', (_case, change, path) => {
    expect(validateSession({ ...session, ...change })).toMatchObject({ path });
  });
});
