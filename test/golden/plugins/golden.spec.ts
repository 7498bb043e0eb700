// The result of each bundled plugin over the sample data, held against the one that was recorded. A
// change that is meant is recorded with RUNNER_UPDATE_GOLDEN=1 and read in the diff of the commit.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { backtest } from '../../../adapters/src/api/backtest.js';
import { buildReport } from '../../../adapters/src/report/build-report.js';
import { type GoldenReport, differences, goldenOf } from './golden-report.js';

const FLAGS = { data: 'sample', feeBps: '5', slippageBps: '1' } as const;
const PLUGINS = ['buy-and-hold', 'sma-cross', 'breakout', 'dca-ladder'] as const;
const isUpdate = process.env['RUNNER_UPDATE_GOLDEN'] === '1';

async function resultOf(strategy: string): Promise<GoldenReport> {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const clock = { now: () => 0 };
  const result = await backtest({ cwd, strategy, ...FLAGS, sessionId: 'golden', clock });
  const report = buildReport(result, { sessionId: null, sessionDir: null });
  return goldenOf(report, { strategy, ...FLAGS });
}

describe('golden results of the bundled plugins', () => {
  test.each(PLUGINS)('%s over the sample data gives the recorded result', async (strategy) => {
    const path = fileURLToPath(new URL(`${strategy}.json`, import.meta.url));
    const actual = await resultOf(strategy);
    if (isUpdate) writeFileSync(path, `${JSON.stringify(actual, null, 2)}\n`);
    const recorded: unknown = JSON.parse(readFileSync(path, 'utf8'));
    expect(differences(recorded, JSON.parse(JSON.stringify(actual)))).toEqual([]);
    expect(actual.trades.length + actual.open_positions.length).toBeGreaterThan(0);
  });
});

describe('a difference from a golden result can be read', () => {
  test('it names the place, what was recorded and what came out', () => {
    const recorded = { final_equity: '10', trades: ['long 1', 'long 2'], metrics: { sharpe: 1 } };
    const actual = { final_equity: '11', trades: ['long 1'], metrics: { sharpe: 1 } };
    expect(differences(recorded, actual)).toEqual([
      '/final_equity: recorded "10", now "11"',
      '/trades/1: recorded "long 2", now undefined',
    ]);
  });

  test('a result that differs everywhere is told in twenty lines', () => {
    const many = Array.from({ length: 100 }, (_, i) => i);
    const found = differences(
      many,
      many.map((i) => i + 1),
    );
    expect(found).toHaveLength(21);
    expect(found.at(-1)).toBe('and 80 more');
  });
});
