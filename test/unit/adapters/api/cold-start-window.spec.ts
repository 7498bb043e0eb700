import { decimal } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { assertNoBlackout } from '../../../../adapters/src/api/cold-start-window.js';
import { findOrCreate } from '../../../../adapters/src/api/open-session.js';
import { aFolder, aMetadata } from '../store/a-folder.js';

const fromMs = Date.UTC(2024, 0, 1, 12);
const toMs = Date.UTC(2024, 0, 1, 14);
const window = { kind: 'once', reason: 'news', symbols: null, fromMs, toMs } as const;
const blackout = { windows: [window], offsets: [] };

describe('[B18] a new session', () => {
  test('[B18] is not begun in a black-out window, and is told when it may be', () => {
    const start = (ms: number) => () => assertNoBlackout({ blackout, symbol: 'X/Y' }, ms);
    expect(start(fromMs - 1)).not.toThrow();
    expect(start(toMs)).not.toThrow();
    expect(start(fromMs)).toThrow(
      expect.objectContaining({
        code: 'COLD_START_REFUSED',
        exitCode: 77,
        message: 'no session is begun in a black-out window: news',
        next: expect.stringContaining('2024-01-01T14:00:00') as string,
      }) as Error,
    );
    expect(() => assertNoBlackout({ symbol: 'X/Y' }, fromMs)).not.toThrow();
  });

  test('[B18] leaves no trace when it is refused; one that exists is gone on with', async () => {
    const sessionsDir = await aFolder();
    const settings = { trade_from: null, config: { cash: String(decimal('1')) } };
    const base = { sessionsDir, settings, files: {} };
    const metadata = (id: string) => aMetadata({ session_id: `20240101-000000-a-b-${id}` });
    const beforeNew = (): never => {
      throw new Error('black');
    };
    for (const start of ['auto', 'cold'] as const) {
      const refused = findOrCreate({ ...base, start, metadata: metadata('0001'), beforeNew });
      await expect(refused).rejects.toThrow('black');
    }
    const made = await findOrCreate({ ...base, start: 'auto', metadata: metadata('0002') });
    const again = { ...base, start: 'auto', metadata: metadata('0003'), beforeNew } as const;
    expect((await findOrCreate(again)).id).toBe(made.id);
  });
});
