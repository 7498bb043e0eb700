// The library API: what the runner command is made of, for programs that want a run without a
// process.
export { type BacktestOptions, type BacktestResult, backtest, runSetup } from './api/backtest.js';
export { type LiveOptions, type LiveRun, collectResult, startLive } from './api/live.js';
export { type Setup, type SetupOptions, type Warning, setUp } from './api/setup.js';
export { SystemClock } from './clock/system-clock.js';
export { RunnerError, exitCodeOf, formatError } from './errors.js';
export { type BarsFile, loadBarsCsv } from './market-data/csv-bars.js';
export { InlineRuntime } from './plugin-runtime/inline.js';
export { type LoadedPlugin, loadPlugin } from './plugin-source/load-plugin.js';
export { buildReport, resultHash } from './report/build-report.js';
export { textSummary } from './report/text-summary.js';
export { SqliteStore } from './store/sqlite/sqlite-store.js';
