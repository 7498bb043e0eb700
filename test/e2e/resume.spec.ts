import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionMetadata } from '@strategy-runner/contracts';
import { describe, expect, test } from 'vitest';
import { HEADER, minute } from './bars.js';
import { type Refusal, expectRefused } from './refusal.js';
import { aFile, aFolder, runJson, runRunner, startRunner } from './run-runner.js';
import { runSql } from './run-sql.js';

interface LiveEnd {
  readonly session_id: string;
  readonly session_dir: string;
  readonly start: string;
  readonly cause: string;
  readonly bars: number;
  readonly result_hash: string;
  readonly open_positions: readonly unknown[];
}

/** Buys at its first bar and holds. */
const HOLDER = `
const open = {
  kind: 'open', side: 'long', sizing_policy: { mode: 'qty', qty: '1', unit: 'base' },
  order: { type: 'market' }, reason: { code: 'test.hold' },
};
export default {
  config: { type: 'object', properties: { level: { type: 'number', default: 1 } } },
  create: (ctx) => ({
    onBar: () => (ctx.positions.length + ctx.open_intents.length === 0 ? open : undefined),
  }),
};`;

interface Rows {
  readonly from?: number;
  readonly to: number;
  readonly changed?: number;
}

function aBarFile(folder: string, name: string, { from = 0, to, changed = -1 }: Rows): string {
  const rows = Array.from({ length: to - from }, (_, i) => from + i).map(
    (i) => `${minute(i)},100,102,98,${i === changed ? 101 : 100},10`,
  );
  return aFile(folder, name, `${[HEADER, ...rows].join('\n')}\n`);
}

interface Stage {
  readonly folder: string;
  readonly live: (data: string, ...more: readonly string[]) => readonly string[];
}

function aStage(): Stage {
  const folder = aFolder();
  const strategy = aFile(folder, 'holder.mjs', HOLDER);
  const premises = ['live', '--strategy', strategy, '--symbol', 'BTC/USDT:USDT'];
  const cash = ['--cash', '100000'];
  const quiet = (more: readonly string[]) =>
    more.includes('--log-level') ? [] : ['--log-level', 'error'];
  return {
    folder,
    live: (data, ...more) => [...premises, ...cash, ...quiet(more), '--data', data, ...more],
  };
}

const metadataOf = (path: string) =>
  JSON.parse(readFileSync(join(path, 'session.json'), 'utf8')) as SessionMetadata;

/** A session that was told it has 200 bars, and has played 100 of them. */
async function aHalfPlayed({ folder, live }: Stage): Promise<LiveEnd> {
  const end = await runJson<LiveEnd>(live(aBarFile(folder, 'half.csv', { to: 100 })), folder);
  const metadata = metadataOf(end.session_dir);
  const data = { ...metadata.data, to_ms: metadata.data.from_ms + 200 * 60_000 };
  const file = join(end.session_dir, 'session.json');
  writeFileSync(file, JSON.stringify({ ...metadata, data, ended_at: null }));
  return end;
}

