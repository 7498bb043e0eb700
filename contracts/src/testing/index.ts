// What a plugin author's tests import.
export type { BarInput, HarnessOptions } from './harness-options.js';
export type { HarnessLog } from './harness-state.js';
export { createStrategyHarness, StrategyHarnessError } from './strategy-harness.js';
export type { StrategyHarness } from './strategy-harness.js';
