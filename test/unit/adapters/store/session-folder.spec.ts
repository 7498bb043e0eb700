import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodeOf, formatError } from '../../../../adapters/src/errors.js';
import {
  createSession,
  openSession,
  resolveSessionsDir,
  updateMetadata,
} from '../../../../adapters/src/store/session-folder.js';
import { aFolder, aMetadata } from './a-folder.js';

const ID = aMetadata().session_id;

describe('resolveSessionsDir', () => {
  const workingFolder = '/home/me';

  test.each([
    ['the flag first', { flag: '/flag', variable: '/variable' }, '/flag'],
    ['then RUNNER_SESSIONS', { variable: 'mine' }, '/home/me/mine'],
    ['then ./sessions', {}, '/home/me/sessions'],
    ['an empty variable as none', { variable: '' }, '/home/me/sessions'],
  ])('takes %s', (_case, sources, expected) => {
    expect(resolveSessionsDir({ ...sources, workingFolder })).toBe(expected);
  });
});

describe('createSession', () => {
  test('makes a private folder with session.json in it', async () => {
    const sessionsDir = join(await aFolder(), 'not', 'there');
    const metadata = aMetadata();
    const folder = await createSession({ sessionsDir, metadata });
    const path = join(sessionsDir, ID);
    expect(folder).toEqual({ id: ID, path, metadata, databasePath: join(path, 'session.sqlite') });
    expect(JSON.parse(await readFile(join(path, 'session.json'), 'utf8'))).toEqual(metadata);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect((await stat(join(path, 'session.json'))).mode & 0o777).toBe(0o600);
  });

  test('says where it cannot write, why, and what to type', async () => {
    const file = join(await aFolder(), 'file');
    await writeFile(file, '');
    const sessionsDir = join(file, 'sessions');
    const error: unknown = await createSession({ sessionsDir, metadata: aMetadata() }).catch(
      (thrown: unknown) => thrown,
    );
    expect(exitCodeOf(error)).toBe(77);
    const [line, next] = formatError(error).split('\n');
    expect(line).toContain(`error SESSIONS_UNWRITABLE: the sessions folder ${sessionsDir}`);
    expect(line).toContain('ENOTDIR');
    expect(next).toBe('  next: name a folder of yours with --sessions <folder> or RUNNER_SESSIONS');
  });

  test('never takes over the folder of another session', async () => {
    const sessionsDir = await aFolder();
    await createSession({ sessionsDir, metadata: aMetadata({ seed: 1 }) });
    const again = createSession({ sessionsDir, metadata: aMetadata({ seed: 2 }) });
    await expect(again).rejects.toMatchObject({ code: 'SESSIONS_UNWRITABLE' });
    expect((await openSession(sessionsDir, ID)).metadata.seed).toBe(1);
  });

  test.each(['../escape', 'a/b', '.hidden', ''])('refuses %j as an id', async (session_id) => {
    const sessionsDir = await aFolder();
    const metadata = aMetadata({ session_id });
    await expect(createSession({ sessionsDir, metadata })).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    expect(await readdir(sessionsDir)).toEqual([]);
  });
});

describe('openSession', () => {
  test('finds a session by its id and by its path', async () => {
    const sessionsDir = await aFolder();
    const created = await createSession({ sessionsDir, metadata: aMetadata() });
    expect(await openSession(sessionsDir, ID)).toEqual(created);
    expect(await openSession('/elsewhere', created.path)).toEqual(created);
  });

  test.each(['unknown', '..', '../x/y'])('says that there is no session %s', async (id) => {
    const error: unknown = await openSession(await aFolder(), id).catch(
      (thrown: unknown) => thrown,
    );
    expect(exitCodeOf(error)).toBe(66);
    expect(error).toMatchObject({ code: 'SESSION_NOT_FOUND', next: 'runner sessions' });
  });

  test.each([
    ['cut off', '{"schema": "runner.sess', 'It is not JSON'],
    ['of another kind', '{"schema":"other"}', '/session_id is required'],
    ['empty', '', 'It is not JSON'],
  ])('says what is wrong with metadata that is %s', async (_case, text, why) => {
    const sessionsDir = await aFolder();
    const { path } = await createSession({ sessionsDir, metadata: aMetadata() });
    await writeFile(join(path, 'session.json'), text);
    const error: unknown = await openSession(sessionsDir, ID).catch((thrown: unknown) => thrown);
    expect(exitCodeOf(error)).toBe(65);
    expect(error).toMatchObject({ code: 'STORE_DAMAGED', why: expect.stringContaining(why) });
  });
});

describe('updateMetadata', () => {
  test('replaces what is given and keeps the rest', async () => {
    const sessionsDir = await aFolder();
    const created = await createSession({ sessionsDir, metadata: aMetadata() });
    const journal_head = { seq: 12, hash: 'b'.repeat(64) };
    await updateMetadata(created, { journal_head });
    const ended_at = '2024-01-02T00:00:00.000Z';
    const updated = await updateMetadata(created, { ended_at });
    expect(updated.metadata).toEqual(aMetadata({ journal_head, ended_at }));
    expect(await openSession(sessionsDir, ID)).toEqual(updated);
    expect(await readdir(created.path)).toEqual(['session.json']);
  });

  test('never writes metadata that could not be read again', async () => {
    const sessionsDir = await aFolder();
    const created = await createSession({ sessionsDir, metadata: aMetadata() });
    const wrong = updateMetadata(created, { config_hash: 'short' });
    await expect(wrong).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await openSession(sessionsDir, ID)).toEqual(created);
  });
});
