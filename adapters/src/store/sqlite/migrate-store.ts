// `runner migrate`: the layout of one session's database is brought up to date, and its tables are
// refilled. Running it twice does nothing the second time.
import type { Migrated } from './schema.js';
import { SqliteStore } from './sqlite-store.js';

export async function migrateStore(path: string): Promise<Migrated> {
  let fault: unknown;
  const store = await SqliteStore.open({
    path,
    onProjectionFault: (error) => {
      fault = error;
    },
  });
  await store.close();
  if (fault !== undefined) throw fault;
  return store.migrated;
}
