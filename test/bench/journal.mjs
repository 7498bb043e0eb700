// How fast a long session is verified and replayed, as processes: `node test/bench/journal.mjs`.
// It plays a seeded walk with `sma-cross` into a session on disk first, which takes longest. Needs
// a build. Options: --json, --bars <n> (250,000 make a million rows). It asserts nothing.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { walk, writeCsv } from './walk.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    bars: { type: 'string', default: '250000' },
  },
});

const RUNNER = fileURLToPath(new URL('../../adapters/bin/runner.js', import.meta.url));
// The only word on the child's memory is its own, at its end.
const TELL_MEMORY = `data:text/javascript,${encodeURIComponent(
  `process.on('exit', () => process.stderr.write('rss ' + process.resourceUsage().maxRSS + '\\n'))`,
)}`;

function timed(cwd, args) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', TELL_MEMORY, RUNNER, ...args],
    { cwd, encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(`runner ${args[0]} ended with ${status}: ${stderr}`);
  return { ms, stdout, rssMib: Number(/rss (\d+)/.exec(stderr)[1]) / 1024 };
}

function measure(folder) {
  const data = join(folder, 'walk.csv');
  writeCsv(data, walk(Number(options.bars)));
  const market = ['--symbol', 'BTC/USDT:USDT', '--timeframe', '1m', '--log-level', 'error'];
  timed(folder, ['live', '--strategy', 'sma-cross', '--data', data, '--speed', 'max', ...market]);
  const [session] = readdirSync(join(folder, 'sessions'));
  const { rows } = JSON.parse(timed(folder, ['journal', 'verify', session, '--json']).stdout);
  const figure = (...args) => {
    const { ms, rssMib } = timed(folder, [...args.slice(0, -1), session, ...args.slice(-1)]);
    return { ms, rows_per_second: Math.round(rows / (ms / 1000)), rss_mib: Math.round(rssMib) };
  };
  return {
    schema: 'runner.bench.journal/1',
    load_1m: loadavg()[0],
    rows,
    verify: figure('journal', 'verify', '--json'),
    replay_engine: figure('replay', '--level=engine'),
    replay_strategy: figure('replay', '--level=strategy'),
  };
}

function text({ rows, load_1m: load, verify, replay_engine: engine, replay_strategy: strategy }) {
  const line = (what, { ms, rows_per_second: speed, rss_mib: memory }) =>
    `${what.padEnd(18)} ${(ms / 1000).toFixed(2)} s, ${speed} rows a second, ${memory} MiB`;
  return [
    `a session of ${rows} rows, load ${load.toFixed(2)}`,
    line('verify', verify),
    line('replay, engine', engine),
    line('replay, strategy', strategy),
    '',
  ].join('\n');
}

const folder = mkdtempSync(join(tmpdir(), 'runner-bench-'));
try {
  const result = measure(folder);
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : text(result));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
