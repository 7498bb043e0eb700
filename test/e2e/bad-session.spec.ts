import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Refusal, expectRefused, usage } from './refusal.js';
import { aFile, aFolder, runJson, runRunner, startRunner } from './run-runner.js';
import { runSql } from './run-sql.js';

const LIVE = ['live', '--strategy', 'sma-cross', '--data', 'sample', '--log-level', 'silent'];

describe('a live run that may not start is refused in one line', () => {
  test.each<[string, readonly string[], Refusal]>([
    ['real orders on no exchange', ['--mode', 'live'], { status: 64, code: 'USAGE' }],
    ['an unknown exchange', ['--exchange', 'nope'], { status: 64, code: 'EXCHANGE_UNKNOWN' }],
    ['a speed that is no pace', ['--speed', 'fast'], usage('--speed fast')],
    ['a speed of zero', ['--speed', '0'], usage('--speed 0')],
    ['nothing to resume', ['--start', 'warm'], { status: 66, code: 'SESSION_NOT_FOUND' }],
    ['no such session', ['--session', 'nope'], { status: 66, code: 'SESSION_NOT_FOUND' }],
    [
      'sessions below a file',
      ['--sessions', 'a-file/sessions'],
      { status: 77, code: 'SESSIONS_UNWRITABLE', says: 'a-file' },
    ],
  ])('%s', async (_what, args, refusal) => {
    const folder = aFolder();
    aFile(folder, 'a-file', 'no folder');
    expectRefused(await runRunner([...LIVE, ...args], folder), refusal);
  });

  test.each([
    ['below a file', 'a-file/sessions'],
    ['where no folder can be made', '/proc/strategy-runner/sessions'],
  ])('a session %s, before a bar is played', async (_what, where) => {
    const folder = aFolder();
    aFile(folder, 'a-file', 'no folder');
    const plugin = `export default { create: () => ({ onBar: () => console.log('played') }) };`;
    const args = ['--strategy', aFile(folder, 'plugin.mjs', plugin), '--data', 'sample'];
    const refusal = { status: 77, code: 'SESSIONS_UNWRITABLE' };
    for (const command of ['backtest', 'live']) {
      const ended = await runRunner([command, ...args, '--sessions', where], folder);
      expectRefused(ended, refusal);
    }
  });
});

/** A finished session of 200 bars. */
async function aSession(folder: string): Promise<{ session_id: string; session_dir: string }> {
  return runJson([...LIVE, '--to', '2025-01-09', '--start', 'cold'], folder);
}

describe('a session that cannot be used is refused in one line', () => {
  test('a store that a newer version wrote, and it stays as it was [P5]', async () => {
    const folder = aFolder();
    const { session_id: id, session_dir: path } = await aSession(folder);
    const database = join(path, 'session.sqlite');
    await runSql(database, 'PRAGMA user_version = 99');
    const before = readFileSync(database);
    const refusal = { status: 78, code: 'SCHEMA_NEWER', says: '99' };
    expectRefused(await runRunner(['status', id], folder), refusal);
    expectRefused(await runRunner([...LIVE, '--session', id], folder), refusal);
    expectRefused(await runRunner(['migrate'], folder), refusal);
    expect(readFileSync(database).equals(before)).toBe(true);
  });

  test('a session.json that is cut off, while the others are still listed', async () => {
    const folder = aFolder();
    const { session_id: id, session_dir: path } = await aSession(folder);
    const file = join(path, 'session.json');
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 200));
    const other = await aSession(folder);
    const refusal = { status: 65, code: 'STORE_DAMAGED', says: 'session.json' };
    expectRefused(await runRunner(['status', id], folder), refusal);
    expectRefused(await runRunner([...LIVE, '--session', id], folder), refusal);
    const { status, stdout } = await runRunner(['sessions'], folder);
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(stdout).toContain(`${id}  damaged`);
    expect(stdout).toContain(`${other.session_id}  ended`);
  });

  test('a database that is something else', async () => {
    const folder = aFolder();
    const { session_id: id, session_dir: path } = await aSession(folder);
    writeFileSync(
      join(path, 'session.sqlite'),
      'this is no database, whatever it is called'.repeat(40),
    );
    const refusal = { status: 65, code: 'STORE_DAMAGED', says: 'session.sqlite' };
    expectRefused(await runRunner(['status', id], folder), refusal);
    expectRefused(await runRunner([...LIVE, '--session', id], folder), refusal);
  });

  test('no such session, and no session at all', async () => {
    const folder = aFolder();
    mkdirSync(join(folder, 'sessions'));
    const refusal = { status: 66, code: 'SESSION_NOT_FOUND' };
    expectRefused(await runRunner(['status', 'nope'], folder), { ...refusal, says: 'nope' });
    expectRefused(await runRunner(['status', '../nope'], folder), { ...refusal, says: 'nope' });
    expectRefused(await runRunner(['status'], folder), refusal);
    expectRefused(await runRunner(['migrate', 'nope'], folder), { ...refusal, says: 'nope' });
  });

  test('a session that was started with other settings', async () => {
    const folder = aFolder();
    const { session_id: id } = await aSession(folder);
    const refusal = { status: 78, code: 'SESSION_PREMISES_CHANGED', says: '/strategy/config/fast' };
    const args = [...LIVE, '--session', id, '--set', 'fast=3'];
    expectRefused(await runRunner(args, folder), refusal);
  });

  test('a session that another process is running, which goes on', async () => {
    const folder = aFolder();
    const paced = LIVE.map((word) => (word === 'silent' ? 'info' : word));
    const first = startRunner([...paced, '--speed', '36000'], folder);
    await first.says('cold_start');
    expectRefused(await runRunner(LIVE, folder), {
      status: 75,
      code: 'SESSION_BUSY',
      says: `process ${first.process.pid}`,
    });
    first.process.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ status: 0 });
  });
});
