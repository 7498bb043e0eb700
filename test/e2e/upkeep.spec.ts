import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { aFolder, runJson, runRunner } from './run-runner.js';
import { runSql, tablesOf } from './run-sql.js';

const LIVE = ['live', '--strategy', 'dca-ladder', '--data', 'sample', '--log-level', 'error'];
const UNTIL_THE_TENTH = ['--to', '2025-01-10'];

interface LiveEnd {
  readonly session_id: string;
  readonly session_dir: string;
  readonly final_equity: string;
}

interface Migration {
  readonly session_id: string;
  readonly from: number;
  readonly to: number;
  readonly backup: string | null;
}

const migrate = (folder: string) =>
  runJson<{ readonly migrated: readonly Migration[] }>(['migrate'], folder);

/** Leaves of a session's store what its first version had: the journal and its snapshots. */
async function makeOld(database: string): Promise<void> {
  const kept = ['meta', 'journal', 'snapshots'];
  const later = (await tablesOf(database)).filter((name) => !kept.includes(name));
  const drops = later.map((name) => `DROP TABLE ${name};`);
  await runSql(database, `${drops.join('\n')} PRAGMA user_version = 1;`);
}

describe('runner migrate', () => {
  test('brings an old store up to date, and does nothing the second time [P5]', async () => {
    const folder = aFolder();
    const live = await runJson<LiveEnd>([...LIVE, ...UNTIL_THE_TENTH], folder);
    const before = await runJson(['status', live.session_id], folder);
    const database = join(live.session_dir, 'session.sqlite');
    await makeOld(database);
    const older = await runRunner(['status', live.session_id], folder);
    expect(older).toMatchObject({ status: 78, stdout: '' });
    expect(older.stderr).toContain('error SCHEMA_OLDER: ');
    expect(older.stderr).toContain('  next: runner migrate');

    const first = await migrate(folder);
    expect(first.migrated).toEqual([
      { session_id: live.session_id, from: 1, to: expect.any(Number), backup: expect.any(String) },
    ]);
    const [{ to, backup }] = first.migrated as [Migration];
    expect(existsSync(backup!)).toBe(true);
    expect(await runJson(['status', live.session_id], folder)).toEqual(before);

    const second = await migrate(folder);
    expect(second.migrated).toEqual([{ session_id: live.session_id, from: to, to, backup: null }]);
  });

  test('goes on past a store that it must refuse [P5]', async () => {
    const folder = aFolder();
    const newer = await runJson<LiveEnd>([...LIVE, ...UNTIL_THE_TENTH], folder);
    await runSql(join(newer.session_dir, 'session.sqlite'), 'PRAGMA user_version = 99');
    const older = await runJson<LiveEnd>([...LIVE, ...UNTIL_THE_TENTH], folder);
    await makeOld(join(older.session_dir, 'session.sqlite'));
    const { status, stdout, stderr } = await runRunner(['migrate'], folder);
    expect(status).toBe(78);
    expect(stderr).toContain('error SCHEMA_NEWER: ');
    expect(stdout).toMatch(new RegExp(`^${older.session_id} {2}version 1 to`));
  });

  test('has nothing to do where there is nothing', async () => {
    expect(await runRunner(['migrate'], aFolder())).toMatchObject({
      status: 0,
      stdout: 'no stores to migrate\n',
    });
  });
});

describe('runner sessions and runner status', () => {
  test('show the same session, to people and to programs', async () => {
    const folder = aFolder();
    await runJson(['backtest', '--strategy', 'sma-cross', '--data', 'sample'], folder);
    const live = await runJson<LiveEnd>([...LIVE, ...UNTIL_THE_TENTH], folder);
    const listed = await runJson<{ readonly sessions: readonly unknown[] }>(['sessions'], folder);
    expect(listed.sessions).toHaveLength(2);
    expect(listed.sessions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'backtest', state: 'ended', counts: null }),
        expect.objectContaining({ kind: 'paper', id: live.session_id, runs: 1, state: 'ended' }),
      ]),
    );
    const lines = (await runRunner(['sessions'], folder)).stdout.trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines).toContainEqual(
      expect.stringContaining(`${live.session_id}  ended  paper runner-strategy-dca-ladder`),
    );

    const status = await runJson<{ readonly equity: { readonly equity: string } }>(
      ['status'],
      folder,
    );
    expect(status).toMatchObject({ schema: 'runner.status/1', session_id: live.session_id });
    expect(status.equity.equity).toBe(live.final_equity);
    const text = (await runRunner(['status'], folder)).stdout;
    expect(text).toContain(`Equity ${live.final_equity}`);
  });

  test('are found by RUNNER_SESSIONS and by --sessions alike', async () => {
    const folder = aFolder();
    const live = await runJson<LiveEnd>(
      [...LIVE, ...UNTIL_THE_TENTH, '--sessions', 'elsewhere'],
      folder,
    );
    expect(live.session_dir.startsWith(join(folder, 'elsewhere'))).toBe(true);
    expect((await runRunner(['sessions'], folder)).stdout).toMatch(/^no sessions in /);
    const { stdout } = await runRunner(['sessions', '--sessions', 'elsewhere'], folder);
    expect(stdout).toContain(live.session_id);
    const byVariable = await runRunner(['sessions'], folder, { RUNNER_SESSIONS: 'elsewhere' });
    expect(byVariable.stdout).toBe(stdout);
  });
});

describe('runner --help', () => {
  test.each([['--help'], ['backtest', '--help'], ['live', '--help'], ['--version']])(
    'answers %s %s on stdout, with status 0 and nothing on stderr',
    async (...args) => {
      const { status, stdout, stderr } = await runRunner(args.filter(Boolean), aFolder());
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout.length).toBeGreaterThan(4);
    },
  );

  test('names every command', async () => {
    const { stdout } = await runRunner(['--help'], aFolder());
    const named = [...stdout.matchAll(/^ {2}runner (\w+)/gm)].map(([, name]) => name);
    const upkeep = ['sessions', 'status', 'compare', 'slippage', 'reconcile', 'replay', 'explain'];
    const control = ['kill', 'stop', 'pause', 'resume'];
    const files = ['bundle', 'export', 'journal'];
    const last = [...files, ...control, 'migrate', 'venue'];
    expect(named).toEqual(['backtest', 'live', ...upkeep, ...last]);
  });
});

const BIN = fileURLToPath(new URL('../../adapters/bin/runner.js', import.meta.url));

test.each(['sessions', 'backtest --strategy sma-cross --data sample --json', '--help'])(
  'a reader that closes the pipe early is no error: %s | head -c 1',
  (args) => {
    const piped = `node "$0" ${args} 2>stderr.txt | head -c 1`;
    const script = `${piped}; cat stderr.txt; echo " $PIPESTATUS"`;
    const cwd = aFolder();
    const text = execFileSync('bash', ['-c', script, BIN], { cwd, encoding: 'utf8' });
    expect(text).toMatch(/^. 0\n$/);
  },
);
