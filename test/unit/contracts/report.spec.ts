import type { Report } from '@strategy-runner/contracts';
import { validateReport } from '@strategy-runner/contracts/validators';
import { describe, expect, test } from 'vitest';

const hash = 'a'.repeat(64);

const strategy = { id: 'runner-strategy-sma-cross', version: '1.0.0', code_hash: hash };

const report: Report = {
  schema: 'runner.report/1',
  strategy,
  data: { hash, symbol: 'BTC/USDT', timeframe: '1h', bars: 2, from_ms: 0, to_ms: 7200000 },
  config_hash: hash,
  result_hash: hash,
  initial_equity: '10000',
  final_equity: '10009.8',
  metrics: { total_return: 0.00098, sharpe: null },
  metrics_na: { sharpe: 'fewer than 30 daily returns' },
  costs: { fees: '0.2', funding: '0', slippage: '0' },
  trades: [
    {
      id: 'BTC/USDT:x#1',
      side: 'long',
      qty: '1',
      entry_time_ms: 0,
      entry_price: '100',
      exit_time_ms: 3600000,
      exit_price: '110',
      gross_pnl: '10',
      fees: '0.2',
      funding: '0',
      pnl: '9.8',
      exit_reason: 'strategy',
    },
  ],
  open_positions: [
    {
      side: 'short',
      qty: '1',
      entry_price: '110',
      mark_price: '110',
      unrealized_pnl: '0',
      fees: '0.1',
      funding: '-0.01',
    },
  ],
  intents: { accepted: 2, denied: { BELOW_MIN_NOTIONAL: 1 } },
  warnings: [{ code: 'COSTS_DEFAULTED', message: 'fees 5 bps, slippage 1 bps' }],
  run: {
    session_id: null,
    session_dir: null,
    data_path: 'bars.csv',
    started_at: '2025-01-01T00:00:00Z',
    wall_ms: 12.5,
    node: 'v20.20.2',
  },
};

describe('a report', () => {
  test('with a metric that too few samples allow is valid', () => {
    expect(validateReport(report)).toBeUndefined();
  });

  test.each(Object.keys(report))('without %s is refused at its place', (field) => {
    expect(validateReport({ ...report, [field]: undefined })).toMatchObject({ path: `/${field}` });
  });

  test.each([
    ['money as a number', { final_equity: 10009.8 }, '/final_equity'],
    ['a metric as text', { metrics: { sharpe: 'n/a' } }, '/metrics/sharpe'],
    [
      'a trade without its result',
      { trades: [{ ...report.trades[0], pnl: undefined }] },
      '/trades/0/pnl',
    ],
    [
      'a denial counted in halves',
      { intents: { accepted: 0, denied: { STALE: 0.5 } } },
      '/intents/denied/STALE',
    ],
  ])('with %s is refused', (_case, change, path) => {
    expect(validateReport({ ...report, ...change })).toMatchObject({ path });
  });
});
