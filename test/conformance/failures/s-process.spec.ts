import { execFileSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FIRST_MS, type Stage, aStage, ended } from '../../e2e/exchange-stage.js';
import { closeLong, openLong, quantity, stopAt } from '../../support/bodies.js';

const ORDER = 'POST /fapi/v1/order';
const OPEN = openLong({ sizing_policy: quantity('0.5'), protection: stopAt('49000') });
const ACCOUNT = ['--exchange', 'binanceusdm', '--account', 'local'];
const SLOW_MS = 120_000;

const ordersAt = ({ requests }: Stage): number => requests.filter((name) => name === ORDER).length;

/** What differs between the session and what the exchange says has happened. */
async function differencesOf(stage: Stage): Promise<readonly object[]> {
  const [session = ''] = stage.sessions;
  const { url } = stage.venue;
  const ran = await stage.run(['venue', 'diff', '--session', session, '--truth', url, '--json']);
  return (JSON.parse(ran.stdout) as { readonly differences: readonly object[] }).differences;
}

function filesBelow(path: string): readonly string[] {
  return readdirSync(path, { recursive: true }).map(String);
}

/** Somebody listens to the bars. */
function isHeard({ venue }: Stage): boolean {
  const heard: string[] = [];
  venue.hub.each('all', ({ streams }) => heard.push(...streams));
  return heard.some((name) => name.includes('@kline_'));
}

/** Bytes that no file of the process may grow beyond: what a full disk does, at a chosen moment. */
function limitFiles(pid: number, bytes: number): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}`]);
}

function canLimit(): boolean {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!canLimit())(
  'S4: a disk that is full stops entries and no exit, and the next start makes up for it',
  { timeout: SLOW_MS },
  async () => {
    const script = { 0: OPEN, 2: closeLong(), 3: OPEN, 6: OPEN };
    const stage = await aStage({ script });
    const run = await stage.live();
    await stage.bars(2);
    await stage.until(() => stage.held === 0.5);
    const log = join(stage.folder, 'sessions', stage.sessions[0]!, 'session.sqlite-wal');
    const limit = 64 * 1024;
    expect(statSync(log).size).toBeGreaterThan(limit);
    limitFiles(run.process.pid!, limit);
    stage.missed(1);
    await stage.until(() => stage.held === 0);
    await run.says('STORE_WRITE_FAILED');
    stage.missed(1);
    // An entry would have left by the time at which the next bar has been heard of.
    stage.missed(1);
    const { stdout, signal } = await ended(run, 'SIGTERM');
    expect(signal).toBeNull();
    expect(stdout).not.toBe('');
    expect(ordersAt(stage)).toBe(2);
    const kept = filesBelow(join(stage.folder, 'state')).filter((name) => name.endsWith('.jsonl'));
    expect(kept).toHaveLength(1);

    const again = await stage.live();
    expect(await stage.entries('journal_gap')).toHaveLength(1);
    // The exit's order is not in the journal: its fill holds entries until somebody has seen it.
    const exit = String(stage.venue.state.trades.at(-1)!.id);
    const why = ['--reason', 'seen', '--ack', exit];
    expect((await stage.run(['resume', ...ACCOUNT, ...why])).status).toBe(0);
    await stage.until(async () => (await stage.entries('symbol_hold')).length === 2);
    await stage.bars(2);
    await stage.until(() => stage.held === 0.5);
    expect((await ended(again, 'SIGTERM')).status).toBe(0);
    const lost = { about: 'order', what: 'only_at_venue' };
    expect(await differencesOf(stage)).toMatchObject([lost]);
  },
);

describe('S8: a kill', () => {
  test('is read before the network, and holds in every run until it is taken back', async () => {
    const stage = await aStage({ script: { 0: OPEN, 2: OPEN, 4: OPEN } });
    const why = ['--reason', 'wrong prices'];
    expect((await stage.run(['kill', ...ACCOUNT, ...why])).status).toBe(0);
    await stage.venue.stop();
    const first = stage.start(stage.liveArgs());
    await first.says('"event":"connection"');
    await stage.comeUp();
    await first.says('"state":"ready"');
    await stage.until(() => isHeard(stage));
    await stage.bars(1);
    const { stderr } = await ended(first, 'SIGKILL');
    const placeOf = (event: string): number => stderr.indexOf(`"event":"${event}"`);
    expect(placeOf('kill_switch')).toBeGreaterThan(-1);
    expect(placeOf('kill_switch')).toBeLessThan(placeOf('connection'));
    const second = await stage.live();
    await stage.bars(2);
    expect(ordersAt(stage)).toBe(0);
    expect(await stage.entries('intent_denied')).toMatchObject([
      { code: 'KILLED' },
      { code: 'KILLED' },
    ]);
    await ended(second, 'SIGTERM');
    expect((await stage.run(['kill', '--reset', ...ACCOUNT, ...why])).status).toBe(0);
    const third = await stage.live();
    await stage.bars(2);
    await stage.until(() => stage.held === 0.5);
    await ended(third, 'SIGTERM');
    expect(await differencesOf(stage)).toEqual([]);
  });
});

test('S9: SIGTERM ends a run with nothing in flight', async () => {
  const stage = await aStage({ script: { 0: OPEN, 2: closeLong() } });
  const run = await stage.live();
  stage.venue.faults.add({ endpoint: ORDER, kind: 'delay', ms: 1000 });
  stage.missed(1);
  await stage.until(() => ordersAt(stage) === 1);
  expect(await ended(run, 'SIGTERM')).toMatchObject({ status: 0, signal: null });
  expect(await stage.entries('order_accepted')).not.toEqual([]);
  expect(await stage.entries('order_unknown')).toEqual([]);
  expect(await stage.entries('run_ended')).toHaveLength(1);
  const again = await stage.live();
  await stage.bars(2);
  await stage.until(() => stage.held === 0);
  await ended(again, 'SIGTERM');
  expect(ordersAt(stage)).toBe(2);
  expect(await differencesOf(stage)).toEqual([]);
});

/** Opens at the first live bar and, if it is told to, never returns from the third. */
const HANGING = `
const open = ${JSON.stringify(OPEN)};
export default { create: () => ({
  onBar(bar) {
    const index = (bar.open_ms - ${FIRST_MS}) / 60000;
    if (index === 2 && globalThis.process.env.PLUGIN_HANGS === 'yes') for (;;);
    return index === 0 || index === 2 ? open : undefined;
  },
  snapshot: () => null,
  restore: () => undefined,
}) };`;

test('X2: a plugin that never returns leaves stop and kill switch as they are', async () => {
  const stage = await aStage({ closes: [50_000, 50_000, 50_000, 48_900, 48_900] });
  writeFileSync(join(stage.folder, 'plugin.mjs'), HANGING);
  const run = stage.start(stage.liveArgs(), { PLUGIN_HANGS: 'yes' });
  await run.says('"state":"ready"');
  await stage.until(() => isHeard(stage));
  await stage.bars(2);
  await stage.until(() => stage.held === 0.5);
  // The stop rests before the price falls.
  await stage.until(() => stage.resting.length === 1);
  stage.missed(2);
  expect(stage.held).toBe(0);
  const killed = await stage.run(['kill', ...ACCOUNT, '--reason', 'it hangs']);
  expect(killed.status).toBe(0);
  expect((await ended(run, 'SIGKILL')).signal).toBe('SIGKILL');
  const again = await stage.live();
  await stage.until(async () => (await stage.entries('fill_reported')).length === 2);
  await ended(again, 'SIGTERM');
  expect(ordersAt(stage)).toBe(1);
  expect(await differencesOf(stage)).toEqual([]);
});
