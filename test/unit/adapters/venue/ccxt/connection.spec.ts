import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { RunnerError } from '../../../../../adapters/src/errors.js';
import type { VenueSnapshot } from '@strategy-runner/core';
import {
  type SnapshotParts,
  takeSnapshot,
} from '../../../../../adapters/src/venue/ccxt/account-snapshot.js';
import {
  Connection,
  type ConnectionParts,
} from '../../../../../adapters/src/venue/ccxt/connection.js';
import { type Reading, read, unread } from '../../../../../adapters/src/venue/ccxt/reading.js';

const snapshot = { kind: 'venue_snapshot', ts: 0 } as VenueSnapshot;
const quiet = (): void => undefined;
const clock = { now: () => 0, observe: quiet, wallMsUntil: () => 0 };

function aConnection(
  reads: (connection: Connection) => Promise<Reading<VenueSnapshot>>,
  settleModes = () => Promise.resolve(read<RunnerError | null>(null)),
  more: Partial<ConnectionParts> = {},
) {
  const states: string[] = [];
  const connection: Connection = new Connection({
    client: {
      clock,
      connect: () => Promise.resolve({ ok: true, value: true, sentMs: 0, ackedMs: 0 }),
      close: () => Promise.resolve(),
    } as never,
    emit: (event) => void (event.kind === 'connection' && states.push(event.state)),
    log: { debug: quiet, info: quiet, warn: quiet },
    userStream: { open: () => Promise.resolve(read(null)), close: quiet },
    settleModes,
    takeSnapshot: () => reads(connection),
    command: quiet,
    outageKillAfterMs: null,
    backoff: { firstMs: 1, maxMs: 1 },
    ...more,
  });
  return { connection, states };
}

describe('a connection', () => {
  test('does not believe a reading during which the stream was lost', async () => {
    let readings = 0;
    const { connection, states } = aConnection((own) => {
      readings += 1;
      if (readings === 1) own.lost('closed');
      return Promise.resolve(read(snapshot));
    });
    await connection.start();
    expect(states).toEqual(['connecting', 'syncing', 'down', 'connecting', 'syncing']);
  });

  test('is not ready before all has been read, though the plan is accepted', async () => {
    const { connection, states } = aConnection((own) => {
      own.ready();
      expect(own.state).toBe('syncing');
      return Promise.resolve(read(snapshot));
    });
    await connection.start();
    expect(states).toEqual(['connecting', 'syncing', 'ready']);
  });

  test('that is lost and refused before the plan is accepted is tried again', async () => {
    const refusal = { message: 'another mode' } as RunnerError;
    const modes = [null, refusal, null];
    const { connection } = aConnection(
      () => Promise.resolve(read(snapshot)),
      () => Promise.resolve(read(modes.shift() ?? null)),
    );
    await connection.start();
    connection.lost('closed');
    await expect.poll(() => modes.length).toBeLessThan(2);
    connection.ready();
    await expect.poll(() => connection.state).toBe('ready');
    await connection.stop();
  });
});

/** A permit that the test withdraws and gives. */
class HandPermit {
  denial: string | null = null;
  readonly #waiting: (() => void)[] = [];

  onWithdrawn(): void {
    // The test tells the connection itself.
  }

