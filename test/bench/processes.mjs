// What runs as a process of its own: the command as a user meets it, start-up included, the median
// of several; and the bench of the submit path, which must not share a heap with a million bars.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { walk, writeCsv } from './walk.mjs';

const RUNNER = fileURLToPath(new URL('../../adapters/bin/runner.js', import.meta.url));
const SUBMIT_PATH = fileURLToPath(new URL('./submit-path.mjs', import.meta.url));
const BARS = 100_000;

function runProcess(args, folder) {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [RUNNER, ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 256 * 2 ** 20,
  });
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(`runner ${args[0]} ended with ${status}: ${stderr}`);
  return ms;
}

function medianOf(runs, measure) {
  const times = Array.from({ length: runs }, measure).sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)];
}

export function measureProcesses(folder, runs) {
  const path = join(folder, 'walk-100k.csv');
  writeCsv(path, walk(BARS));
  const backtest = ['backtest', '--strategy', 'sma-cross', '--data', path];
  const args = [...backtest, '--symbol', 'BTC/USDT:USDT', '--timeframe', '1m', '--json'];
  return {
    help_ms: medianOf(runs, () => runProcess(['--help'], folder)),
    backtest_bars: BARS,
    backtest_ms: medianOf(runs, () => runProcess([...args, '--sessions', folder], folder)),
  };
}

export function measureSubmitPath() {
  const stdio = ['ignore', 'pipe', 'inherit'];
  const { status, stdout } = spawnSync(process.execPath, [SUBMIT_PATH, '--json'], { stdio });
  if (status !== 0) throw new Error(`${SUBMIT_PATH} ended with ${status}`);
  return JSON.parse(String(stdout));
}
