import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Explanation } from '../../adapters/src/api/explain-document.js';
import { aSeededWalk } from './bars.js';
import { aFile, aFolder, runJson, runRunner, startRunner } from './run-runner.js';
import { expectRefused } from './refusal.js';
import { runSql } from './run-sql.js';

interface Made {
  readonly path: string;
  readonly sha256: string;
  readonly session_id: string;
  readonly has_plugin: boolean;
  readonly removed: readonly string[];
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
}

let folder = '';
let session = '';

const PLAYED = ['live', '--strategy', 'dca-ladder', '--data', 'sample', '--to', '2025-01-06'];

beforeEach(async () => {
  folder = aFolder();
  const end = await runJson<{ readonly session_id: string }>(PLAYED, folder);
  session = end.session_id;
});

const kept = (name: string): string => join(folder, 'sessions', session, name);
const bundle = (...more: readonly string[]) => runJson<Made>(['bundle', session, ...more], folder);
const sha = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
/** Where bundles are unpacked: a folder of the test's own, so that what is left is seen. */
const temporary = (): Record<string, string> => {
  const path = join(folder, 'tmp');
  mkdirSync(path, { recursive: true });
  return { TMPDIR: path };
};

function unpack(archive: string): string {
  const into = join(folder, 'unpacked');
  mkdirSync(into, { recursive: true });
  execFileSync('tar', ['xzf', archive, '-C', into]);
  return join(into, session);
}

function repack(from: string, ...more: readonly string[]): string {
  const archive = join(folder, 'changed.tar.gz');
  const names = readdirSync(from).filter((name) => name !== 'MANIFEST.json');
  const members = ['MANIFEST.json', ...names].map((name) => `${session}/${name}`);
  const options = ['czf', archive, '--format=ustar', '-C', join(from, '..'), ...more];
  execFileSync('tar', [...options, ...members]);
  return archive;
}

