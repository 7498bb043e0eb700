import { describe, expect, test } from 'vitest';
import { equityWarnings } from '../../../../adapters/src/report/run-warnings.js';

function marked(...equity: readonly number[]) {
  const times = Float64Array.from(equity, (_value, i) => Date.UTC(2024, 0, 1, i));
  return { times, equity: Float64Array.from(equity), length: equity.length };
}

describe('equity below zero', () => {
  test('is said once, with how often and since when, and what the simulation leaves out', () => {
    const [warning, ...others] = equityWarnings(marked(100, -0.01, 5, -20));
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ code: 'EQUITY_NEGATIVE', count: 2 });
    expect(warning!.message).toContain('2024-01-01T01:00:00.000Z');
    expect(warning!.message).toContain('liquidation is not simulated');
  });

  test('is not said of a run that never was there, nor of marks beyond its length', () => {
    expect(equityWarnings(marked(100, 0, 5))).toEqual([]);
    expect(equityWarnings({ ...marked(100, -5), length: 1 })).toEqual([]);
  });
});
