import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { type BacktestResult, backtest } from '../../../../adapters/src/api/backtest.js';
import { buildReport } from '../../../../adapters/src/report/build-report.js';

const folder = mkdtempSync(join(tmpdir(), 'runner-setup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MINUTE_MS = 60_000;

interface Given {
  readonly opens: readonly number[];
  /** Of the bars before those, as texts. */
  readonly quiet?: string;
  readonly symbol?: string;
  readonly slippageBps?: string;
  /** A cross of averages that buys 250 at that leverage, rather than `buy-and-hold`. */
  readonly leverage?: string;
}

let files = 0;

/** A run over bars that stand still at each open, after two quiet ones. */
function run(given: Given): Promise<BacktestResult> {
  const { opens, quiet = '100', symbol = 'AAA/USDT:USDT', slippageBps = '0', leverage } = given;
  files += 1;
  const data = join(folder, `bars-${files}.csv`);
  const rows = [quiet, quiet, ...opens.map(String)].map((price, i) => {
    return [1_700_000_040_000 + i * MINUTE_MS, price, price, price, price, 1000].join(',');
  });
  writeFileSync(data, `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`);
  const configPath = join(folder, `config-${files}.json`);
  writeFileSync(configPath, JSON.stringify(leverage === undefined ? {} : configOf(leverage)));
  return backtest({
    cwd: process.cwd(),
    strategy: leverage === undefined ? 'buy-and-hold' : 'sma-cross',
    data,
    symbol,
    timeframe: '1m',
    configPath,
    feeBps: '0',
    slippageBps,
    sessionId: 's',
    clock: { now: () => 0 },
    set: leverage === undefined ? ['fraction_bps=9000'] : ['fast=1', 'slow=2', 'qty=250'],
  });
}

const configOf = (leverage: string) => ({
  sizing: { leverage },
  risk: { max_leverage: leverage },
});

const codesOf = (result: BacktestResult) =>
  buildReport(result, { sessionId: null, sessionDir: null }).warnings.map(({ code }) => code);

describe('instrument rules by default', () => {
  test('do not round slippage to the digits that the prices happen to have', async () => {
    const { collector } = await run({ opens: [3, 3], quiet: '3', slippageBps: '1' });
    const prices = collector.rows.flatMap((row) => (row.kind === 'fill' ? [row.price] : []));
    expect(prices.map(format)).toEqual(['3.0003']);
  });

  test('are the same whatever digits the data has, so the config hash is too', async () => {
    const whole = await run({ opens: [100, 100] });
    const fine = await run({ opens: [100.12, 100.12] });
    expect(fine.setup.configHash).toBe(whole.setup.configHash);
    expect(fine.setup.bars.hash).not.toBe(whole.setup.bars.hash);
  });

  test('are said', async () => {
    const { setup } = await run({ opens: [100] });
    const warning = setup.warnings.find(({ code }) => code === 'FILTERS_DEFAULTED');
    expect(warning!.message).toContain('tick 0.00000001');
    expect(warning!.message).toContain('not rounded to a real tick');
  });
});

describe('an account that cannot pay', () => {
  test('buys on spot what its cash carries at the open, and never owes', async () => {
    const { run: done } = await run({ opens: [130, 130], symbol: 'AAA/USDT' });
    expect(Number(format(done.engine.state.cash))).toBeGreaterThanOrEqual(0);
    expect(done.engine.state.positions.size).toBe(1);
  });

  test('on margin falls below zero, and the report says so', async () => {
    expect(codesOf(await run({ opens: [101, 101, 60], leverage: '5' }))).toContain(
      'EQUITY_NEGATIVE',
    );
    expect(codesOf(await run({ opens: [101, 101, 62], leverage: '5' }))).not.toContain(
      'EQUITY_NEGATIVE',
    );
  });
});