describe('a resumed session is held against its data', () => {
  test('the longer file is played on, to the same result as in one go', async () => {
    const stage = aStage();
    const { folder, live } = stage;
    const whole = live(aBarFile(folder, 'whole.csv', { to: 200 }));
    const once = await runJson<LiveEnd>([...whole, '--sessions', 'once'], folder);
    const { session_id } = await aHalfPlayed(stage);
    const rest = await runJson<LiveEnd>(whole, folder);
    expect(rest).toMatchObject({ session_id, start: 'warm', cause: 'end_of_data', bars: 200 });
    expect(rest.result_hash).toBe(once.result_hash);
    expect(metadataOf(rest.session_dir).ended_at).not.toBeNull();
  });

  test('a file of the new bars only is played on', async () => {
    const stage = aStage();
    await aHalfPlayed(stage);
    const { folder, live } = stage;
    const rest = live(aBarFile(folder, 'rest.csv', { from: 100, to: 200 }));
    expect(await runJson<LiveEnd>(rest, folder)).toMatchObject({ start: 'warm', bars: 200 });
  });

  test.each<[string, Rows, Refusal]>([
    [
      'other prices',
      { to: 200, changed: 99 },
      { status: 65, code: 'DATA_CHANGED', says: minute(99) },
    ],
    ['a hole', { from: 105, to: 200 }, { status: 65, code: 'DATA_GAP', says: minute(105) }],
  ])('%s are refused, and nothing is written', async (_what, rows, refusal) => {
    const stage = aStage();
    const { folder, live } = stage;
    const { session_dir } = await aHalfPlayed(stage);
    const before = metadataOf(session_dir);
    const data = aBarFile(folder, 'other.csv', rows);
    expectRefused(await runRunner(live(data, '--json'), folder), refusal);
    expect(metadataOf(session_dir)).toEqual(before);
  });

  test.each([100, 60])('%i bars hold nothing new, and the session stays as it was', async (to) => {
    const stage = aStage();
    const { folder, live } = stage;
    const { session_id, session_dir } = await aHalfPlayed(stage);
    const before = metadataOf(session_dir);
    const status = await runJson(['status'], folder);
    const args = live(aBarFile(folder, 'short.csv', { to }));
    expect(await runJson<LiveEnd>(args, folder)).toMatchObject({
      session_id,
      cause: 'nothing_new',
      bars: 100,
      open_positions: [{ side: 'long', qty: '1' }],
    });
    expect((await runRunner(args, folder)).stdout).toContain('nothing new in the file');
    expect(metadataOf(session_dir)).toEqual(before);
    expect(await runJson(['status'], folder)).toEqual(status);
  });

  test('a run that was cut off behind its last bar is closed by the next', async () => {
    const { folder, live } = aStage();
    const args = live(aBarFile(folder, 'whole.csv', { to: 50 }));
    const { session_dir, result_hash } = await runJson<LiveEnd>(args, folder);
    const metadata = metadataOf(session_dir);
    const runs = metadata.runs.map((run) => ({ ...run, ended_at: null, exit: null }));
    const file = join(session_dir, 'session.json');
    writeFileSync(file, JSON.stringify({ ...metadata, runs, ended_at: null }));
    const closed = await runJson<LiveEnd>(args, folder);
    expect(closed).toMatchObject({ start: 'warm', cause: 'end_of_data', bars: 50, result_hash });
    expect(metadataOf(session_dir)).toMatchObject({
      ended_at: expect.any(String),
      runs: [{ exit: 'crashed' }, { exit: 'end_of_data' }],
    });
  });

  test('a session that has played less than it began with has not ended', async () => {
    const stage = aStage();
    const { folder, live } = stage;
    const { session_dir } = await aHalfPlayed(stage);
    await runJson(live(aBarFile(folder, 'more.csv', { to: 150 })), folder);
    expect(metadataOf(session_dir)).toMatchObject({ ended_at: null });
    await runJson(live(aBarFile(folder, 'all.csv', { to: 200 })), folder);
    expect(metadataOf(session_dir).ended_at).not.toBeNull();
  });

  test.each<[string, readonly string[], string]>([
    ['--from', ['--from', '2024-01-01T00:10:00Z'], 'another --from. It was not given'],
    ['a cost', ['--fee-bps', '7'], 'config: /costs/maker_fee_bps. It was "2", now it is "7"'],
    ['a parameter', ['--set', 'level=3'], 'config: /strategy/config/level. It was 1, now it is 3'],
  ])('another setting is named: %s', async (_what, flags, says) => {
    const stage = aStage();
    const { folder, live } = stage;
    await aHalfPlayed(stage);
    const args = live(aBarFile(folder, 'whole.csv', { to: 200 }), ...flags);
    const refusal = { status: 78, code: 'SESSION_PREMISES_CHANGED', says };
    expectRefused(await runRunner(args, folder), refusal);
  });
});

const FORCE = { force: true } as const;

