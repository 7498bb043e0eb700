// Every fault of the local exchange upon a seeded live session, and what must hold all the same
// ([R4] [B8] [X18]). The sessions mostly wait, so they run side by side; a failure names its seed
// and its rules.
import { describe, expect, test, vi } from 'vitest';
import {
  CONDITION_CASES,
  KILL_CASES,
  REQUEST_CASES,
  STREAM_CASES,
} from '../support/fault-cases.js';
import { type FaultCase, runFaultCase } from '../support/fault-session.js';

vi.setConfig({ maxConcurrency: 8, testTimeout: 120_000 });

const CASES = [
  ['requests', REQUEST_CASES],
  ['streams', STREAM_CASES],
  ['conditions', CONDITION_CASES],
  ['kills', KILL_CASES],
] as const;

describe.concurrent.each(CASES)('a session keeps its invariants under faults of %s', (_, cases) => {
  test.each(cases.map((fault, at) => [fault.name, at + 1, fault] as const))(
    '%s (seed %i)',
    async (_name, seed, fault: FaultCase) => {
      const { violations, met } = await runFaultCase(fault, seed);
      expect({ seed, rules: fault.rules, violations }).toEqual({
        seed,
        rules: fault.rules,
        violations: [],
      });
      // A rule that nothing met shows nothing: then the seed is to be another one.
      expect(met).not.toBe(0);
    },
  );
});
