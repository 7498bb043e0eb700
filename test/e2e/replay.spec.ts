import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aMinuteFile } from './bars.js';
import { aFile, aFolder, runJson, runRunner, startRunner } from './run-runner.js';

interface ReplayReport {
  readonly isSame: boolean;
  readonly divergence?: {
    readonly level: string;
    readonly seq: number;
    readonly cause: string;
    readonly hook: string;
    readonly recorded: { readonly kind: string } | null;
    readonly produced: { readonly kind: string } | null;
  };
}

interface LiveEnd {
  readonly session_id: string;
}

const BARS = 60;

/** Opens and closes by turns; `quantity` and `isDue` are expressions of the plugin's own. */
function aPlugin(quantity: string, isDue = 'bars % 5 === 0'): string {
  return `
export default { create: (ctx) => {
  let bars = 0;
  return {
    onBar() {
      bars += 1;
      if (!(${isDue})) return;
      if (ctx.positions.length > 0) return {
        kind: 'close', target: { side: 'long' }, order: { type: 'market' }, reason: { code: 't' },
      };
      return {
        kind: 'open', side: 'long', sizing_policy: { mode: 'qty', qty: ${quantity}, unit: 'base' },
        order: { type: 'market' }, reason: { code: 't' },
      };
    },
    snapshot: () => ({ bars }),
    restore: (state) => { bars = state.bars; },
  };
} };`;
}

function aMarket(folder: string): string {
  const bars = Array.from({ length: BARS }, (_, i) => [100 + i, 101 + i, 99 + i, 100 + i] as const);
  return aMinuteFile(folder, bars);
}

async function aSession(folder: string, plugin: string, more: readonly string[] = []) {
  const market = ['--data', aMarket(folder), '--symbol', 'BTC/USDT:USDT', '--cash', '1000000'];
  const args = ['live', '--strategy', aFile(folder, 'plugin.mjs', plugin), ...market, ...more];
  return runJson<LiveEnd>(args, folder);
}

async function replayed(folder: string, session: string, more: readonly string[] = []) {
  const ended = await runRunner(['replay', session, '--json', ...more], folder);
  return { status: ended.status, report: JSON.parse(ended.stdout) as ReplayReport };
}

describe('runner replay', () => {
  test('finds a session the same again at both levels, without the plugin file', async () => {
    const folder = aFolder();
    const { session_id } = await aSession(folder, aPlugin("'1'"));
    aFile(folder, 'plugin.mjs', 'throw new Error("replay must not need this file");');
    const { status, report } = await replayed(folder, session_id);
    expect({ status, isSame: report.isSame }).toEqual({ status: 0, isSame: true });
  });

  test('restores the plugin where the session was killed and resumed', async () => {
    const folder = aFolder();
    const market = ['--data', aMarket(folder), '--symbol', 'BTC/USDT:USDT', '--cash', '1000000'];
    const plugin = aFile(folder, 'plugin.mjs', aPlugin("'1'"));
    const args = ['live', '--strategy', plugin, ...market, '--speed', '2400'];
    const first = startRunner(args, folder);
    await first.says('cold_start');
    await new Promise((resolve) => setTimeout(resolve, 700));
    first.process.kill('SIGTERM');
    await first.ended;
    const { session_id } = await runJson<LiveEnd>(args.slice(0, -2), folder);
    const { status, report } = await replayed(folder, session_id);
    expect(report).toMatchObject({ isSame: true });
    expect(status).toBe(0);
  });

  test.for([
    ['Math.random()', 'String((1 + Math.floor(Math.random() * 1e6) / 1e6).toFixed(3))'],
    ['Date.now()', 'String(1 + (Date.now() % 100000) / 1000)'],
  ] as const)('catches a plugin that uses %s, at the first intent', async ([, quantity]) => {
    const folder = aFolder();
    const { session_id } = await aSession(folder, aPlugin(quantity));
    const { status, report } = await replayed(folder, session_id);
    expect(status).toBe(2);
    expect(report.divergence).toMatchObject({
      level: 'strategy',
      cause: 'nondeterminism',
      hook: 'onBar',
      recorded: { kind: 'open' },
      produced: { kind: 'open' },
    });
    const { stdout } = await runRunner(['replay', session_id], folder);
    expect(stdout).toContain('NOT the same: strategy, row ');
    expect(stdout).toContain(' of plugin, BTC/USDT:USDT:plugin onBar at bar:1m:');
  });

  test('says that the plugin is another one when another is given in its place', async () => {
    const folder = aFolder();
    const { session_id } = await aSession(folder, aPlugin("'1'"));
    const other = aFile(folder, 'other.mjs', aPlugin("'2'"));
    const { status, report } = await replayed(folder, session_id, ['--strategy', other]);
    expect(status).toBe(2);
    expect(report.divergence).toMatchObject({ level: 'strategy', cause: 'plugin_code' });
    const same = aFile(folder, 'same.mjs', aPlugin("'1'"));
    expect(await replayed(folder, session_id, ['--strategy', same])).toMatchObject({ status: 0 });
  });

  test('names the session that keeps no plugin, and the one that is not there', async () => {
    const folder = aFolder();
    const { session_id } = await aSession(folder, aPlugin("'1'"));
    rmSync(join(folder, 'sessions', session_id, 'plugin.mjs'));
    const kept = await runRunner(['replay', session_id], folder);
    expect(kept).toMatchObject({ status: 66, stdout: '' });
    expect(kept.stderr).toContain('does not hold its plugin and engine config');
    expect(await runRunner(['replay', 'nothing'], folder)).toMatchObject({ status: 66 });
  });
});
