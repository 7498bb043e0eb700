// The operator's hand on a session that trades: kill, pause and stop from another terminal, a cold
// start, and an account that somebody else has traded on.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { closeLong, dca, limitAt, openLong, quantity, stopAt } from '../support/bodies.js';
import { type Stage, aStage, ended } from './exchange-stage.js';
import type { Ended } from './run-runner.js';

const ACCOUNT = ['--exchange', 'binanceusdm', '--account', 'local'];
const WHY = ['--reason', 'prices look wrong'];
const HELD = openLong({ sizing_policy: quantity('0.5'), protection: stopAt('47000') });
const BID = dca(1, { sizing_policy: quantity('0.1'), order: limitAt('48000') });

/** An error of the command stands last on stderr, below what was logged. */
function refusalOf({ stderr }: Ended): string {
  return stderr.slice(stderr.indexOf('error '));
}

async function codes(stage: Stage): Promise<readonly string[]> {
  const denied = await stage.entries('intent_denied');
  return denied.map((entry) => ('code' in entry ? String(entry.code) : ''));
}

function bundlesOf(stage: Stage): readonly string[] {
  const folder = join(stage.folder, 'sessions', stage.sessions.at(-1)!, 'bundles');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tar.gz'))
    .map((name) => join(folder, name));
}

/** A position with its stop, and an entry that waits below the price. */
async function holding(stage: Stage): Promise<void> {
  await stage.bars(1);
  // With its stop the session knows of the position.
  await stage.until(() => stage.held === 0.5 && stage.resting.length === 1);
  await stage.bars(1);
  await stage.until(() => stage.resting.length === 2);
}

// Several processes are started in each.
vi.setConfig({ testTimeout: 240_000 });

test('a kill takes entries back, keeps protection, bundles, lasts [R13] [B5] [B18]', async () => {
  const stage = await aStage({ script: { 0: HELD, 1: BID, 2: dca(2), 4: dca(1), 5: closeLong() } });
  const first = await stage.live();
  await holding(stage);
  const kill = await stage.run(['kill', ...ACCOUNT, ...WHY]);
  expect(kill).toMatchObject({ status: 0, stderr: '' });
  await first.says('"command":"kill"');
  await stage.until(() => stage.resting.length === 1);
  expect(stage.resting).toEqual(['SELL STOP_MARKET']);
  await stage.bars(1);
  expect(await codes(stage)).toEqual(['KILLED']);
  // One of the moment of the kill, while it goes on, and one of its end.
  await first.says('"event":"bundle_written"');
  const [atKill] = bundlesOf(stage);
  const end = await ended(first, 'SIGTERM');
  expect(end).toMatchObject({ status: 0 });
  const bundles = bundlesOf(stage);
  expect(bundles).toEqual([atKill, expect.any(String)]);
  expect(end.stdout).toContain(`\nbundle ${bundles[1]}\n`);
  const verified = await stage.run(['journal', 'verify', atKill!]);
  expect(verified).toMatchObject({ status: 0, stderr: '' });
  const log = execFileSync('tar', ['-xzOf', bundles[1]!, '--wildcards', '*runner.log']);
  expect(String(log)).toMatch(/"event":"cold_start"[^]*"command":"kill"[^]*"loop_shutdown"/);

  const second = await stage.live();
  expect(stage.resting).toEqual(['SELL STOP_MARKET']);
  await stage.bars(2);
  expect(await codes(stage)).toEqual(['KILLED', 'KILLED']);
  await stage.bars(1);
  await stage.until(() => stage.held === 0 && stage.resting.length === 0);
  const { stderr } = await ended(second, 'SIGTERM');
  expect(stderr).toContain('kill is up: no entries');
  expect(stderr).toContain('prices look wrong');
});

