// One connection to the shared lock's Postgres, and what is asked over it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, QueryResultRow } from 'pg';
import type { AccountHolder } from './account-lock.js';
import type { LockClaim } from './lock-server.js';
import { SQL, lockKey } from './postgres-lock-sql.js';

/** Who has just taken it says so a moment later; who has just let go is not there any more. */
const TRIES_MAX = 3;
const SAID_WITHIN_MS = 100;

export class Link {
  readonly broken: Promise<string>;
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
    this.broken = new Promise((resolve) => {
      client.on('error', ({ message }) => resolve(message));
      client.on('end', () => resolve('the connection has ended'));
    });
  }

  async prepare(keptMs: number): Promise<void> {
    await this.#ask(SQL.settings, [String(Math.ceil(keptMs / 1000)), String(keptMs)]);
  }

  async makeTable(): Promise<void> {
    const [found] = await this.#ask<{ is_there: boolean }>(SQL.isTableThere);
    if (found?.is_there === true) return;
    await this.#client.query(SQL.makeTable);
  }

  /** Null where all are ours now; else the holder of the first that is not. */
  async lock(names: readonly string[]): Promise<{ readonly is: AccountHolder | undefined } | null> {
    for (const name of names) {
      const holder = await this.#lockOne(name);
      if (holder !== null) return holder;
    }
    return null;
  }

  async #lockOne(name: string): Promise<{ readonly is: AccountHolder | undefined } | null> {
    for (let tries = 1; ; tries += 1) {
      const [tried] = await this.#ask<{ is_ours: boolean }>(SQL.tryLock, [lockKey(name)]);
      if (tried?.is_ours === true) return null;
      const [row] = await this.#ask<HolderRow>(SQL.holder, [lockKey(name), name]);
      const holder = row === undefined ? undefined : holderOf(row);
      if (holder !== undefined || tries === TRIES_MAX) {
        await this.#ask(SQL.letGo);
        return { is: holder };
      }
      await sleep(SAID_WITHIN_MS);
    }
  }

  /** All at once: whoever reads a row of a taking reads those of the others too. */
  async begin(names: readonly string[], claim: LockClaim): Promise<readonly number[]> {
    const { id, host, pid, session, since } = claim;
    const who = [id.exchange.toLowerCase(), id.account, host, pid, session, since];
    const rows = await this.#ask<EpochRow>(SQL.begin, [names, names.map(lockKey), ...who]);
    return names.map((name) => Number(rows.find((row) => row.name === name)?.epoch));
  }

  async goOn(
    names: readonly string[],
    epochs: readonly number[],
    claim: LockClaim,
  ): Promise<boolean> {
    const rows = await this.#ask(SQL.goOn, [names, epochs, ...ownerOf(claim)]);
    return rows.length === names.length;
  }

  /** Ends the connection of before where it is what holds the lock; false = it is not. */
  async endOwn(
    names: readonly string[],
    epochs: readonly number[],
    claim: LockClaim,
  ): Promise<boolean> {
    const keys = names.map(lockKey);
    const rows = await this.#ask(SQL.endOwn, [names, epochs, ...ownerOf(claim), keys]);
    return rows.length > 0;
  }

  async lastHolder(name: string): Promise<AccountHolder | undefined> {
    const [row] = await this.#ask<HolderRow>(SQL.lastHolder, [name]);
    return row === undefined ? undefined : holderOf(row);
  }

  async prove(
    names: readonly string[],
    epochs: readonly number[],
  ): Promise<'held' | 'gone' | 'taken'> {
    const rows = await this.#ask<ProofRow>(SQL.prove, [names, names.map(lockKey), epochs]);
    if (rows.some(({ is_epoch_ours }) => !is_epoch_ours)) return 'taken';
    return rows.every(({ is_held }) => is_held) ? 'held' : 'gone';
  }

  async release(names: readonly string[], epochs: readonly number[]): Promise<void> {
    await this.#ask(SQL.release, [names, epochs]);
    await this.#client.end();
  }

  close(): void {
    // Nothing that it still says is of interest, and an answer under way would keep it open.
    this.#client.end().catch(() => undefined);
    this.#client.connection.stream.destroy();
  }

  async #ask<Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) {
    const { rows } = await this.#client.query<Row>(sql, [...values]);
    return rows;
  }
}

interface EpochRow {
  readonly name: string;
  readonly epoch: string;
}

interface ProofRow {
  readonly is_held: boolean;
  readonly is_epoch_ours: boolean;
}

interface HolderRow {
  readonly exchange: string | null;
  readonly account: string;
  readonly host: string;
  readonly pid: number;
  readonly session: string;
  readonly since: Date;
  readonly epoch: string;
}

// Without a row of its own the one that holds the lock has not come to saying who it is.
function holderOf(row: HolderRow): AccountHolder | undefined {
  const { exchange, account, host, pid, session } = row;
  if (exchange === null) return undefined;
  const since = row.since.toISOString();
  return { exchange, account, host, pid, session, since, epoch: Number(row.epoch) };
}

function ownerOf({ host, pid, session, since }: LockClaim): readonly unknown[] {
  return [host, pid, session, since];
}
