import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { aFolder, runJson, runRunner } from './run-runner.js';
import { runSql } from './run-sql.js';

interface Verdict {
  readonly isSound: boolean;
  readonly rows: number;
  readonly finding?: { readonly part: string; readonly seq: number | null; readonly what: string };
}

interface Row {
  readonly seq: number;
  readonly ts: number;
  readonly class: string;
  readonly kind: string;
  payload: string;
}

let folder = '';
let session = '';

beforeEach(async () => {
  folder = aFolder();
  const args = ['live', '--strategy', 'dca-ladder', '--data', 'sample', '--to', '2025-01-20'];
  const end = await runJson<{ readonly session_id: string }>(args, folder);
  session = end.session_id;
});

const database = (): string => join(folder, 'sessions', session, 'session.sqlite');

async function verdict(status: number): Promise<Verdict> {
  const ended = await runRunner(['journal', 'verify', session, '--json'], folder);
  expect(ended).toMatchObject({ status, stderr: '' });
  return JSON.parse(ended.stdout) as Verdict;
}

async function findingAfter(sql: string): Promise<Verdict['finding']> {
  await runSql(database(), sql);
  return (await verdict(2)).finding;
}

function rowsOf(): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const file = new sqlite3.Database(database());
    const sql = 'SELECT seq, ts, class, kind, payload FROM journal ORDER BY seq';
    file.all<Row>(sql, (error, rows) => file.close(() => (error ? reject(error) : resolve(rows))));
  });
}

// What somebody would have to do who wants a change not to be seen: the whole chain anew, and its
// anchor too.
async function rewrite(change: (rows: Row[]) => void): Promise<void> {
  const rows = await rowsOf();
  change(rows);
  const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
  let hash = sha(session);
  const updates = rows.map(({ seq, ts, class: kindOfRow, kind, payload }) => {
    const before = hash;
    hash = sha(`${before}\n${seq}\n${ts}\n${kindOfRow}\n${kind}\n${payload}`);
    const text = payload.replaceAll("'", "''");
    const set = `payload = '${text}', prev_hash = '${before}', hash = '${hash}'`;
    return `UPDATE journal SET ${set} WHERE seq = ${seq};`;
  });
  await runSql(database(), `BEGIN; ${updates.join('\n')} COMMIT;`);
  const file = join(folder, 'sessions', session, 'session.json');
  const metadata = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  metadata['journal_head'] = { seq: rows.at(-1)!.seq, hash };
  writeFileSync(file, JSON.stringify(metadata));
}

describe('runner journal verify', () => {
  test('finds a session sound as it was written, and changes no byte of it [R15]', async () => {
    const before = readFileSync(database());
    const { isSound, rows } = await verdict(0);
    expect({ isSound, isRead: rows > 100 }).toEqual({ isSound: true, isRead: true });
    expect(readFileSync(database()).equals(before)).toBe(true);
    expect(readdirSync(join(folder, 'sessions', session))).toContain('engine.json');
    const { stdout } = await runRunner(['journal', 'verify', session], folder);
    expect(stdout).toContain('A rewrite of the whole journal together with its anchor');
  });

  test('names the row of which one byte was altered', async () => {
    const sql = "UPDATE journal SET payload = replace(payload, '1', '2') WHERE seq = 50";
    expect(await findingAfter(sql)).toMatchObject({ part: 'chain', seq: 50 });
  });

  test('names the row that was deleted', async () => {
    const finding = await findingAfter('DELETE FROM journal WHERE seq = 60');
    expect(finding).toEqual({ part: 'chain', seq: 60, what: 'it is missing' });
  });

  test('names the first of two rows that were swapped', async () => {
    const sql = `UPDATE journal SET seq = -71 WHERE seq = 70; UPDATE journal SET seq = -70
      WHERE seq = 71; UPDATE journal SET seq = -seq WHERE seq < 0`;
    expect(await findingAfter(sql)).toMatchObject({ part: 'chain', seq: 70 });
  });

  test('notices a journal whose end was cut off', async () => {
    const sql = 'DELETE FROM journal WHERE seq > (SELECT max(seq) - 3 FROM journal)';
    expect(await findingAfter(sql)).toMatchObject({ part: 'anchor' });
  });

  test('names the fill that was changed in the table for people', async () => {
    const sql = "UPDATE fills SET price = '1' WHERE seq = (SELECT min(seq) FROM fills)";
    const finding = await findingAfter(sql);
    expect(finding?.what).toMatch(/^row \d+ of table fills differs$/);
  });

  test('names the order that was taken out of the table for people', async () => {
    const finding = await findingAfter(
      'DELETE FROM orders WHERE leg = (SELECT min(leg) FROM orders)',
    );
    expect(finding?.what).toMatch(/^row .+ of table orders is missing$/);
  });

  test('holds telemetry against the venue although the chain was rewritten [R15]', async () => {
    let seq = 0;
    await rewrite((rows) => {
      const fill = rows.find(({ class: of, kind }) => of === 'record' && kind === 'fill')!;
      fill.payload = fill.payload.replace(/"slippageBps":(-?[\d.]+)/, '"slippageBps":-99');
      ({ seq } = fill);
    });
    const { finding } = await verdict(2);
    expect(finding).toMatchObject({ part: 'telemetry', seq });
    expect(finding?.what).toContain('slippage is -99 bps');
  });

  test('holds the ledger against the venue although the chain was rewritten', async () => {
    let seq = 0;
    await rewrite((rows) => {
      const fill = rows.find(({ class: of, kind }) => of === 'record' && kind === 'fill')!;
      fill.payload = fill.payload.replace(/"cash":"#-?[\d.]+"/, '"cash":"#5"');
      ({ seq } = fill);
    });
    const { finding } = await verdict(2);
    expect(finding).toMatchObject({ part: 'telemetry', seq });
    expect(finding?.what).toContain('cash is 5, it should be');
  });
});
