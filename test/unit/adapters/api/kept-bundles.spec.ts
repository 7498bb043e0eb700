import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type PackPlace, keepBundle } from '../../../../adapters/src/api/kept-bundles.js';
import { aFolder } from '../store/a-folder.js';

const NOON_MS = Date.UTC(2024, 0, 31, 12, 0, 5, 7);
const pack = ({ out }: PackPlace): Promise<void> => writeFile(out, 'whole', { mode: 0o600 });

describe('[B18] the bundles beside a session', () => {
  test('[B18] are named by time, for their owner only, and the newest three are kept', async () => {
    const folder = { path: await aFolder() };
    const paths: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      paths.push(await keepBundle({ folder, nowMs: NOON_MS + i * 1000, pack }));
    }
    const bundles = join(folder.path, 'bundles');
    expect(paths[0]).toBe(join(bundles, '20240131-120005-007.tar.gz'));
    expect(readdirSync(bundles).map((name) => join(bundles, name))).toEqual(paths.slice(2));
    expect(readFileSync(paths[4]!, 'utf8')).toBe('whole');
    expect([statSync(paths[4]!).mode & 0o777, statSync(bundles).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
  });

  test('[B18] are never half: what fails leaves nothing, and those before it', async () => {
    const folder = { path: await aFolder() };
    await keepBundle({ folder, nowMs: NOON_MS, pack });
    const cut = async (place: PackPlace): Promise<void> => {
      await writeFile(place.out, 'ha');
      await writeFile(join(place.scratch, 'copy'), 'lf');
      throw new Error('no more time');
    };
    const failing = keepBundle({ folder, nowMs: NOON_MS + 1, pack: cut, keep: 1 });
    await expect(failing).rejects.toThrow('no more time');
    expect(readdirSync(join(folder.path, 'bundles'))).toEqual(['20240131-120005-007.tar.gz']);
  });

  test('[B18] leave a full disk to the journal of the run that goes on', async () => {
    const folder = { path: await aFolder() };
    await writeFile(join(folder.path, 'session.sqlite'), Buffer.alloc(1_000_000));
    const LEFT = 64 * 1024 * 1024;
    const keep = (free: number) =>
      keepBundle({ folder, nowMs: NOON_MS, pack, freeBytes: async () => free });
    await expect(keep(LEFT + 1_999_999)).rejects.toMatchObject({
      code: 'BUNDLE_REFUSED',
      message: `there is no room for a bundle beside ${folder.path}`,
    });
    expect(readdirSync(join(folder.path, 'bundles'))).toEqual([]);
    await keep(LEFT + 2_000_000);
    expect(readdirSync(join(folder.path, 'bundles'))).toHaveLength(1);
  });

  test('[B18] do not trip over what a killed process left, and spare one at work', async () => {
    const folder = { path: await aFolder() };
    const [old, young] = ['.making-old', '.making-young'].map((name) =>
      join(folder.path, 'bundles', name),
    );
    for (const path of [old!, young!]) mkdirSync(path, { recursive: true });
    utimesSync(old!, NOON_MS / 1000 - 7200, NOON_MS / 1000 - 7200);
    utimesSync(young!, NOON_MS / 1000 - 60, NOON_MS / 1000 - 60);
    await keepBundle({ folder, nowMs: NOON_MS, pack });
    expect([existsSync(old!), existsSync(young!)]).toEqual([false, true]);
  });
});