describe('runner bundle', () => {
  test('holds what somebody else needs, each file with its hash [R16]', async () => {
    const made = await bundle('--out', 'b.tar.gz');
    const out = unpack(made.path);
    const read = (name: string) => JSON.parse(readFileSync(join(out, name), 'utf8')) as object;
    expect(readdirSync(out).toSorted()).toEqual([
      'MANIFEST.json',
      'config.json',
      'engine.json',
      'metrics.json',
      'plugin.json',
      'plugin.mjs',
      'report.txt',
      'run-metrics.json',
      'run-metrics.prom',
      'runner.log',
      'session.json',
      'session.sqlite',
      'verify.json',
    ]);
    expect(read('run-metrics.json')).toMatchObject({ session_id: session, is_final: true });
    for (const file of made.files) {
      expect(sha(readFileSync(join(out, file.name))), file.name).toBe(file.sha256);
    }
    expect(sha(readFileSync(made.path))).toBe(made.sha256);
    expect(read('verify.json')).toMatchObject({ isSound: true });
    const status = await runJson<{ readonly equity: { readonly equity: string } }>(
      ['status', session],
      folder,
    );
    expect(read('metrics.json')).toMatchObject({
      session_id: session,
      final_equity: status.equity.equity,
      metrics: { final_equity: Number(status.equity.equity) },
    });
    expect(readFileSync(join(out, 'report.txt'), 'utf8')).toContain('journal   sound, ');
  });

  test('is the same bytes for the same session, and changes none of it', async () => {
    const before = readFileSync(kept('session.sqlite'));
    const first = await bundle('--out', 'a.tar.gz');
    const second = await bundle('--out', 'b.tar.gz');
    expect(first.sha256).toBe(second.sha256);
    expect(readFileSync(kept('session.sqlite')).equals(before)).toBe(true);
  });

  test('stands in for its session in replay, verify and explain, and leaves nothing', async () => {
    const { path } = await bundle();
    expect(path).toBe(join(folder, `${session}.tar.gz`));
    const elsewhere = aFolder();
    const variables = temporary();
    const replayed = await runRunner(['replay', path, '--json'], elsewhere, variables);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ isSame: true, session_id: session });
    const verified = await runRunner(['journal', 'verify', path, '--json'], elsewhere, variables);
    expect(JSON.parse(verified.stdout)).toMatchObject({ isSound: true, session_id: session });
    const { positions } = await runJson<{
      readonly positions: readonly { readonly position_id: string }[];
    }>(['status', session], folder);
    const id = positions[0]!.position_id;
    const explained = await runRunner(
      ['explain', id, '--session', path, '--json'],
      elsewhere,
      variables,
    );
    expect(JSON.parse(explained.stdout) as Explanation).toEqual(
      await runJson<Explanation>(['explain', id], folder),
    );
    expect([replayed.status, verified.status, explained.status]).toEqual([0, 0, 0]);
    expect(readdirSync(variables['TMPDIR']!)).toEqual([]);
  });

  test('tells the metrics that a backtest of the same bars tells', async () => {
    interface Measured {
      readonly metrics: Readonly<Record<string, number | null>>;
    }
    const out = unpack((await bundle()).path);
    const { metrics } = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8')) as Measured;
    const args = ['backtest', '--no-session', ...PLAYED.slice(1)];
    const expected = (await runJson<Measured>(args, folder)).metrics;
    expect(Object.keys(metrics)).toEqual(Object.keys(expected));
    for (const [name, value] of Object.entries(expected)) {
      // Marks per bar are exact here and floats there.
      const isClose = value === null || Math.abs(metrics[name]! - value) < 1e-7;
      expect({ name, value: isClose ? value : metrics[name] }).toEqual({ name, value });
    }
  });

  test('leaves the plugin out where that is asked for; the rest can still be read', async () => {
    const made = await bundle('--no-plugin');
    const names = made.files.map(({ name }) => name);
    expect(names).not.toContain('plugin.mjs');
    expect(names).not.toContain('plugin.json');
    expect(made.has_plugin).toBe(false);
    expect(await runRunner(['journal', 'verify', made.path], folder)).toMatchObject({ status: 0 });
    const replayed = await runRunner(['replay', made.path], folder);
    expectRefused(replayed, { status: 66, code: 'SESSION_NOT_FOUND', says: 'without its plugin' });
  });

  test('takes a session as of one moment while it is being written', async () => {
    const data = aSeededWalk(folder, 3000, 7);
    const market = ['--data', data, '--symbol', 'BTC/USDT:USDT', '--start', 'cold'];
    const args = ['live', '--strategy', 'sma-cross', ...market, '--speed', '6000'];
    const running = startRunner(args, folder);
    await running.says('cold_start');
    const id = () => readdirSync(join(folder, 'sessions')).find((name) => name.includes('sma'));
    await expect.poll(async () => hasRows(id()), { timeout: 20_000 }).toBe(true);
    session = id()!;
    const { path } = await bundle();
    running.process.kill('SIGTERM');
    await running.ended;
    const verified = await runRunner(['journal', 'verify', path, '--json'], folder);
    expect(JSON.parse(verified.stdout)).toMatchObject({ isSound: true });
    expect(await runRunner(['replay', path], folder)).toMatchObject({ status: 0 });
  });

  test('packs a damaged session too, with the verdict that says so', async () => {
    await runSql(kept('session.sqlite'), "UPDATE journal SET payload = '{}' WHERE seq = 50");
    const out = unpack((await bundle()).path);
    const verdict = JSON.parse(readFileSync(join(out, 'verify.json'), 'utf8')) as object;
    expect(verdict).toMatchObject({ isSound: false, finding: { part: 'chain', seq: 50 } });
    expect(readFileSync(join(out, 'report.txt'), 'utf8')).toContain('NOT sound: chain: row 50');
  });

  test('packs a backtest with its journal, or with its trace where none can be made', async () => {
    const plugin = aFile(folder, 'gone.mjs', 'export default { create: () => ({}) };');
    const args = ['backtest', '--strategy', plugin, '--data', 'sample', '--to', '2025-01-06'];
    const { run } = await runJson<{ readonly run: { readonly session_id: string } }>(args, folder);
    session = run.session_id;
    const { path } = await bundle();
    expect(await runRunner(['replay', path], folder)).toMatchObject({ status: 0 });
    rmSync(kept('session.sqlite'));
    rmSync(plugin);
    const { status, stderr } = await runRunner(['bundle', session], folder);
    expect(stderr).toContain('packed without a journal: ');
    expect(stderr).toContain(plugin);
    expect(status).toBe(0);
  });

  test('takes settings out that are secret by name, and says which', async () => {
    const config = JSON.parse(readFileSync(kept('config.json'), 'utf8')) as { config: object };
    const more = { ...config, config: { ...config.config, api_secret: 'made-up-for-this' } };
    writeFileSync(kept('config.json'), JSON.stringify(more));
    const made = await bundle();
    expect(made.removed).toEqual(['config.json:/config/api_secret']);
    expect(readFileSync(join(unpack(made.path), 'config.json'), 'utf8')).not.toContain('made-up');
  });
});

