// What the shared lock asks of Postgres, and the table in which people can read who holds what.
import { createHash } from 'node:crypto';

/** The advisory lock of a name: 64 bits, as decimal text. */
export function lockKey(name: string): string {
  const hash = createHash('sha256').update(`strategy-runner lock\n${name}`).digest();
  return hash.readBigInt64BE(0).toString();
}

// An advisory lock is shown as the two halves of its key.
const isLockOf = (key: string): string =>
  `l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.classid::bigint = ((${key}) >> 32 & 4294967295)
    AND l.objid::bigint = ((${key}) & 4294967295)`;

const CLAIMED = `unnest($1::text[], $2::bigint[]) AS claimed (name, epoch)`;
const IS_OURS = `r.name = claimed.name AND r.epoch = claimed.epoch
    AND r.host = $3 AND r.pid = $4 AND r.session = $5 AND r.since = $6::timestamptz`;
const OWN_BACKEND = `(SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())`;

export const SQL = {
  // Only what this version of the server knows.
  settings: `
    SELECT set_config(s.name, wanted.value, false)
    FROM (VALUES
      ('idle_session_timeout', '0'),
      ('synchronous_commit', 'on'),
      ('tcp_keepalives_idle', $1),
      ('tcp_keepalives_interval', '10'),
      ('tcp_keepalives_count', '3'),
      ('tcp_user_timeout', $2)
    ) AS wanted (name, value)
    JOIN pg_settings s ON s.name = wanted.name`,

  isTableThere: `SELECT to_regclass('strategy_runner.account_locks') IS NOT NULL AS is_there`,

  // Two that start at once would both find it missing: IF NOT EXISTS alone fails for one of them.
  makeTable: `
    BEGIN;
    SELECT pg_advisory_xact_lock(${lockKey('the table')});
    CREATE SCHEMA IF NOT EXISTS strategy_runner;
    CREATE TABLE IF NOT EXISTS strategy_runner.account_locks (
      name text PRIMARY KEY,
      exchange text NOT NULL,
      account text NOT NULL,
      epoch bigint NOT NULL,
      host text NOT NULL,
      pid integer NOT NULL,
      session text NOT NULL,
      since timestamptz NOT NULL,
      backend_pid integer NOT NULL,
      backend_start timestamptz,
      released_at timestamptz
    );
    COMMENT ON TABLE strategy_runner.account_locks IS
      'Who runs an account. The lock itself is an advisory lock of the connection backend_pid.';
    COMMIT`,

  tryLock: `SELECT pg_try_advisory_lock($1::bigint) AS is_ours`,

  letGo: `SELECT pg_advisory_unlock_all()`,

  holder: `
    SELECT r.exchange, r.account, r.host, r.pid, r.session, r.since, r.epoch
    FROM pg_locks l
    LEFT JOIN strategy_runner.account_locks r ON r.name = $2 AND r.backend_pid = l.pid
    WHERE ${isLockOf('$1::bigint')}`,

  lastHolder: `
    SELECT exchange, account, host, pid, session, since, epoch
    FROM strategy_runner.account_locks WHERE name = $1`,

  begin: `
    INSERT INTO strategy_runner.account_locks AS r (name, exchange, account, epoch, host, pid,
      session, since, backend_pid, backend_start)
    SELECT claimed.name, $3::text, $4::text, 1, $5::text, $6::integer, $7::text,
      $8::timestamptz, pg_backend_pid(), ${OWN_BACKEND}
    FROM unnest($1::text[], $2::bigint[]) AS claimed (name, key)
    ON CONFLICT (name) DO UPDATE SET
      exchange = excluded.exchange, account = excluded.account, epoch = r.epoch + 1,
      host = excluded.host, pid = excluded.pid, session = excluded.session,
      since = excluded.since, backend_pid = excluded.backend_pid,
      backend_start = excluded.backend_start, released_at = NULL
    RETURNING r.name, r.epoch`,

  goOn: `
    UPDATE strategy_runner.account_locks AS r
    SET backend_pid = pg_backend_pid(), backend_start = ${OWN_BACKEND}
    FROM ${CLAIMED}
    WHERE ${IS_OURS}
    RETURNING r.name`,

  endOwn: `
    SELECT pg_terminate_backend(a.pid)
    FROM ${CLAIMED}
    JOIN strategy_runner.account_locks r ON ${IS_OURS}
    JOIN pg_stat_activity a ON a.pid = r.backend_pid AND a.backend_start = r.backend_start
    JOIN unnest($1::text[], $7::bigint[]) AS keyed (name, key) ON keyed.name = r.name
    JOIN pg_locks l ON l.pid = a.pid AND ${isLockOf('keyed.key')}
    LIMIT 1`,

  prove: `
    SELECT COALESCE(r.epoch = claimed.epoch, false) AS is_epoch_ours,
      EXISTS (SELECT 1 FROM pg_locks l
        WHERE l.pid = pg_backend_pid() AND ${isLockOf('claimed.key')}) AS is_held
    FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS claimed (name, key, epoch)
    LEFT JOIN strategy_runner.account_locks r ON r.name = claimed.name`,

  release: `
    UPDATE strategy_runner.account_locks AS r
    SET released_at = now()
    FROM ${CLAIMED}
    WHERE r.name = claimed.name AND r.epoch = claimed.epoch`,
} as const;