  given(signal: AbortSignal): Promise<void> {
    if (this.denial === null || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  give(): void {
    this.denial = null;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const reading = (): Promise<Reading<VenueSnapshot>> => Promise.resolve(read(snapshot));
const modes = (): Promise<Reading<null>> => Promise.resolve(read(null));

describe('[P2] a connection whose permit is withdrawn', () => {
  test('reads the account again before entries may go, and counts no outage', async () => {
    const permit = new HandPermit();
    const kills: unknown[] = [];
    const command = (event: unknown): void => void kills.push(event);
    const more = { permit, command, outageKillAfterMs: 1 };
    const { connection, states } = aConnection(reading, modes, more);
    connection.ready();
    await connection.start();
    expect(connection.state).toBe('ready');
    permit.denial = 'the lock is not proven';
    connection.withheld(permit.denial);
    expect(connection.state).toBe('syncing');
    await sleep(20);
    expect(connection.state).toBe('syncing');
    permit.give();
    await expect.poll(() => connection.state).toBe('ready');
    expect(states.slice(3)).toEqual(['syncing', 'connecting', 'syncing', 'ready']);
    expect(kills).toEqual([]);
    await connection.stop();
  });

  test('does not believe a reading during which it was withdrawn', async () => {
    const permit = new HandPermit();
    let readings = 0;
    const { connection, states } = aConnection(
      (own) => {
        readings += 1;
        if (readings > 1) return reading();
        permit.denial = 'the lock is not proven';
        own.withheld(permit.denial);
        return reading();
      },
      modes,
      { permit },
    );
    connection.ready();
    const started = connection.start();
    await expect.poll(() => states).toEqual(['connecting', 'syncing', 'syncing']);
    permit.give();
    await started;
    expect(readings).toBe(2);
    expect(connection.state).toBe('ready');
    await connection.stop();
  });

  test('does not believe a reading either during which it was withdrawn and given', async () => {
    let readings = 0;
    const { connection } = aConnection(
      (own) => {
        readings += 1;
        if (readings === 1) own.withheld('the lock is not proven');
        return reading();
      },
      modes,
      { permit: new HandPermit() },
    );
    connection.ready();
    await connection.start();
    expect({ readings, state: connection.state }).toEqual({ readings: 2, state: 'ready' });
    await connection.stop();
  });

  test('opens a stream that is lost meanwhile, and tells what it finds, but no entry', async () => {
    const permit = new HandPermit();
    let [opened, told] = [0, 0];
    const open = (): Promise<Reading<null>> => {
      opened += 1;
      return modes();
    };
    const kills: unknown[] = [];
    const states: string[] = [];
    const { connection } = aConnection(reading, modes, {
      permit,
      userStream: { open, close: quiet },
      command: (event) => void kills.push(event),
      outageKillAfterMs: 10,
      emit: (event) => {
        if (event.kind === 'connection') states.push(event.state);
        else told += 1;
      },
    });
    connection.ready();
    await connection.start();
    permit.denial = 'the lock is not proven';
    connection.withheld(permit.denial);
    connection.lost('closed');
    await expect.poll(() => ({ opened, told })).toEqual({ opened: 2, told: 2 });
    await sleep(20);
    expect(states.slice(3)).toEqual(['syncing', 'connecting', 'syncing', 'syncing']);
    connection.lost('closed again');
    await expect.poll(() => opened).toBe(3);
    expect(states).not.toContain('down');
    permit.give();
    await expect.poll(() => connection.state).toBe('ready');
    // The venue was there: no outage is counted.
    expect(kills).toEqual([]);
    await connection.stop();
  });

  test('tries again with the venue gone too, and counts no outage when it is back', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const permit = new HandPermit();
    const kills: unknown[] = [];
    const answers = [read(snapshot), unread('gone')];
    let readings = 0;
    const { connection, states } = aConnection(
      () => {
        readings += 1;
        return Promise.resolve(answers.shift() ?? read(snapshot));
      },
      modes,
      { permit, command: (event) => void kills.push(event), outageKillAfterMs: 1000 },
    );
    connection.ready();
    await connection.start();
    permit.denial = 'the lock is not proven';
    connection.withheld(permit.denial);
    connection.lost('closed');
    await vi.advanceTimersByTimeAsync(10);
    expect(states).toContain('down');
    expect(connection.state).toBe('syncing');
    await vi.advanceTimersByTimeAsync(5000);
    expect({ readings, kills }).toEqual({ readings: 3, kills: [] });
    await connection.stop();
  });

  test('opens nothing once it is stopped', async () => {
    const permit = new HandPermit();
    let opened = 0;
    const open = (): Promise<Reading<null>> => {
      opened += 1;
      return modes();
    };
    const userStream = { open, close: quiet };
    const { connection } = aConnection(reading, modes, { permit, userStream });
    connection.ready();
    await connection.start();
    permit.denial = 'the lock is not proven';
    connection.withheld(permit.denial);
    await connection.stop();
    await sleep(20);
    expect(opened).toBe(1);
  });
});

test('a connection that is stopped while it connects opens no stream', async () => {
  let connected: () => void = quiet;
  let opened = 0;
  const open = (): Promise<Reading<null>> => {
    opened += 1;
    return modes();
  };
  const connect = async (): Promise<unknown> => {
    await new Promise<void>((resolve) => {
      connected = resolve;
    });
    return { ok: true };
  };
  const client = { clock, connect, close: () => Promise.resolve() } as never;
  const userStream = { open, close: quiet };
  const { connection } = aConnection(reading, modes, { client, userStream });
  const started = connection.start();
  await expect.poll(() => connected).not.toBe(quiet);
  await connection.stop();
  connected();
  expect(await started).toBeUndefined();
  expect(opened).toBe(0);
});

test('P10: a snapshot into which a payment fell is taken again', async () => {
  const payments = [1, 0];
  let resyncs = 0;
  const parts = {
    client: { clock, together: (run: () => unknown) => run() },
    desk: {
      resync: () => {
        resyncs += 1;
        return Promise.resolve(read(null));
      },
      openOrders: () => [],
    },
    reader: {
      scope: 'account',
      positions: () => Promise.resolve(read([])),
      balances: () => Promise.resolve(read([])),
    },
    income: {
      settled: () => Promise.resolve(),
      read: () => Promise.resolve(read(payments.shift() ?? 0)),
    },
    symbols: () => ['A/B'],
  } as unknown as SnapshotParts;
  const taken = await takeSnapshot(parts, 'full', { balances: '', incomeReadMs: 0 });
  expect(taken).toMatchObject({ ok: true, value: { scope: 'account', symbols: ['A/B'] } });
  expect(resyncs).toBe(2);
});
