// The shared lock in Postgres: advisory locks of one connection, which the server lets go of when
// the connection ends, and a table that says who holds them and counts the takings. Session locks
// need a connection of their own: no pooler that hands it on between statements.
import { codeOf } from '../private-files/error-code.js';
import type { LockAddress } from './lock-address.js';
import {
  type LockClaim,
  type LockConnection,
  type LockServer,
  type Taking,
  lockNames,
} from './lock-server.js';
import { Link } from './postgres-lock-link.js';
import { REFUSALS, serverRefused, serverUnavailable } from './shared-lock-error.js';

export interface PostgresLockOptions {
  readonly address: LockAddress;
  readonly claim: LockClaim;
  /** How long the server keeps the lock of a machine that it hears nothing from. */
  readonly keptMs: number;
  /** Longest wait for a connection, and for one answer. */
  readonly withinMs?: number;
}

const WITHIN_MS = 5000;
const KEEP_ALIVE_MS = 10_000;
export class PostgresLock implements LockServer {
  readonly #options: PostgresLockOptions;
  readonly #names: readonly string[];
  /** By name; empty before the first taking. */
  #epochs: readonly number[] = [];

  constructor(options: PostgresLockOptions) {
    this.#options = options;
    this.#names = lockNames(options.claim);
  }

  async take(): Promise<Taking> {
    try {
      return await this.#with((link) => this.#takeFirst(link));
    } catch (error) {
      const detail = this.#textOf(error);
      throw REFUSALS.test(codeOf(error)) ? serverRefused(detail) : serverUnavailable(detail);
    }
  }

  async retake(): Promise<Taking> {
    try {
      return await this.#with((link) => this.#takeAgain(link));
    } catch (error) {
      throw this.#scrubbed(error);
    }
  }

  async #takeFirst(link: Link): Promise<Taking> {
    await link.makeTable();
    const holder = await link.lock(this.#names);
    if (holder !== null) return { kind: 'held', holder: holder.is };
    this.#epochs = await link.begin(this.#names, this.#options.claim);
    return { kind: 'taken', epoch: this.#epochs[0]!, connection: this.#held(link) };
  }

  // The server may not have noticed yet that the connection of before has ended.
  async #takeAgain(link: Link): Promise<Taking> {
    const { claim } = this.#options;
    const holder = await link.lock(this.#names);
    if (holder !== null) {
      if (await link.endOwn(this.#names, this.#epochs, claim)) {
        throw new Error('the server still has the connection that was lost; it is told to end it');
      }
      // It may be about to become the holder, or to find that it cannot.
      if (holder.is === undefined) throw new Error('somebody has it who has not said who it is');
      return { kind: 'held', holder: holder.is };
    }
    const isOurs = await link.goOn(this.#names, this.#epochs, claim);
    if (!isOurs) return { kind: 'held', holder: await link.lastHolder(this.#names[0]!) };
    return { kind: 'taken', epoch: this.#epochs[0]!, connection: this.#held(link) };
  }

  #held(link: Link): LockConnection {
    const [names, epochs] = [this.#names, this.#epochs];
    const said = <Result>(work: Promise<Result>): Promise<Result> =>
      work.catch((error: unknown) => {
        throw this.#scrubbed(error);
      });
    return {
      broken: link.broken.then((why) => this.#options.address.scrub(why)),
      prove: () => said(link.prove(names, epochs)),
      release: () => said(link.release(names, epochs)),
      close: () => link.close(),
    };
  }

  // The connection goes with every outcome but the lock itself.
  async #with(work: (link: Link) => Promise<Taking>): Promise<Taking> {
    const { address, claim, keptMs, withinMs = WITHIN_MS } = this.#options;
    const name = `strategy-runner ${this.#names[0]} (${claim.pid}@${claim.host})`.slice(0, 63);
    const { default: pg } = await import('pg');
    const client = new pg.Client({
      connectionString: address.url,
      application_name: name,
      connectionTimeoutMillis: withinMs,
      query_timeout: withinMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    });
    const link = new Link(client);
    let isKept = false;
    try {
      await client.connect();
      await link.prepare(keptMs);
      const taking = await work(link);
      isKept = taking.kind === 'taken';
      return taking;
    } finally {
      if (!isKept) link.close();
    }
  }

  // Without the origin: what the client library hangs on its errors is not known.
  #scrubbed(error: unknown): Error {
    return new Error(this.#textOf(error));
  }

  #textOf(error: unknown): string {
    const text = error instanceof Error ? error.message || codeOf(error) : String(error);
    return this.#options.address.scrub(text.split('\n', 1)[0] ?? '');
  }
}
