import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { validateReport, validateSession } from '@strategy-runner/contracts/validators';
import { type BacktestResult, backtest } from '../../../../adapters/src/api/backtest.js';
import { inputsOf } from '../../../../adapters/src/api/backtest-inputs.js';
import { SystemClock } from '../../../../adapters/src/clock/system-clock.js';
import { writeBacktestSession } from '../../../../adapters/src/report/backtest-session.js';
import { buildReport, resultHash } from '../../../../adapters/src/report/build-report.js';
import { textSummary } from '../../../../adapters/src/report/text-summary.js';

const cwd = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'runner-api-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(sessionId: string): Promise<BacktestResult> {
  const clock = new SystemClock();
  return backtest({ cwd, strategy: 'sma-cross', data: 'sample', clock, sessionId });
}

let first: BacktestResult;
let second: BacktestResult;
beforeAll(async () => {
  first = await run('one');
  second = await run('two');
});

describe('a backtest as a function', () => {
  test('[X2] intent ids name the decision and nothing of the session that made it', () => {
    const ids = ({ collector }: BacktestResult) =>
      collector.rows.flatMap((row) => (row.kind === 'intent' ? [row.id] : []));
    expect(ids(first)).toEqual(ids(second));
    expect(new Set(ids(first)).size).toBe(first.collector.accepted);
    expect(ids(first)[0]).toMatch(/^BTC\/USDT:USDT:sma-cross@bar:1h:\d{13}#open\.long\.1$/);
    expect(resultHash(first)).toBe(resultHash(second));
  });

  test('[R5] its session says what ran, on what, with what', async () => {
    const inputs = inputsOf(first.setup, { cwd, strategy: 'sma-cross', data: 'sample' });
    const target = { sessionId: 's-1', sessionsDir: folder, inputs, resultHash: resultHash(first) };
    const path = await writeBacktestSession(first, target);
    const metadata = JSON.parse(readFileSync(join(path, 'session.json'), 'utf8')) as never;
    expect(validateSession(metadata)).toBeUndefined();
    expect(metadata).toMatchObject({
      session_id: 's-1',
      kind: 'backtest',
      contract_version: '1.0',
      config_hash: first.setup.configHash,
      strategy: { id: 'runner-strategy-sma-cross', version: '1.0.0' },
      data: { hash: first.setup.bars.hash, symbol: 'BTC/USDT:USDT', timeframe: '1h', bars: 4344 },
      exchange: 'sim',
      account: 'paper',
      symbols: ['BTC/USDT:USDT'],
      seed: 1,
      node: process.version,
      costs: { taker_fee_bps: '5', maker_fee_bps: '2', slippage_bps: '1' },
    });
    expect(metadata).toHaveProperty('strategy.code_hash', first.setup.plugin.codeHash);
    expect(metadata).toHaveProperty('start_state.cash', { USDT: '10000' });
  });

  test('reports the same document for the same inputs, apart from run', () => {
    const place = { sessionId: null, sessionDir: null };
    const { run: _one, ...a } = buildReport(first, place);
    const { run: _two, ...b } = buildReport(second, place);
    expect(a).toEqual(b);
    expect(validateReport(buildReport(first, place))).toBeUndefined();
  });

  test('the text shows every figure that a person looks for, and what was assumed', () => {
    const text = textSummary(buildReport(first, { sessionId: null, sessionDir: null }));
    const words = ['Final equity', 'Net profit', 'Max drawdown', 'CAGR', 'Sharpe', 'Trades'];
    for (const word of words) expect(text).toContain(word);
    for (const word of ['Win rate', 'Fees', 'Funding', 'Slippage']) expect(text).toContain(word);
    expect(text).toContain('warning COSTS_DEFAULTED');
    expect(text).toContain('warning DATA_SYNTHETIC');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });
});
