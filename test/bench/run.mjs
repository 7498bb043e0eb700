// `npm run bench`: how long a million bars take, against a plain loop in the same process; how long
// a file takes to load, how long the command takes as a process, and what the host adds on the way
// of an order (`submit-path.mjs`, which also runs alone). Needs a build (`npm run build`). Options:
// --json, --bars <n>, --runs <n>, --no-processes, --no-submit. Not a test: it asserts nothing.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { validateIntentBody } from '@strategy-runner/contracts/validators';
import { loadBarsCsv } from '../../adapters/dist/market-data/csv-bars.js';
import { hashOf, runEngine } from './in-process.mjs';
import { plainLoop } from './plain-loop.mjs';
import { measureProcesses, measureSubmitPath } from './processes.mjs';
import { submitText } from './submit-text.mjs';
import { walk, writeCsv } from './walk.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    bars: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '5' },
    processes: { type: 'boolean', default: true },
    submit: { type: 'boolean', default: true },
  },
  allowNegative: true,
});

function timed(work) {
  const start = performance.now();
  const value = work();
  return { ms: performance.now() - start, value };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Engine and loop by turns, so that a neighbour's load falls on both alike. */
function measureEngine(columns, runs) {
  const engine = [];
  const loop = [];
  let last;
  for (let i = 0; i < runs + 1; i += 1) {
    loop.push(timed(() => plainLoop(columns)).ms);
    last = timed(() => runEngine(columns));
    engine.push(last.ms);
  }
  const { collector, run } = last.value;
  const loopMs = median(loop.slice(1));
  const warm = engine.slice(1);
  return {
    bars: run.bars,
    fills: collector.rows.filter(({ kind }) => kind === 'fill').length,
    first_ms: engine[0],
    second_ms: engine[1],
    median_ms: median(warm),
    fastest_ms: Math.min(...warm),
    slowest_ms: Math.max(...warm),
    bars_per_second: Math.round(run.bars / (median(warm) / 1000)),
    plain_loop_ms: loopMs,
    ratio: median(warm) / loopMs,
    result_hash: hashOf(collector),
  };
}

function measureLoad(columns, folder) {
  const path = join(folder, 'walk.csv');
  writeCsv(path, columns);
  const load = () => loadBarsCsv(path, { timeframe: '1m' });
  const first = timed(load);
  const second = timed(load);
  return { bars: first.value.columns.length, first_ms: first.ms, second_ms: second.ms };
}

/** Standalone validation of the smallest open, as each answer of a plugin goes through it. */
function measureValidator(runs) {
  const samples = JSON.parse(
    readFileSync(new URL('../golden/intents/valid.json', import.meta.url)),
  );
  const { intent } = samples.find(({ name }) => name.startsWith('smallest open'));
  const count = 50_000;
  const times = Array.from({ length: runs + 1 }, () => {
    return timed(() => {
      for (let round = 0; round < count; round += 1) validateIntentBody(intent);
    }).ms;
  });
  return { intents_per_second: Math.round(count / (median(times.slice(1)) / 1000)) };
}

function machine() {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    load_1m: loadavg()[0],
  };
}

const ms = (value) => `${value.toFixed(value < 100 ? 1 : 0)} ms`;

function text(measured) {
  const { machine: host, engine, load, validator, processes, submit_path: submitPath } = measured;
  const where = `${host.cpu}, ${host.cores} cores, ${host.memory_gib} GiB, Node ${host.node}`;
  const times = engine.ratio.toFixed(1);
  const range = `${ms(engine.fastest_ms)} to ${ms(engine.slowest_ms)}`;
  const lines = [
    `${where}, load ${host.load_1m.toFixed(2)}`,
    `engine           ${engine.bars} bars, ${engine.fills} fills`,
    `  first run      ${ms(engine.first_ms)}`,
    `  second run     ${ms(engine.second_ms)}`,
    `  median         ${ms(engine.median_ms)} (${range})`,
    `  bars/s         ${engine.bars_per_second}`,
    `plain loop       ${ms(engine.plain_loop_ms)}; the engine takes ${times} times as long`,
    `CSV load         ${load.bars} bars: first ${ms(load.first_ms)}, second ${ms(load.second_ms)}`,
    `validator        ${validator.intents_per_second} intents/s`,
  ];
  if (processes !== null) {
    lines.push(
      `runner --help    ${ms(processes.help_ms)}`,
      `runner backtest  ${ms(processes.backtest_ms)} for ${processes.backtest_bars} bars`,
    );
  }
  return `${lines.join('\n')}\n${submitPath === null ? '' : submitText(submitPath)}`;
}

const folder = mkdtempSync(join(tmpdir(), 'runner-bench-'));
try {
  const columns = walk(Number(options.bars));
  const host = machine();
  const engine = measureEngine(columns, Number(options.runs));
  const load = measureLoad(columns, folder);
  const validator = measureValidator(Number(options.runs));
  const processes = options.processes ? measureProcesses(folder, Number(options.runs)) : null;
  const submitPath = options.submit ? measureSubmitPath() : null;
  const measured = { engine, load, validator, processes, submit_path: submitPath };
  const result = { schema: 'runner.bench/1', machine: host, ...measured };
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : text(result));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
