// The lock across machines on a real PostgreSQL. Each holder has a connection of its own, as each
// machine has; what only one process can show is in e2e/exchange-machines.spec.ts.
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { elapsedTime } from '../../adapters/src/account-store/elapsed-time.js';
import { lockAddress } from '../../adapters/src/account-store/lock-address.js';
import { Link } from '../../adapters/src/account-store/postgres-lock-link.js';
import { SQL } from '../../adapters/src/account-store/postgres-lock-sql.js';
import { PostgresLock } from '../../adapters/src/account-store/postgres-lock.js';
import { SharedLock } from '../../adapters/src/account-store/shared-lock.js';
import { SystemClock } from '../../adapters/src/clock/system-clock.js';
import { type TestPostgres, postgresBinaries, startPostgres } from '../support/postgres.js';

const SINCE = '2024-01-01T00:00:00.000Z';
const isThere = postgresBinaries() !== undefined;
const suite = isThere
  ? 'the shared lock on PostgreSQL'
  : 'the shared lock: skipped, no PostgreSQL server (initdb, postgres) on this machine';

let server: TestPostgres;

describe.skipIf(!isThere)(suite, () => {
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.end());

  interface Machine {
    readonly host: string;
    readonly account?: string;
    readonly apiKey?: string;
    readonly url?: string;
  }

  function lockOf({ host, account = 'main', apiKey = `key of ${account}`, url }: Machine) {
    const id = { exchange: 'binanceusdm', account };
    const claim = { id, apiKey, host, pid: 7, session: `session of ${host}`, since: SINCE };
    const address = lockAddress('LOCK_URL', { LOCK_URL: url ?? server.url });
    return { id, server: new PostgresLock({ address, claim, keptMs: 60_000 }) };
  }

  async function take(machine: Machine, lostAfterMs = 60_000): Promise<SharedLock> {
    const log = pino({ level: 'silent' });
    const elapsedMs = elapsedTime(new SystemClock());
    const timing = { beatMs: 20, firstPauseMs: 20, longestPauseMs: 100 };
    const options = { ...lockOf(machine), lostAfterMs, elapsedMs, log, timing };
    const lock = await SharedLock.take(options);
    onTestFinished(() => lock.release());
    return lock;
  }

  async function ask<Row extends object>(sql: string, values: readonly unknown[] = []) {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    const { rows } = await client.query<Row>(sql, [...values]);
    await client.end();
    return rows;
  }

  test('[P2] makes its table once, though many start at once, and one of them has it', async () => {
    await ask('DROP SCHEMA IF EXISTS strategy_runner CASCADE');
    const hosts = ['a', 'b', 'c', 'd', 'e'];
    const taken = await Promise.allSettled(hosts.map((host) => take({ host, account: 'race' })));
    const refused = taken.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(4);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'ACCOUNT_BUSY' });
  });

  test('waits for another that is making the table just now', async () => {
    await ask('DROP SCHEMA IF EXISTS strategy_runner CASCADE');
    const other = new pg.Client({ connectionString: server.url });
    await other.connect();
    onTestFinished(() => other.end());
    await other.query(SQL.makeTable.replace(/COMMIT$/, ''));
    const taking = take({ host: 'alpha', account: 'young' });
    const waiting = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'`;
    await expect.poll(async () => (await ask(waiting)).length).toBe(1);
    await other.query('COMMIT');
    expect((await taking).epoch).toBe(1);
  });

  test('one that does not get all of its locks keeps none of them', async () => {
    await (await take({ host: 'alpha', account: 'table' })).release();
    const [first, second] = [new pg.Client(server.url), new pg.Client(server.url)];
    for (const client of [first, second]) {
      await client.connect();
      onTestFinished(() => client.end());
    }
    expect(await new Link(first).lock(['key'])).toBeNull();
    expect(await new Link(second).lock(['account', 'key'])).toEqual({ is: undefined });
    expect(await new Link(first).lock(['account'])).toBeNull();
  });

  test('[P2] the second machine is told who holds the account, by name and by key', async () => {
    const first = await take({ host: 'alpha', account: 'named' });
    await expect(take({ host: 'beta', account: 'named' })).rejects.toMatchObject({
      code: 'ACCOUNT_BUSY',
      exitCode: 75,
      message: 'account binanceusdm named is being run by process 7 on alpha',
      why: `It runs session session of alpha since ${SINCE}`,
      next: expect.stringContaining('on alpha: runner stop --exchange binanceusdm'),
    });
    const sameKey = { host: 'beta', account: 'alias', apiKey: 'key of named' };
    await expect(take(sameKey)).rejects.toMatchObject({
      message:
        'account binanceusdm alias is being run by process 7 on alpha, ' +
        'as binanceusdm named with the same API key',
    });
    await first.release();
    // The one that was refused kept nothing: neither lock nor epoch.
    expect((await take({ host: 'beta', account: 'alias', apiKey: 'another' })).epoch).toBe(1);
    expect((await take({ host: 'beta', account: 'named' })).epoch).toBe(2);
  });

  test('no key and no password is in the table', async () => {
    await take({ host: 'alpha', account: 'secrets', apiKey: 'SECRETKEY123' });
    const rows = await ask(
      'SELECT row_to_json(r)::text AS row FROM strategy_runner.account_locks r',
    );
    const text = JSON.stringify(rows);
    expect(text).toContain('account binanceusdm secrets');
    expect(text).not.toContain('SECRETKEY123');
    expect(text).not.toContain(server.password);
  });

  test('[P2] a connection that the server ends is replaced, under the same epoch', async () => {
    const lock = await take({ host: 'alpha', account: 'cut' });
    const told: string[] = [];
    lock.onWithdrawn((why) => told.push(why));
    const backend = `SELECT pg_terminate_backend(backend_pid), backend_pid
      FROM strategy_runner.account_locks WHERE name = 'account binanceusdm cut'`;
    const [before] = await ask<{ backend_pid: number }>(backend);
    await expect.poll(() => told.length).toBe(1);
    await lock.given(new AbortController().signal);
    expect(lock.denial).toBeNull();
    const [after] = await ask<{ backend_pid: number; epoch: string }>(
      `SELECT backend_pid, epoch FROM strategy_runner.account_locks
       WHERE name = 'account binanceusdm cut'`,
    );
    expect(after).toMatchObject({ epoch: '1' });
    expect(after?.backend_pid).not.toBe(before?.backend_pid);
    await expect(take({ host: 'beta', account: 'cut' })).rejects.toMatchObject({
      code: 'ACCOUNT_BUSY',
      message: expect.stringContaining('process 7 on alpha'),
    });
  });

  test('a lock that the server still keeps for the lost connection is had again', async () => {
    const { server: lock } = lockOf({ host: 'alpha', account: 'half-open' });
    const first = await lock.take();
    onTestFinished(() => void (first.kind === 'taken' && first.connection.close()));
    // The machine believes the connection lost; the server does not know it yet.
    await expect(lock.retake()).rejects.toThrow('the server still has the connection');
    await expect.poll(() => lock.retake().then(({ kind }) => kind, String)).toBe('taken');
  });

  test('[P2] a lock that somebody has had meanwhile is lost, though it is free again', async () => {
    const mine = lockOf({ host: 'alpha', account: 'passed on' }).server;
    const first = await mine.take();
    if (first.kind === 'taken') first.connection.close();
    let other: SharedLock | undefined;
    await expect
      .poll(async () => {
        other ??= await take({ host: 'beta', account: 'passed on' }).catch(() => undefined);
        return other?.epoch;
      })
      .toBe(2);
    expect(await mine.retake()).toMatchObject({ kind: 'held', holder: { host: 'beta', pid: 7 } });
    await other?.release();
    expect(await mine.retake()).toMatchObject({ kind: 'held', holder: { host: 'beta', epoch: 2 } });
  });

  test('an epoch that somebody has raised by hand ends it', async () => {
    const lock = await take({ host: 'alpha', account: 'by hand' });
    await ask(`UPDATE strategy_runner.account_locks SET epoch = epoch + 1
      WHERE name = 'account binanceusdm by hand'`);
    await expect(lock.lost).rejects.toMatchObject({ code: 'ACCOUNT_LOCK_LOST', exitCode: 75 });
    expect(lock.denial).not.toBeNull();
  });

  test('a wrong password is refused without being told, and so is a missing database', async () => {
    const { password } = server;
    const wrong = server.url.replace(encodeURIComponent(password), 'WRONGSECRET');
    const error = await take({ host: 'alpha', url: wrong }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'LOCK_SERVER_REFUSED', exitCode: 78 });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/WRONGSECRET/);
    const missing = server.url.replace(/\/postgres$/, '/nowhere');
    await expect(take({ host: 'alpha', url: missing })).rejects.toMatchObject({
      code: 'LOCK_SERVER_REFUSED',
      why: expect.stringContaining('database "nowhere" does not exist'),
    });
  });

  test('a user without rights is refused; rights on the table are enough', async () => {
    await (await take({ host: 'alpha', account: 'rights' })).release();
    await ask(`CREATE ROLE plain LOGIN PASSWORD 'plainword'`);
    const url = new URL(server.url);
    [url.username, url.password] = ['plain', 'plainword'];
    const plain = { host: 'beta', account: 'rights', url: url.href };
    await expect(take(plain)).rejects.toMatchObject({
      code: 'LOCK_SERVER_REFUSED',
      why: expect.stringContaining('permission denied'),
    });
    await ask(`GRANT USAGE ON SCHEMA strategy_runner TO plain;`);
    await ask(`GRANT SELECT, INSERT, UPDATE ON strategy_runner.account_locks TO plain`);
    expect((await take(plain)).epoch).toBe(2);
  });

  test('[P2] a server that stops holds entries, until it is back with the same lock', async () => {
    const lock = await take({ host: 'alpha', account: 'restart' });
    await server.stop();
    await expect.poll(() => lock.denial).toMatch(/^the lock across machines is not proven: /);
    await expect(take({ host: 'beta', account: 'restart' })).rejects.toMatchObject({
      code: 'LOCK_SERVER_UNAVAILABLE',
      exitCode: 69,
    });
    await server.start();
    await lock.given(new AbortController().signal);
    expect(lock.denial).toBeNull();
    await lock.release();
    expect((await take({ host: 'beta', account: 'restart' })).epoch).toBe(2);
  });
});