describe('a bundle that would hold a credential of the environment', () => {
  const secret = 'Zq8-made-up-credential-for-the-test';

  async function expectNoBundle(variables: Readonly<Record<string, string>>, name: string) {
    const ended = await runRunner(['bundle', session, '--out', 'b.tar.gz'], folder, variables);
    expectRefused(ended, { status: 77, code: 'BUNDLE_REFUSED', says: name });
    expect(ended.stderr).not.toContain(secret);
    expect(existsSync(join(folder, 'b.tar.gz'))).toBe(false);
  }

  test('is not made for one in a log beside the session', async () => {
    aFile(join(folder, 'sessions', session), 'run.log', `{"msg":"key ${secret}"}\n`);
    await expectNoBundle({ RUNNER_API_SECRET: secret }, 'RUNNER_API_SECRET');
    expect(await runRunner(['bundle', session], folder)).toMatchObject({ status: 0 });
  });

  test('is not made for one in the journal', async () => {
    const body = `'{"kind":"alert","text":"${'x'.repeat(9000)}${secret}"}'`;
    await runSql(kept('session.sqlite'), `UPDATE journal SET payload = ${body} WHERE seq = 50`);
    await expectNoBundle({ RUNNER_MAIN_API_KEY: secret }, 'RUNNER_MAIN_API_KEY');
  });

  test('is not made for one that systemd has given as a file', async () => {
    const credentials = join(folder, 'credentials');
    mkdirSync(credentials);
    aFile(credentials, 'main.api_secret', `${secret}\n`);
    aFile(join(folder, 'sessions', session), 'run.log', secret);
    await expectNoBundle({ CREDENTIALS_DIRECTORY: credentials }, 'main.api_secret');
  });
});

describe('a bundle that is not what it was', () => {
  const damaged = (says: string) => ({ status: 65, code: 'BUNDLE_DAMAGED', says });

  const VERIFY: readonly string[] = ['journal', 'verify'];

  async function expectDamaged(archive: string, says: string, command = VERIFY): Promise<void> {
    const variables = temporary();
    expectRefused(await runRunner([...command, archive], folder, variables), damaged(says));
    expect(readdirSync(variables['TMPDIR']!)).toEqual([]);
  }

  test('is refused where a file was altered', async () => {
    const out = unpack((await bundle()).path);
    const text = readFileSync(join(out, 'plugin.mjs'), 'utf8');
    writeFileSync(
      join(out, 'plugin.mjs'),
      text.replace(/\d/, (digit) => `${9 - Number(digit)}`),
    );
    for (const command of [VERIFY, ['replay'], ['explain', 'x', '--session']]) {
      await expectDamaged(repack(out), 'plugin.mjs is not what it was', command);
    }
  });

  test('is refused where it holds a link, or a way out of its folder', async () => {
    const out = unpack((await bundle()).path);
    symlinkSync('/etc/passwd', join(out, 'zz.log'));
    await expectDamaged(repack(out), 'is not a plain file');
    execFileSync('rm', [join(out, 'zz.log')]);
    aFile(out, 'zz.log', 'x');
    const upwards = repack(out, '-P', `--transform=s,^${session}/zz.log,../zz.log,`);
    await expectDamaged(upwards, 'is not named as in a bundle');
    expect(existsSync(join(folder, 'zz.log'))).toBe(false);
  });

  test('is refused where it was cut short, or is something else', async () => {
    const { path } = await bundle();
    const whole = readFileSync(path);
    writeFileSync(join(folder, 'cut.tar.gz'), whole.subarray(0, whole.length / 2));
    await expectDamaged(join(folder, 'cut.tar.gz'), 'cannot be read as a bundle');
    aFile(folder, 'text.tar.gz', 'not an archive');
    await expectDamaged(join(folder, 'text.tar.gz'), 'cannot be read as a bundle');
    const there = await runRunner(['replay', join(folder, 'none.tar.gz')], folder);
    expectRefused(there, { status: 66, code: 'FILE_NOT_FOUND' });
  });
});

async function hasRows(id: string | undefined): Promise<boolean> {
  if (id === undefined) return false;
  const copy = join(folder, 'sessions', id, 'session.sqlite');
  if (!existsSync(copy)) return false;
  const { stdout } = await runRunner(['status', id, '--json'], folder);
  return stdout.includes('"equity":{"ts"');
}
