// Several runs of one config file, each a process of its own: what becomes of one, be it a kill, a
// crash or a refusal, is nothing to the other.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionMetadata } from '@strategy-runner/contracts';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AccountStore } from '../../adapters/src/account-store/account-store.js';
import { isSessionLocked } from '../../adapters/src/store/session-lock.js';
import { closeLong, dca, openLong, quantity, stopAt } from '../support/bodies.js';
import { aMinuteFile } from './bars.js';
import {
  type Stage,
  aStage,
  calmVariables,
  ended,
  entriesOf,
  scriptOf,
  sessionsIn,
} from './exchange-stage.js';
import { aFile, aFolder, runRunner, startRunner } from './run-runner.js';

vi.setConfig({ testTimeout: 240_000 });

const LIMIT = { timeout: 60_000, interval: 50 };
const until = (isTrue: () => boolean | Promise<boolean>) => expect.poll(isTrue, LIMIT).toBe(true);

interface Side {
  readonly stage: Stage;
  readonly account: string;
}

const HELD = openLong({ sizing_policy: quantity('0.5'), protection: stopAt('47000') });
const MORE = dca(1, { sizing_policy: quantity('0.1') });
const SCRIPT = { 0: HELD, 1: MORE, 2: closeLong() };

/** Two exchanges, an account at each, and a file that runs one strategy on either. */
async function twoAccounts() {
  const [one, two] = [await aStage(keysOf('one')), await aStage(keysOf('two'))];
  const { folder } = one;
  const accounts = { one: reached(one), two: reached(two) };
  const market = { exchange: 'binanceusdm', symbol: 'BTC/USDT:USDT', timeframe: '1m' };
  const run = { strategy: './plugin.mjs', mode: 'live', ...market };
  const runs = { first: { ...run, account: 'one' }, second: { ...run, account: 'two' } };
  const risk = { max_leverage: '5' };
  aFile(folder, 'plugin.mjs', scriptOf(SCRIPT));
  writeFileSync(join(folder, 'runs.json'), JSON.stringify({ accounts, runs, risk }));
  const variables = {
    RUNNER_API_KEY: '',
    RUNNER_API_SECRET: '',
    ...variablesOf('one'),
    ...variablesOf('two'),
  };
  return { folder, variables, one: side(one, 'one'), two: side(two, 'two') };
}

const side = (stage: Stage, account: string): Side => ({ stage, account });
const keysOf = (name: string) => ({
  credentials: { apiKey: `${name}-key`, secret: `${name}-secret` },
});
const variablesOf = (name: string) => ({
  [`RUNNER_${name.toUpperCase()}_API_KEY`]: `${name}-key`,
  [`RUNNER_${name.toUpperCase()}_API_SECRET`]: `${name}-secret`,
});

function reached({ venue }: Stage) {
  return {
    exchange: 'binanceusdm',
    rest_url: venue.url,
    stream_url: venue.url.replace('http', 'ws'),
    identity_key: venue.identityKey,
    call_deadline_ms: 3000,
    recv_window_ms: 3000,
    reconcile_interval_ms: 600_000,
  };
}

function metadataOf(folder: string, session: string): SessionMetadata | undefined {
  const path = join(folder, 'sessions', session, 'session.json');
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, 'utf8')) as SessionMetadata;
}

