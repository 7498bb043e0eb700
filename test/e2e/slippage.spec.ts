import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aSeededWalk } from './bars.js';
import { expectRefused } from './refusal.js';
import { aFile, aFolder, runJson, runRunner, startRunner } from './run-runner.js';

const MARKET = ['--symbol', 'BTC/USDT:USDT', '--cash', '1000000', '--fee-bps', '0'];

/** Opens long and short by turns, in sizes that differ, and closes three bars later. */
const PLUGIN = `
export default { create: (ctx) => {
  let bars = 0;
  return {
    onBar() {
      bars += 1;
      if (bars % 3 !== 0) return;
      const [position] = ctx.positions;
      const order = { type: 'market' };
      const reason = { code: 't' };
      if (position !== undefined) {
        return { kind: 'close', target: { side: position.side }, order, reason };
      }
      const qty = String(0.5 + (bars % 7) / 4);
      const side = bars % 4 < 2 ? 'long' : 'short';
      const sizing_policy = { mode: 'qty', qty, unit: 'base' };
      return { kind: 'open', side, sizing_policy, order, reason };
    },
    snapshot: () => ({ bars }),
    restore: (state) => { bars = state.bars; },
  };
} };`;

interface Model {
  readonly coefficients: {
    readonly half_spread_bps: number;
    readonly participation_bps: number;
    readonly volatility: number;
    readonly buy_bps: number;
    readonly sell_bps: number;
    readonly hours_bps: readonly number[];
  };
  readonly errors: { readonly model_mae_bps: number; readonly constant_mae_bps: number };
  readonly is_better_than_constant: boolean;
  readonly sessions: readonly string[];
  readonly hash: string;
}

interface Report {
  readonly config_hash: string;
  readonly result_hash: string;
  readonly final_equity: string;
}

interface LiveEnd {
  readonly session_id: string;
  readonly final_equity: string;
}

/** The costs that the tests trade under, to be found again by the fit. */
const COSTS: Model['coefficients'] = {
  half_spread_bps: 2,
  participation_bps: 100,
  volatility: 0.5,
  buy_bps: 0,
  sell_bps: 3,
  hours_bps: [0, 4, 0, 0],
};

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

function aModelFile(folder: string, name = 'costs.json'): string {
  const content = {
    schema: 'runner.slippage-model/1',
    sessions: [],
    symbols: ['BTC/USDT:USDT'],
    timeframe: '1m',
    from_ms: 0,
    to_ms: 0,
    n: { train: 0, hold_out: 0 },
    coefficients: COSTS,
    constant_bps: 5,
    errors: { model_mae_bps: 0, constant_mae_bps: 1, model_bias_bps: 0, constant_bias_bps: 0 },
    is_better_than_constant: true,
  };
  const hash = createHash('sha256')
    .update(JSON.stringify(sorted(content)))
    .digest('hex');
  return aFile(folder, name, JSON.stringify({ ...content, hash }));
}

function aStage(bars: number) {
  const folder = aFolder();
  const plugin = aFile(folder, 'plugin.mjs', PLUGIN);
  const args = ['--strategy', plugin, '--data', aSeededWalk(folder, bars, 3), ...MARKET];
  return { folder, args, model: aModelFile(folder) };
}

const backtest = (folder: string, args: readonly string[]) =>
  runJson<Report>(['backtest', '--no-session', ...args], folder);