describe('a cold start', () => {
  test('of a killed or held account is refused, and changes nothing [B11]', async () => {
    const stage = await aStage({ script: { 0: HELD, 6: HELD } });
    const first = await stage.live();
    await stage.bars(1);
    await stage.until(() => stage.held === 0.5 && stage.resting.length === 1);
    await ended(first, 'SIGTERM');
    const [session] = stage.sessions;
    await stage.run(['kill', ...ACCOUNT, ...WHY]);
    const cold = async (status: number, ...more: readonly string[]): Promise<string> => {
      const run = await stage.run(stage.liveArgs('--start', 'cold', ...more));
      expect({ status: run.status, stdout: run.stdout }).toEqual({ status, stdout: '' });
      return refusalOf(run);
    };
    const killed = await cold(77);
    expect(killed).toContain('error KILLED: ');
    expect(killed).toContain('--reset-kill');
    expect(await cold(64, '--reset-kill')).toContain('--reason');
    const held = await cold(77, '--reset-kill', '--reason', 'looked into');
    expect(held).toContain('error COLD_START_REFUSED: ');
    expect(held).toContain('long 0.5');
    // What was refused has taken back no kill and left no session that a warm start would take.
    const warm = await stage.live();
    const { stderr } = await ended(warm, 'SIGTERM');
    expect(stderr).toContain('kill is up: no entries');
    expect(stderr).toContain('"event":"warm_start"');
    expect(stage.sessions).toEqual([session]);
    expect(stage.resting).toEqual(['SELL STOP_MARKET']);
  });

  test('is refused in a black-out window, and leaves no session [B18]', async () => {
    const window = { reason: 'a quiet week', from: '2023-12-31', to: '2024-01-07' };
    const config = { blackout: { zone: 'America/New_York', windows: [window] } };
    const stage = await aStage({ config });
    const run = await stage.run(stage.liveArgs());
    expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 77, stdout: '' });
    expect(refusalOf(run)).toContain('error COLD_START_REFUSED: ');
    expect(refusalOf(run)).toContain('a quiet week');
    expect(refusalOf(run)).toContain('2024-01-07T05:00:00');
    expect(stage.sessions).toEqual([]);
  });

  test('of a flat account takes a kill back with a reason, and begins anew [B11]', async () => {
    const stage = await aStage({ script: { 1: HELD } });
    const first = await stage.live();
    await stage.bars(1);
    await ended(first, 'SIGTERM');
    await stage.run(['kill', ...ACCOUNT, ...WHY]);
    const reset = ['--reset-kill', '--reason', 'looked into'];
    const second = await stage.live('--start', 'cold', ...reset);
    await stage.bars(1);
    await stage.until(() => stage.held === 0.5 && stage.resting.length === 1);
    const { stderr } = await ended(second, 'SIGTERM');
    expect(stderr).toContain('"event":"cold_start"');
    expect(stderr).toContain('looked into');
    expect(stage.sessions).toHaveLength(2);
  });
});

test('pause and --start-paused hold entries until resume, and the run goes on [B10]', async () => {
  const stage = await aStage({ script: { 0: HELD, 1: HELD, 2: dca(1), 3: dca(1) } });
  const run = await stage.live('--start-paused');
  await stage.bars(1);
  expect(await codes(stage)).toEqual(['ENTRIES_PAUSED']);
  await stage.run(['resume', ...ACCOUNT, ...WHY]);
  await run.says('"command":"resume"');
  await stage.bars(1);
  await stage.until(() => stage.held === 0.5 && stage.resting.length === 1);
  await stage.run(['stop', ...ACCOUNT, ...WHY]);
  await run.says('"command":"stop"');
  await stage.bars(1);
  expect(await codes(stage)).toEqual(['ENTRIES_PAUSED', 'ENTRIES_STOPPED']);
  await stage.run(['resume', ...ACCOUNT, '--reason', 'again']);
  await run.says('again');
  await stage.bars(1);
  await stage.until(() => stage.held === 1.5);
  expect(await ended(run, 'SIGTERM')).toMatchObject({ status: 0 });
});

test('reconcile shows what differs, and changes it on demand only [X8] [B8] [B14]', async () => {
  const stage = await aStage({ script: { 0: HELD } });
  const run = await stage.live();
  await stage.bars(1);
  await stage.until(() => stage.held === 0.5 && stage.resting.length === 1);
  await ended(run, 'SIGTERM');
  const reconcile = async (...more: readonly string[]) => {
    const { status, stdout } = await stage.run([
      'reconcile',
      '--config',
      'config.json',
      '--json',
      ...more,
    ]);
    return { status, plan: JSON.parse(stdout) as Plan };
  };
  expect(await reconcile('--dry-run')).toMatchObject({
    status: 0,
    plan: { schema: 'runner.reconcile/1', isClear: true, items: [], missed: {}, after: null },
  });
  const hand = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.2' };
  await stage.byHand('POST', '/fapi/v1/order', hand);
  const bid = { ...hand, type: 'LIMIT', timeInForce: 'GTC', price: '45000' };
  await stage.byHand('POST', '/fapi/v1/order', bid);
  const booked = async () =>
    (await stage.entries('external_fill')).filter((entry) => 'kind' in entry).length;
  const found = await reconcile('--dry-run', '--on-untracked', 'cancel');
  expect(found).toMatchObject({ status: 2, plan: { missed: { external_fill: 1 }, after: null } });
  expect(found.plan.items.map(({ action }) => action)).toContain('cancel');
  expect(await booked()).toBe(0);
  expect(stage.resting).toContain('BUY LIMIT');
  const applied = await reconcile('--apply', '--on-untracked', 'cancel');
  expect(applied).toMatchObject({ status: 0, plan: { after: { isClear: true } } });
  expect(stage.resting).not.toContain('BUY LIMIT');
  expect(await booked()).toBe(1);
  expect(await reconcile('--dry-run')).toMatchObject({ status: 0, plan: { isClear: true } });
  // Never traded back (B14).
  expect(stage.held).toBe(0.7);
});

interface Plan {
  readonly items: readonly { readonly action: string }[];
}
