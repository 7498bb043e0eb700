// Two machines and one account: a state folder each, so that only the lock in Postgres can keep
// them apart. The sessions are the built command, the database is a real server.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openLong, quantity, stopAt } from '../support/bodies.js';
import { type TestPostgres, postgresBinaries, startPostgres } from '../support/postgres.js';
import { type Stage, aStage, ended } from './exchange-stage.js';
import { join } from 'node:path';

// Several processes are started.
vi.setConfig({ testTimeout: 120_000 });

const isThere = postgresBinaries() !== undefined;
const suite = isThere
  ? 'two machines'
  : 'two machines: skipped, no PostgreSQL server (initdb, postgres) on this machine';
const HELD = openLong({ sizing_policy: quantity('0.1'), protection: stopAt('47000') });

let server: TestPostgres;

async function aLockedStage(): Promise<Stage> {
  return aStage({
    account: { lock: { postgres_url_env: 'LOCK_URL' } },
    script: { 0: HELD },
  });
}

/** Ends the runner's connection, and has the lock before it can have it again. */
async function takeOver(): Promise<void> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query('BEGIN');
  await client.query(`UPDATE strategy_runner.account_locks
    SET epoch = epoch + 1, host = 'elsewhere', pid = 4`);
  await client.query(`SELECT pg_terminate_backend(backend_pid)
    FROM strategy_runner.account_locks`);
  await client.query('COMMIT');
  await client.end();
}

describe.skipIf(!isThere)(suite, () => {
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.end());

  test('[P2] a second machine ends with 75 and a name; the first too, once overtaken', async () => {
    const stage = await aLockedStage();
    const lock = { LOCK_URL: server.url };
    const elsewhere = { ...lock, XDG_STATE_HOME: join(stage.folder, 'other-machine') };
    // One that is killed lets go, while it lived it did not.
    const killed = stage.start(stage.liveArgs(), elsewhere);
    await killed.says('"event":"account_lock"');
    await ended(killed, 'SIGKILL');
    const first = stage.start(stage.liveArgs('--no-end-bundle'), lock);
    await first.says('"state":"ready"');
    await stage.until(() => stage.isHeard);
    await stage.bars(1);
    await stage.until(() => stage.resting.length === 1);

    // The server goes and comes back: entries wait, the account is read, and they may go.
    await server.stop();
    await first.says('"state":"doubt"');
    await server.start();
    await first.says('"state":"proven"');
    // The lock that was taken again keeps others out as the first one did.
    const second = await stage.run(stage.liveArgs(), elsewhere);
    expect(second).toMatchObject({ status: 75, stdout: '' });
    expect(second.stderr).toContain(`is being run by process ${first.process.pid} on `);
    await stage.until(async () => {
      const told = await stage.entries('connection');
      const states = told.map((entry) => ('state' in entry ? entry.state : ''));
      return states.at(-1) === 'ready' && states.includes('syncing', states.indexOf('ready'));
    });

    await takeOver();
    const lost = await first.ended;
    expect(lost).toMatchObject({ status: 75 });
    expect(lost.stderr).toContain(
      'error ACCOUNT_LOCK_LOST: the lock of account binanceusdm local has been',
    );
    // What protects the position stays where it is.
    expect(stage.resting).toEqual(['SELL STOP_MARKET']);
    expect(stage.held).toBe(0.1);
    for (const { stderr } of [second, lost]) expect(stderr).not.toContain(server.password);
  });
});
