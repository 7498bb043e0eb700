// A process to be killed: appends batches as fast as it can and says each row that has become
// durable. Arguments: the path of the store, and the number of rows per batch.
import { SqliteStore } from '../../../../../adapters/src/store/sqlite/sqlite-store.js';
import { SESSION, rowsOfBars } from '../a-journal.js';

const [path = '', batch = '1'] = process.argv.slice(2);

try {
  const store = await SqliteStore.open({ path, session: SESSION });
  let head = await store.head();
  for (;;) {
    const rows = rowsOfBars(Number(batch), head);
    await store.append(rows);
    head = await store.head();
    process.stdout.write(`${head?.seq ?? 0}\n`);
  }
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  process.stdout.write(`${code}\n`);
  process.exit(3);
}
