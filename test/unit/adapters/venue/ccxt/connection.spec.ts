import { describe, expect, test } from 'vitest';
import type { RunnerError } from '../../../../../adapters/src/errors.js';
import type { VenueSnapshot } from '@strategy-runner/core';
import {
  type SnapshotParts,
  takeSnapshot,
} from '../../../../../adapters/src/venue/ccxt/account-snapshot.js';
import { Connection } from '../../../../../adapters/src/venue/ccxt/connection.js';
import { type Reading, read } from '../../../../../adapters/src/venue/ccxt/reading.js';

const snapshot = { kind: 'venue_snapshot', ts: 0 } as VenueSnapshot;
const quiet = (): void => undefined;
const clock = { now: () => 0, observe: quiet, wallMsUntil: () => 0 };

function aConnection(
  reads: (connection: Connection) => Promise<Reading<VenueSnapshot>>,
  settleModes = () => Promise.resolve(read<RunnerError | null>(null)),
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

test('P10: a snapshot into which a payment fell is taken again', async () => {
  const payments = [1, 0];
  let resyncs = 0;
  const parts = {
    client: { clock },
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
