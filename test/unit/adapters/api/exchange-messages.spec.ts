import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VenueMessage } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { verifySession } from '../../../../adapters/src/api/verify-session.js';
import { runExportCommand } from '../../../../adapters/src/cli/commands/export.js';
import { JournalSink } from '../../../../adapters/src/store/journal.js';
import {
  type SessionFolder,
  createSession,
} from '../../../../adapters/src/store/session-folder.js';
import { SqliteStore } from '../../../../adapters/src/store/sqlite/sqlite-store.js';
import { CallEvents } from '../../../../adapters/src/venue/ccxt/call-events.js';
import { newTrace } from '../../../../adapters/src/venue/ccxt/call-trace.js';
import { Redactor } from '../../../../adapters/src/venue/ccxt/redact.js';
import { aFolder, aMetadata } from '../store/a-folder.js';
import { SESSION } from '../store/a-journal.js';

const BALANCE = `[{"asset":"USDT","balance":"10000","availableBalance":"9000","updateTime":17}]`;

/** The same balance, asked for three times. */
function threeReadings(): readonly VenueMessage[] {
  const kept: VenueMessage[] = [];
  let ms = 0;
  const events = new CallEvents({
    emit: (event) => void kept.push(event as VenueMessage),
    clock: { now: () => (ms += 1000), observe: () => undefined, wallMsUntil: () => 0 },
    redactor: new Redactor({ apiKey: 'the-key', secret: 'the-secret' }),
  });
  for (let i = 0; i < 3; i += 1) {
    const trace = newTrace('fetchBalance', {});
    const url = `http://127.0.0.1:1/balance?timestamp=${i}`;
    events.request(trace, { url, method: 'GET', body: '' });
    events.response(trace, { url, status: 200, headers: {}, body: BALANCE });
  }
  return kept;
}

async function aSession(messages: readonly VenueMessage[]): Promise<SessionFolder> {
  const sessionsDir = await aFolder();
  const metadata = aMetadata({ session_id: SESSION.sessionId });
  const folder = await createSession({ sessionsDir, metadata });
  const store = await SqliteStore.open({ path: folder.databasePath, session: SESSION });
  const sink = new JournalSink({ sessionId: SESSION.sessionId });
  for (const message of messages) sink.event(message);
  await store.append(sink.take());
  await store.close();
  return folder;
}

describe('what the exchange said', () => {
  test('is exported word for word, also where it is kept by reference [R23]', async () => {
    const { path } = await aSession(threeReadings());
    const out = join(path, 'messages.csv');
    await runExportCommand({ session: path, what: 'messages', out });
    const asked = (second: number) => `1970-01-01T00:00:0${second}.000Z,GET /balance?timestamp=0`;
    const quoted = BALANCE.replaceAll('"', '""');
    expect(readFileSync(out, 'utf8').trimEnd().split('\r\n')).toEqual([
      'time,seq,channel,name,text,asked_at,question',
      '1970-01-01T00:00:01.000Z,1,request,fetchBalance,GET /balance?timestamp=0,,',
      `1970-01-01T00:00:02.000Z,2,response,fetchBalance,"200 ${quoted}",,`,
      `1970-01-01T00:00:04.000Z,3,response,fetchBalance,"200 ${quoted}",${asked(3)}`,
      `1970-01-01T00:00:06.000Z,4,response,fetchBalance,"200 ${quoted}",${asked(5)}`,
    ]);
  });

  test('is verified: a reference to what was never kept is named', async () => {
    const kept = threeReadings();
    expect(await verifySession(await aSession(kept))).toMatchObject({ isSound: true });
    for (const [left, seq] of [
      [kept.toSpliced(1, 1), 2],
      [kept.toSpliced(0, 1), 2],
    ] as const) {
      const verdict = await verifySession(await aSession(left));
      expect(verdict).toMatchObject({ isSound: false, finding: { part: 'messages', seq } });
    }
  });
});
