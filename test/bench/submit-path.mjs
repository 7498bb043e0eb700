// What the host adds on the way of an order: from the bar that the driver takes to the bytes that
// leave, over ccxt alone in the same process, by turns. Then a lone close while entries queue.
// Part of `npm run bench`; alone: `node test/bench/submit-path.mjs`, needs a build. Options:
// --json, --orders <n>, --rounds <n>, --rest <ms>. Not a test: it asserts nothing.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { BarFeed } from '../../adapters/dist/venue/ccxt/bar-feed.js';
import { aBareClient } from './bare-client.mjs';
import { measureClose } from './close-in-queue.mjs';
import { distributionOf } from './distribution.mjs';
import { submitText } from './submit-text.mjs';
import { QUANTITY, SYMBOL, settle, startSession } from './submit-world.mjs';
import { orderLeaves, watchSockets } from './wire.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    orders: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    // Before each order. Without it the session's own requests would use up its pace.
    rest: { type: 'string', default: '200' },
  },
});

/** Orders that warm up code and connections and are not counted. */
const WARM_UP = 20;

/** The time at which the driver was given its last bar. */
function watchBars() {
  const taken = { atMs: 0 };
  const { next } = BarFeed.prototype;
  BarFeed.prototype.next = async function () {
    const item = await next.call(this);
    taken.atMs = performance.now();
    return item;
  };
  return taken;
}

/** Time spent on commits since the last look. */
function watchCommits(store) {
  const append = store.append.bind(store);
  let spentMs = 0;
  store.append = async (rows) => {
    const startMs = performance.now();
    await append(rows);
    spentMs += performance.now() - startMs;
  };
  return () => {
    const ms = spentMs;
    spentMs = 0;
    return ms;
  };
}

async function measureHost({ host, bare, step }, folder, { orders, restMs }) {
  const taken = watchBars();
  const ccxt = await aBareClient(bare, { enableRateLimit: false });
  const session = await startSession(host, folder);
  const commits = watchCommits(session.store);
  const times = { entry: [], close: [], commit: [], bare: [] };
  try {
    for (let i = 0; i < orders + WARM_UP; i += 1) {
      await sleep(restMs);
      commits();
      const left = orderLeaves(host.url);
      step();
      const leftMs = (await left) - taken.atMs;
      const commitMs = commits();
      await settle(session.run);
      await sleep(restMs);
      const bareMs = await bareOrder(ccxt, bare.url, i % 2 === 0 ? 'buy' : 'sell');
      if (i < WARM_UP) continue;
      times[i % 2 === 0 ? 'entry' : 'close'].push(leftMs);
      times.commit.push(commitMs);
      times.bare.push(bareMs);
    }
  } finally {
    await session.end();
    await ccxt.close();
  }
  return summaryOf(times);
}

async function bareOrder(ccxt, url, side) {
  const clientOrderId = `bare${Date.now()}`;
  const params = { clientOrderId, ...(side === 'sell' ? { reduceOnly: true } : {}) };
  const left = orderLeaves(url);
  const startMs = performance.now();
  const sent = ccxt.createOrder(SYMBOL, 'market', side, QUANTITY, undefined, params);
  const tookMs = (await left) - startMs;
  await sent;
  return tookMs;
}

function summaryOf({ entry, close, commit, bare }) {
  const host = distributionOf([...entry, ...close]);
  const alone = distributionOf(bare);
  const over = ['p50_ms', 'p95_ms', 'p99_ms'].map((name) => [name, host[name] - alone[name]]);
  return {
    host,
    host_entry: distributionOf(entry),
    host_close: distributionOf(close),
    commit: distributionOf(commit),
    bare: alone,
    overhead: Object.fromEntries(over),
  };
}

async function startVenues() {
  const child = fork(new URL('./submit-venues.mjs', import.meta.url), { stdio: 'inherit' });
  const ended = once(child, 'exit');
  const failed = ended.then(([code]) => {
    throw new Error(`the exchanges ended with ${code}`);
  });
  failed.catch(() => undefined);
  const [addresses] = await Promise.race([once(child, 'message'), failed]);
  const stop = async () => {
    if (child.connected) child.send('stop');
    await ended;
  };
  return { ...addresses, step: () => child.send('bar'), stop };
}

const folder = mkdtempSync(join(tmpdir(), 'runner-bench-'));
const venues = await startVenues();
try {
  watchSockets();
  const load = loadavg()[0];
  const counts = { orders: Number(options.orders), restMs: Number(options.rest) };
  const submit = await measureHost(venues, folder, counts);
  const queue = await measureClose(venues.bare, Number(options.rounds));
  const result = {
    schema: 'runner.bench-submit/1',
    load_1m: load,
    submit,
    close_in_queue: queue,
  };
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : submitText(result));
} finally {
  await venues.stop();
  rmSync(folder, { recursive: true, force: true });
}
