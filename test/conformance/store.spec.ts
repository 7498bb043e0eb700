import { join } from 'node:path';
import { MemoryStore, emptyContents } from '../../adapters/src/store/memory/memory-store.js';
import { SqliteStore } from '../../adapters/src/store/sqlite/sqlite-store.js';
import { aFolder } from '../unit/adapters/store/a-folder.js';
import { SESSION } from '../unit/adapters/store/a-journal.js';
import { describeSessionStore } from './store.conformance.js';

describeSessionStore('a store in memory', async () => {
  const contents = emptyContents();
  return { sessionId: SESSION.sessionId, open: async () => new MemoryStore(contents) };
});

describeSessionStore('a store in SQLite', async () => {
  const path = join(await aFolder(), 'session.sqlite');
  return {
    sessionId: SESSION.sessionId,
    open: () => SqliteStore.open({ path, session: SESSION }),
  };
});