test('a run says when it ended, in the time of its bars [L23]', async () => {
  const { folder, live } = aStage();
  const args = live(aBarFile(folder, 'ten.csv', { to: 10 }), '--log-level', 'info');
  const lines = (await runRunner(args, folder)).stderr.trim().split('\n');
  const last = JSON.parse(lines.at(-1)!) as Readonly<Record<string, unknown>>;
  expect(last).toMatchObject({
    event: 'loop_shutdown',
    cause: 'end_of_data',
    event_ms: Date.parse(minute(10)),
    symbol: 'BTC/USDT:USDT',
    frame: '1m',
  });
});

describe('a damaged session is never passed over', () => {
  const DAMAGES: readonly (readonly [string, (path: string) => unknown, string])[] = [
    [
      'session.json that is no JSON',
      (path) => writeFileSync(join(path, 'session.json'), '{'),
      'session.json',
    ],
    ['no session.json', (path) => rmSync(join(path, 'session.json')), 'session.json'],
    [
      'no journal',
      (path) => ['', '-wal', '-shm'].map((end) => rmSync(`${path}/session.sqlite${end}`, FORCE)),
      'session.sqlite',
    ],
    [
      'a journal that was emptied',
      (path) => writeFileSync(join(path, 'session.sqlite'), ''),
      'session.json has row',
    ],
    [
      'a row that was changed',
      (path) =>
        runSql(
          join(path, 'session.sqlite'),
          `DELETE FROM snapshots; UPDATE journal SET ts = ts + 1 WHERE seq = 9`,
        ),
      'Row 9: its content does not fit its hash',
    ],
  ];

  test.each(DAMAGES)('%s: live refuses and begins no other', async (_what, damage, says) => {
    const stage = aStage();
    const { folder, live } = stage;
    const { session_dir } = await aHalfPlayed(stage);
    await damage(session_dir);
    const args = live(aBarFile(folder, 'whole.csv', { to: 200 }));
    const ended = await runRunner(args, folder);
    expectRefused(ended, { status: 65, code: 'STORE_DAMAGED', says });
    expect(ended.stderr).toContain('--start cold');
    expect(readdirSync(join(folder, 'sessions'))).toHaveLength(1);
    const cold = await runJson<LiveEnd>([...args, '--start', 'cold'], folder);
    expect(cold).toMatchObject({ start: 'cold', bars: 200 });
  });

  test.each(DAMAGES.slice(0, 1).concat([DAMAGES[2]!]))(
    '%s: status says so, with and without an id',
    async (_what, damage, says) => {
      const stage = aStage();
      const { session_id, session_dir } = await aHalfPlayed(stage);
      await damage(session_dir);
      const refusal = { status: 65, code: 'STORE_DAMAGED', says };
      expectRefused(await runRunner(['status'], stage.folder), refusal);
      expectRefused(await runRunner(['status', session_id], stage.folder), refusal);
    },
  );
});

describe('a signal while a live run still starts', () => {
  test('ends it with status 0 and a session that stays as it was [L12]', async () => {
    const stage = aStage();
    const { folder, live } = stage;
    const { session_dir } = await aHalfPlayed(stage);
    const before = metadataOf(session_dir);
    const args = live(aBarFile(folder, 'whole.csv', { to: 200 }), '--json');
    const heard = startRunner(args, folder, { NODE_OPTIONS: `--import=${aMark(folder)}` });
    await heard.says('command loading');
    heard.process.kill('SIGTERM');
    const { status, stdout } = await heard.ended;
    expect({ status, end: JSON.parse(stdout) }).toEqual({
      status: 0,
      end: { schema: 'runner.live/1', session_id: null, cause: 'sigterm', bars: 0 },
    });
    expect(metadataOf(session_dir)).toEqual(before);
  });
});

/** A module that says when the process first listens to SIGTERM, and holds it up a little. */
function aMark(folder: string): string {
  return aFile(
    folder,
    'mark.mjs',
    `process.on('newListener', (name) => {
       if (name !== 'SIGTERM') return;
       process.stderr.write('command loading\\n');
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
     });`,
  );
}
