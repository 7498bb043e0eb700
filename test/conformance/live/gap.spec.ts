// Rows that an earlier run could not write: they are set aside when the journal has noted them, and
// not before, so that a death in between forgets none.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { AccountStore } from '../../../adapters/src/account-store/account-store.js';
import { SqliteStore } from '../../../adapters/src/store/sqlite/sqlite-store.js';
import { aLiveWorld } from '../../support/live-world.js';

test('rows of an emergency are set aside only once the journal has them noted', async () => {
  const world = await aLiveWorld({ strategy: {} });
  const { id: sessionId, path } = world.session;
  const account = new AccountStore({
    stateDir: join(path, '..', '..', 'state'),
    id: { exchange: 'binanceusdm', account: 'test' },
    clock: { now: () => Date.now() },
  });
  await world.end();
  const folder = join(account.folder, 'emergency');
  mkdirSync(folder, { recursive: true });
  const left = join(folder, `${sessionId}.1.jsonl`);
  writeFileSync(left, '{"seq":1}\n{"seq":2}\n');
  const wasThere: boolean[] = [];
  const { append } = SqliteStore.prototype;
  const spy = vi.spyOn(SqliteStore.prototype, 'append');
  spy.mockImplementation(function write(this: SqliteStore, rows) {
    if (rows.some(({ kind }) => kind === 'journal_gap')) wasThere.push(existsSync(left));
    return append.call(this, rows);
  });
  await world.begin();
  spy.mockRestore();
  expect(wasThere).toEqual([true]);
  expect(existsSync(left)).toBe(false);
  expect(await world.eventsOf('journal_gap')).toMatchObject([{ rows: 2, keptAt: `${left}.noted` }]);
  expect(existsSync(`${left}.noted`)).toBe(true);
});
