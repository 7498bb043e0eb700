import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionMetadata } from '@strategy-runner/contracts';
import { describe, expect, test } from 'vitest';
import { aMinuteFile } from './bars.js';
import { type Started, aFile, aFolder, runJson, startRunner } from './run-runner.js';

interface Status {
  readonly state: string;
  readonly runs: SessionMetadata['runs'];
  readonly equity: { readonly ts: number } | null;
  readonly positions: readonly { readonly side: string; readonly stop_price: string | null }[];
  readonly working_orders: readonly {
    readonly order_key: string;
    readonly leg: string;
    readonly price: string | null;
    readonly stop_price: string | null;
    readonly quantity: string;
    readonly status: string;
  }[];
  readonly pending: readonly Readonly<Record<string, unknown>>[];
}

interface LiveEnd {
  readonly start: string;
  readonly cause: string;
  readonly bars: number;
  readonly result_hash: string;
  readonly closed_positions: number;
  readonly open_positions: readonly unknown[];
}

/** Buys at once, with a stop far below, and buys nothing more until it has been stopped. */
const HOLDER = `
const open = {
  kind: 'open', side: 'long', sizing_policy: { mode: 'qty', qty: '1', unit: 'base' },
  order: { type: 'market' }, reason: { code: 'test.hold' },
  protection: { stop_loss: { at: { abs: '50' }, order: 'market' } },
};
export default { create: (ctx) => ({
  onBar: () => (ctx.positions.length + ctx.open_intents.length === 0 ? open : undefined),
  snapshot: () => null,
  restore: () => undefined,
}) };`;

/** Bids far below the price, once, and waits. */
const BIDDER = `
const open = {
  kind: 'open', side: 'long', sizing_policy: { mode: 'qty', qty: '1', unit: 'base' },
  order: { type: 'limit', price: { abs: '92' }, time_in_force: 'GTC' },
  reason: { code: 'test.bid' },
};
export default { create: (ctx) => ({
  onBar: () => (ctx.positions.length + ctx.open_intents.length === 0 ? open : undefined),
  snapshot: () => null,
  restore: () => undefined,
}) };`;

const BARS = 1200;
/** Forty bars a second: a minute's bar in 25 ms. */
const PACE = ['--speed', '2400'];

/** A market that keeps between 95 and 105 and falls to 40 at its very end. */
function aCalmMarket(folder: string): string {
  const calm = Array.from({ length: BARS }, () => [100, 105, 95, 100] as const);
  return aMinuteFile(folder, [...calm, [100, 100, 40, 45], [45, 46, 44, 45]]);
}

interface Stage {
  readonly folder: string;
  readonly args: readonly string[];
}

function aStage(plugin: string): Stage {
  const folder = aFolder();
  const strategy = aFile(folder, 'plugin.mjs', plugin);
  const data = aCalmMarket(folder);
  const costs = ['--cash', '10000', '--fee-bps', '5'];
  const premises = ['--strategy', strategy, '--data', data, '--symbol', 'BTC/USDT:USDT'];
  return { folder, args: ['live', ...premises, ...costs, '--json'] };
}

const status = (folder: string) => runJson<Status>(['status'], folder);

/** Polls until the session shows what is asked for. */
async function until(folder: string, isThere: (status: Status) => boolean): Promise<Status> {
  for (let tries = 0; tries < 40; tries += 1) {
    const now = await status(folder).catch(() => undefined);
    if (now !== undefined && isThere(now)) return now;
    await sleep(100);
  }
  throw new Error('the session never came to that point');
}

const isProtected = ({ positions, working_orders: orders }: Status) =>
  positions.length === 1 && orders.length === 1;

async function endOf(run: Started): Promise<LiveEnd> {
  const { status: code, stdout, stderr } = await run.ended;
  if (code !== 0) throw new Error(`it ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as LiveEnd;
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s during a paced run', (signal) => {
  test('ends it with status 0 and protection resting; the next start is warm [L12]', async () => {
    const { folder, args } = aStage(HOLDER);
    const whole = await runJson<LiveEnd>([...args.slice(0, -1), '--sessions', 'whole'], folder);
    expect(whole).toMatchObject({ closed_positions: 1, cause: 'end_of_data' });

    const first = startRunner([...args, ...PACE], folder);
    const running = await until(folder, isProtected);
    expect(running).toMatchObject({ state: 'running', positions: [{ stop_price: '50' }] });
    first.process.kill(signal);
    const stopped = await endOf(first);
    expect(stopped).toMatchObject({ start: 'cold', cause: signal.toLowerCase() });
    expect(stopped.bars).toBeLessThan(BARS);

    const resting = await status(folder);
    expect(resting).toMatchObject({ state: 'stopped', positions: running.positions });
    expect(resting.working_orders).toEqual(running.working_orders);

    const second = startRunner([...args, ...PACE], folder);
    await second.says('warm_start');
    const again = await until(folder, ({ runs }) => runs.length === 2);
    expect(again.working_orders).toEqual(running.working_orders);
    second.process.kill(signal);
    expect(await endOf(second)).toMatchObject({ start: 'warm', cause: signal.toLowerCase() });

    const rest = await endOf(startRunner(args, folder));
    expect(rest).toMatchObject({ start: 'warm', bars: whole.bars, closed_positions: 1 });
    expect(rest.result_hash).toBe(whole.result_hash);
    const { runs, positions, working_orders: orders } = await status(folder);
    expect(runs.map(({ exit }) => exit)).toEqual([
      signal.toLowerCase(),
      signal.toLowerCase(),
      'end_of_data',
    ]);
    expect({ positions, orders }).toEqual({ positions: [], orders: [] });
  });
});

test('a pending limit entry is shown, survives SIGKILL and fills later [R9] [R24]', async () => {
  const { folder, args } = aStage(BIDDER);
  const first = startRunner([...args, ...PACE], folder);
  const waiting = await until(folder, ({ pending }) => pending.length === 1);
  first.process.kill('SIGKILL');
  expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });

  const shown = await runJson<{ readonly pending: readonly unknown[] }>(
    ['status', '--pending'],
    folder,
  );
  expect(shown.pending).toEqual(waiting.pending);
  expect(waiting.pending).toMatchObject([
    { side: 'buy', type: 'limit', price: '92', remaining: '1' },
  ]);

  const second = startRunner([...args, ...PACE], folder);
  await second.says('warm_start');
  const again = await until(folder, ({ runs }) => runs.length === 2);
  expect(again.pending).toEqual(waiting.pending);
  expect(again.runs[0]).toMatchObject({ exit: 'crashed' });
  second.process.kill('SIGTERM');
  await endOf(second);

  const rest = await endOf(startRunner(args, folder));
  expect(rest).toMatchObject({ start: 'warm', open_positions: [{ side: 'long', qty: '1' }] });
  expect((await status(folder)).pending).toEqual([]);
});