describe('runner slippage fit', () => {
  test('finds the costs of a session, which then price a backtest alike [X10]', async () => {
    const { folder, args, model } = aStage(900);
    const costs = ['--slippage-model', model];
    const session = await runJson<LiveEnd>(['live', ...args, ...costs], folder);
    const fit = ['slippage', 'fit', session.session_id, '--out', 'fitted.json'];
    const document = await runJson<{ readonly model: Model }>(fit, folder);
    const written = JSON.parse(readFileSync(join(folder, 'fitted.json'), 'utf8')) as Model;
    expect(written).toEqual(document.model);
    const { coefficients, errors, is_better_than_constant, sessions } = written;
    expect(sessions).toEqual([session.session_id]);
    expect(coefficients.half_spread_bps).toBeCloseTo(COSTS.half_spread_bps, 0);
    expect(coefficients.participation_bps).toBeCloseTo(COSTS.participation_bps, -1);
    expect(coefficients.volatility).toBeCloseTo(COSTS.volatility, 1);
    expect(coefficients.sell_bps - coefficients.buy_bps).toBeCloseTo(COSTS.sell_bps, 1);
    expect(coefficients.hours_bps[1]! - coefficients.hours_bps[0]!).toBeCloseTo(4, 1);
    expect(is_better_than_constant).toBe(true);
    expect(errors.model_mae_bps).toBeLessThan(errors.constant_mae_bps / 10);

    // The fills of a paper session are those of a backtest on the same premises.
    const known = await backtest(folder, [...args, ...costs]);
    expect(known.final_equity).toBe(session.final_equity);
    const fitted = await backtest(folder, [...args, '--slippage-model', 'fitted.json']);
    const without = await backtest(folder, args);
    const lost = (report: Report) => Number(report.final_equity) - Number(known.final_equity);
    expect(Math.abs(lost(fitted))).toBeLessThan(Math.abs(lost(without)) / 100);
    expect(new Set([known, fitted, without].map((run) => run.config_hash)).size).toBe(3);

    const against = ['slippage', session.session_id, '--model', 'fitted.json'];
    const shown = await runJson<{
      readonly predicted: { readonly mae_bps: number; readonly orders: number };
      readonly legs: readonly unknown[];
    }>(against, folder);
    expect(shown.predicted.mae_bps).toBeLessThan(0.2);
    expect(shown.predicted.orders).toBe(shown.legs.length);

    const compare = ['compare', session.session_id, '--slippage-model', 'fitted.json'];
    const compared = await runJson<{ readonly predicted_slippage: object }>(compare, folder);
    expect(compared.predicted_slippage).toEqual(shown.predicted);
    const { stdout } = await runRunner([...compare, '--html', 'page.html'], folder);
    expect(stdout).toContain(`against ${shown.legs.length} orders filled as a taker`);
    const drawn = readFileSync(join(folder, 'page.html'), 'utf8').match(/<circle /g);
    expect(drawn).toHaveLength(shown.legs.length);

    // A page that cannot be written costs nobody the answer.
    const page = await runRunner([...compare, '--html', '/proc/page.html'], folder);
    expect(page.stdout).toBe(stdout);
    expect(page.stderr).toContain('error STORE_WRITE_FAILED: /proc/page.html');
  });

  test('refuses a session with too few fills, and writes no file', async () => {
    const { folder, args } = aStage(30);
    const { session_id } = await runJson<LiveEnd>(['live', ...args], folder);
    const ended = await runRunner(['slippage', 'fit', session_id, '--out', 'model.json'], folder);
    expectRefused(ended, { status: 65, code: 'SLIPPAGE_SAMPLE_TOO_SMALL' });
    expect(() => readFileSync(join(folder, 'model.json'))).toThrow('ENOENT');
  });

  test.each<[string, readonly string[]]>([
    ['without a place for the model', ['fit', 'some-session']],
    ['without a session', ['fit', '--out', 'model.json']],
    ['with a grouping', ['fit', 'some-session', '--out', 'model.json', '--by', 'side']],
    ['that is none, with a place for a model', ['some-session', '--out', 'model.json']],
  ])('is not understood %s', async (_title, args) => {
    const ended = await runRunner(['slippage', ...args], aFolder());
    expectRefused(ended, { status: 64, code: 'USAGE' });
  });
});

describe('a slippage model', () => {
  test('goes on pricing a resumed session as one that never stopped', async () => {
    const { folder, args, model } = aStage(240);
    const all = [...args, '--slippage-model', model];
    const first = startRunner(['live', ...all, '--speed', '4800'], folder);
    await first.says('cold_start');
    await new Promise((resolve) => setTimeout(resolve, 900));
    first.process.kill('SIGTERM');
    await first.ended;
    const end = await runJson<LiveEnd & { readonly start: string }>(['live', ...all], folder);
    const { final_equity } = await backtest(folder, all);
    expect({ start: end.start, equity: end.final_equity }).toEqual({
      start: 'warm',
      equity: final_equity,
    });
  });

  test('is kept with its session, which compares to zero without the file', async () => {
    const { folder, args, model } = aStage(120);
    const live = ['live', ...args, '--slippage-model', model];
    const { session_id } = await runJson<LiveEnd>(live, folder);
    rmSync(model);
    const found = await runJson<{
      readonly difference: string;
      readonly causes: readonly { readonly amount: string }[];
    }>(['compare', session_id], folder);
    expect(found.difference).toBe('0');
    expect(new Set(found.causes.map(({ amount }) => amount))).toEqual(new Set(['0']));
  });

  test('is a premise of its session by what it says, not by where it lies', async () => {
    const { folder, args, model } = aStage(60);
    const moved = aModelFile(folder, 'moved.json');
    const [one, other] = [
      await backtest(folder, [...args, '--slippage-model', model]),
      await backtest(folder, [...args, '--slippage-model', moved]),
    ];
    expect(one.config_hash).toBe(other.config_hash);
    expect(one.result_hash).toBe(other.result_hash);
  });
});

describe('runner slippage', () => {
  test('says what each kind of order cost, N/A where it saw too few', async () => {
    const { folder, args } = aStage(120);
    const live = ['live', ...args, '--slippage-bps', '10'];
    const { session_id } = await runJson<LiveEnd>(live, folder);
    const { status, stdout } = await runRunner(['slippage', session_id, '--by', 'side'], folder);
    expect(status).toBe(0);
    expect(stdout).toMatch(/all: \d+ orders/);
    expect(stdout).toMatch(/buy: \d+ orders/);
    expect(stdout).toMatch(/taker against market, bps +\d+ +10\.\d\d/);
    expect(stdout).toMatch(/sent to acknowledged, ms +0 +N\/A +N\/A +N\/A/);
  });

  test('has nothing to say of a backtest, which keeps no journal', async () => {
    const { folder, args } = aStage(60);
    const report = await runJson<{ readonly run: { readonly session_id: string } }>(
      ['backtest', ...args],
      folder,
    );
    const ended = await runRunner(['slippage', report.run.session_id], folder);
    expectRefused(ended, { status: 66, code: 'SESSION_NOT_FOUND' });
  });
});
