import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { VenueSnapshot } from '@strategy-runner/core';
import { unread, read, type Reading } from '../../../../../adapters/src/venue/ccxt/reading.js';
import { ReconcileLoop } from '../../../../../adapters/src/venue/ccxt/reconcile-loop.js';

const snapshot: VenueSnapshot = {
  kind: 'venue_snapshot',
  ts: 0,
  takenMs: 0,
  scope: 'account',
  symbols: [],
  orders: [],
  positions: [],
  balances: [],
};

function aLoop(more: {
  readonly isBusySince?: (ms: number) => boolean;
  readonly takes?: () => Reading<VenueSnapshot>;
  readonly isReady?: () => boolean;
  readonly tells?: number;
}) {
  const emitted: unknown[] = [];
  const failing: string[] = [];
  const missed: string[] = [];
  let readings = 0;
  let changes = 0;
  let untold = 0;
  const quiet = (): void => undefined;
  const loop = new ReconcileLoop({
    clock: { now: () => Date.now(), observe: quiet, wallMsUntil: () => 0 },
    desk: {
      isBusySince: more.isBusySince ?? (() => false),
      get changes() {
        return changes;
      },
    },
    onUntold: () => void (untold += 1),
    takeSnapshot: () => {
      readings += 1;
      changes += more.tells ?? 0;
      return Promise.resolve(more.takes?.() ?? read(snapshot));
    },
    emit: (event) => void emitted.push(event),
    log: { debug: quiet, info: quiet, warn: quiet } as never,
    isReady: more.isReady ?? (() => true),
    onFailing: (detail) => failing.push(detail),
    onMissed: (count, why) => missed.push(`${count}: ${why}`),
  });
  loop.start();
  return { loop, emitted, failing, missed, readings: () => readings, untold: () => untold };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('the comparison with the venue', () => {
  test('W8: is made every half minute, in a quiet moment', async () => {
    const { emitted, loop } = aLoop({});
    await vi.advanceTimersByTimeAsync(31_900);
    expect(emitted).toEqual([]);
    await vi.advanceTimersByTimeAsync(500);
    expect(emitted).toEqual([snapshot]);
    await vi.advanceTimersByTimeAsync(32_500);
    expect(emitted).toHaveLength(2);
    loop.stop();
  });

  test('waits while something moves, for four intervals at most', async () => {
    const { readings, loop } = aLoop({ isBusySince: () => true });
    await vi.advanceTimersByTimeAsync(119_000);
    expect(readings()).toBe(0);
    await vi.advanceTimersByTimeAsync(2000);
    expect(readings()).toBe(1);
    loop.stop();
  });

  test('counts the quiet from the last movement', async () => {
    let lastMs = 0;
    const { readings, loop } = aLoop({ isBusySince: (ms) => lastMs > ms });
    await vi.advanceTimersByTimeAsync(31_500);
    lastMs = Date.now() + 1;
    await vi.advanceTimersByTimeAsync(1500);
    expect(readings()).toBe(0);
    await vi.advanceTimersByTimeAsync(1500);
    expect(readings()).toBe(1);
    loop.stop();
  });

  test('is made before its turn when only a reading explains what was heard', async () => {
    const { readings, loop } = aLoop({});
    await vi.advanceTimersByTimeAsync(100);
    loop.soon();
    await vi.advanceTimersByTimeAsync(2500);
    expect(readings()).toBe(1);
    loop.stop();
  });

  test('is left out while the connection is not ready', async () => {
    const { readings, loop } = aLoop({ isReady: () => false });
    await vi.advanceTimersByTimeAsync(200_000);
    expect(readings()).toBe(0);
    loop.stop();
  });

  test('that fails three times in a row counts as a lost connection', async () => {
    const { emitted, failing, loop } = aLoop({ takes: () => unread('no answer') });
    await vi.advanceTimersByTimeAsync(70_000);
    expect(failing).toEqual([]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(failing).toEqual(['no answer']);
    expect(emitted).toEqual([]);
    loop.stop();
  });

  test('W5: says when it has found what no stream had told', async () => {
    const deaf = aLoop({ tells: 2 });
    const well = aLoop({});
    await vi.advanceTimersByTimeAsync(33_000);
    expect([deaf.untold(), well.untold()]).toEqual([1, 0]);
    deaf.loop.stop();
    well.loop.stop();
  });

  test('ends with the loop', async () => {
    const { readings, loop } = aLoop({});
    loop.stop();
    await vi.advanceTimersByTimeAsync(200_000);
    expect(readings()).toBe(0);
  });
});

describe('the heartbeat of the account', () => {
  test('is missed at exactly two intervals without a reading, once [B3] [B16]', async () => {
    const { loop, missed } = aLoop({ isReady: () => false });
    await vi.advanceTimersByTimeAsync(59_999);
    expect(missed).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(missed).toEqual(['2: the connection is not ready']);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(missed).toHaveLength(1);
    loop.stop();
  });

  test('is missed by readings that fail, and told again after one that did not', async () => {
    const answers = [false, true, false, false, false, true, false, false];
    const { loop, missed } = aLoop({
      takes: () => (answers.shift() === true ? read(snapshot) : unread('no answer')),
    });
    const turns = async (count: number): Promise<void> => {
      await vi.advanceTimersByTimeAsync(count * 32_250);
    };
    await turns(3);
    expect(missed).toEqual([]);
    await turns(2);
    expect(missed).toEqual(['2: no answer']);
    await turns(2);
    expect(missed).toHaveLength(1);
    await turns(1);
    expect(missed).toHaveLength(2);
    loop.stop();
  });

  test('is not missed where somebody else has read the account meanwhile', async () => {
    const { loop, missed } = aLoop({ isReady: () => false });
    for (let i = 0; i < 6; i += 1) {
      await vi.advanceTimersByTimeAsync(30_000);
      loop.beat();
    }
    expect(missed).toEqual([]);
    loop.stop();
  });

  test('counts turns, not readings that were asked for between them', async () => {
    const { loop, missed } = aLoop({ takes: () => unread('no answer') });
    for (let i = 0; i < 4; i += 1) {
      await vi.advanceTimersByTimeAsync(100);
      loop.soon();
      await vi.advanceTimersByTimeAsync(2500);
    }
    expect(missed).toEqual([]);
    loop.stop();
  });
});