test('[B12] runs of one file trade, are killed, crash and end each on their own', async () => {
  const { folder, variables, one, two } = await twoAccounts();
  const sessionOf = ({ account }: Side) =>
    sessionsIn(folder).find((id) => metadataOf(folder, id)?.account === account);
  const entries = async (kind: string, of: Side) => {
    const session = sessionOf(of);
    return session === undefined ? [] : entriesOf(folder, kind, session);
  };
  const isReady = async (of: Side, times: number) => {
    const states = (await entries('connection', of)).map((one) => 'state' in one && one.state);
    return states.filter((state) => state === 'ready').length === times && of.stage.isHeard;
  };
  const play = (...sides: readonly Side[]) => {
    for (const { stage } of sides) stage.venue.playback.playBar();
  };
  const stateDir = join(one.stage.variables['XDG_STATE_HOME'] ?? '', 'strategy-runner');
  const accountOf = ({ account }: Side) => {
    const id = { exchange: 'binanceusdm', account };
    return new AccountStore({ stateDir, id, clock: { now: () => Date.now() } });
  };
  const runsOf = (of: Side) => metadataOf(folder, sessionOf(of) ?? '')?.runs;
  const about = (...args: readonly string[]) =>
    runRunner([...args, '--config', 'runs.json', '--json'], folder, {
      ...one.stage.variables,
      ...variables,
    });

  // Bundles are the matter of other tests, and each costs a process.
  const args = ['live', '--config', 'runs.json', '--all', '--json', '--no-end-bundle'];
  const all = one.stage.start(args, variables);
  await until(async () => (await isReady(one, 1)) && (await isReady(two, 1)));
  play(one, two);
  await until(() => one.stage.held === 0.5 && two.stage.held === 0.5);

  await accountOf(one).setFlag('kill', { by: 'test', reason: 'this one only' });
  await until(async () => (await entries('command', one)).length > 0);
  play(one, two);
  await until(() => two.stage.held === 0.6);
  await until(async () => (await entries('intent_denied', one)).length > 0);
  expect(one.stage.held).toBe(0.5);

  const holder = await accountOf(two).holder();
  process.kill(typeof holder === 'object' && holder !== null ? holder.pid : NaN, 'SIGKILL');
  await until(() => isReady(two, 2));
  expect(runsOf(two)).toMatchObject([{ exit: 'crashed' }, { start: 'warm', ended_at: null }]);
  expect(runsOf(one)).toMatchObject([{ ended_at: null }]);
  play(one, two);
  await until(() => one.stage.held === 0 && two.stage.held === 0);

  const shown = await about('status');
  expect(JSON.parse(shown.stdout)).toMatchObject({
    runs: [
      { name: 'first', account: 'one', state: 'running', session: { session_id: sessionOf(one) } },
      { name: 'second', account: 'two', state: 'running', session: { entries_held_by: [] } },
    ],
  });
  const { status, stdout, stderr } = await ended(all, 'SIGTERM');
  expect(status).toBe(0);
  const exit = { state: 'ended', exit: 0, end: { cause: 'sigterm' } };
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'runner.runs/1',
    exit: 0,
    runs: [
      { name: 'first', account: 'one', session: sessionOf(one), restarts: 0, ...exit },
      { name: 'second', account: 'two', session: sessionOf(two), restarts: 1, ...exit },
    ],
  });
  const lines = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { run_name?: string });
  expect(new Set(lines.map((line) => line.run_name))).toEqual(
    new Set([undefined, 'first', 'second']),
  );
});

test('[B12] a run ends gracefully when its supervisor is killed', async () => {
  const folder = aFolder();
  const bars = Array.from({ length: 20_000 }, () => [100, 105, 95, 100] as const);
  const data = aMinuteFile(folder, bars);
  aFile(folder, 'plugin.mjs', scriptOf({}));
  const run = { strategy: './plugin.mjs', data, symbol: 'BTC/USDT:USDT', speed: '60' };
  aFile(folder, 'runs.json', JSON.stringify({ runs: { first: run } }));
  const args = ['live', '--config', 'runs.json', '--all'];
  const all = startRunner(args, folder, calmVariables(folder));
  onTestFinished(() => void all.process.kill('SIGKILL'));
  const exits = () =>
    sessionsIn(folder).map((id) => metadataOf(folder, id)?.runs.map(({ exit }) => exit));
  await until(() => JSON.stringify(exits()) === '[[null]]');
  expect(await ended(all, 'SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
  await until(() => JSON.stringify(exits()) === '[["supervisor_gone"]]');
  // The store is closed, and the session free for whoever goes on with it.
  for (const id of sessionsIn(folder)) {
    await until(async () => !(await isSessionLocked({ path: join(folder, 'sessions', id) })));
  }
});
