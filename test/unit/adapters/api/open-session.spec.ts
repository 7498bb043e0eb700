import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findOrCreate } from '../../../../adapters/src/api/open-session.js';
import { readRunName, writeRunName } from '../../../../adapters/src/store/run-name.js';
import { aFolder, aMetadata } from '../store/a-folder.js';

const SETTINGS = { trade_from: null, config: {} };

async function aPlace() {
  const sessionsDir = join(await aFolder(), 'sessions');
  let made = 0;
  const open = async (ofRun?: { readonly run: string | undefined }) => {
    made += 1;
    const session_id = `20240101-00000${made}-sma-cross-btc-usdt-0000`;
    const metadata = aMetadata({ session_id, started_at: `2024-01-01T00:00:0${made}.000Z` });
    const { id, path } = await findOrCreate({
      sessionsDir,
      start: 'auto',
      metadata,
      settings: SETTINGS,
      files: {},
      ...(ofRun === undefined ? {} : { ofRun }),
    });
    return { id, path, isNew: id === session_id };
  };
  return { open };
}

describe('the session of a run', () => {
  test('is kept apart from those of other names, where the name decides', async () => {
    const { open } = await aPlace();
    const first = await open({ run: 'first' });
    const second = await open({ run: 'second' });
    const unnamed = await open({ run: undefined });
    expect([first.isNew, second.isNew, unnamed.isNew]).toEqual([true, true, true]);
    expect((await open({ run: 'first' })).id).toBe(first.id);
    expect((await open({ run: 'second' })).id).toBe(second.id);
    expect((await open({ run: undefined })).id).toBe(unnamed.id);
  });

  test('goes on under another name, where the account decides', async () => {
    const { open } = await aPlace();
    const first = await open();
    await writeRunName(first.path, 'first');
    expect(await readRunName(first.path)).toBe('first');
    const again = await open();
    expect(again.id).toBe(first.id);
    await writeRunName(again.path, 'renamed');
    expect(await readRunName(first.path)).toBe('renamed');
  });
});
