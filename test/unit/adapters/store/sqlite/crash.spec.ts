import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { JournalRow } from '@strategy-runner/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyJournal } from '../../../../../adapters/src/store/journal.js';
import { SqliteStore } from '../../../../../adapters/src/store/sqlite/sqlite-store.js';
import { aFolder } from '../a-folder.js';
import { SESSION, rowsOfBars } from '../a-journal.js';

const BATCH = 400;

// Inside the repository, so that the bundle finds the installed packages.
const cache = fileURLToPath(
  new URL('../../../../../node_modules/.cache/store-crash/', import.meta.url),
);
const writer = join(cache, `writer-${process.pid}.mjs`);

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('crash-writer.ts', import.meta.url))],
    outfile: writer,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@strategy-runner/source'],
    external: ['sqlite3', 'vitest', 'fast-check'],
    logLevel: 'error',
  });
});

afterAll(() => rm(writer, { force: true }));

interface Ended {
  readonly said: readonly string[];
  readonly signal: string | null;
}

/** Runs the writer, and kills it `afterMs` after it has said that many lines. */
function run(
  command: readonly [string, ...string[]],
  kill?: { readonly afterLines: number; readonly afterMs: number },
): Promise<Ended> {
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let isDoomed = false;
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (kill === undefined || isDoomed || linesOf(text).length < kill.afterLines) return;
    isDoomed = true;
    setTimeout(() => child.kill('SIGKILL'), kill.afterMs);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_code, signal) => resolve({ said: linesOf(text), signal }));
  });
}

function linesOf(text: string): readonly string[] {
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1);
}

async function contentOf(store: SqliteStore): Promise<readonly JournalRow[]> {
  const rows: JournalRow[] = [];
  for await (const row of store.readJournal(1)) rows.push(row);
  return rows;
}

test('after SIGKILL a batch is whole or not there, and no durable row is lost', async () => {
  const path = join(await aFolder(), 'session.sqlite');
  for (const [round, afterMs] of [0, 1, 2, 3, 5, 8].entries()) {
    const { said, signal } = await run([process.execPath, writer, path, String(BATCH)], {
      afterLines: 3,
      afterMs,
    });
    expect(signal).toBe('SIGKILL');
    const store = await SqliteStore.open({ path });
    const seq = (await store.head())!.seq;
    const verdict = await verifyJournal(SESSION.sessionId, store.readJournal(1));
    const points = await store.rows('equity');
    await store.close();
    const killed = `round ${round}, killed after ${afterMs} ms`;
    expect(seq % BATCH, killed).toBe(0);
    expect(seq, killed).toBeGreaterThanOrEqual(Number(said.at(-1)));
    expect(verdict, killed).toMatchObject({ ok: true, head: { seq } });
    expect(points.length, killed).toBeGreaterThan(0);
  }
});

test('a full disk ends in STORE_WRITE_FAILED, with every row before it intact', async () => {
  const path = join(await aFolder(), 'session.sqlite');
  const before = rowsOfBars(100);
  const store = await SqliteStore.open({ path, session: SESSION });
  await store.append(before);
  await store.close();
  // The kernel refuses to let a file of this process grow beyond the limit, in blocks of 1 KiB.
  const limited = `ulimit -f 1500; exec "$0" "$@"`;
  const { said, signal } = await run([
    'bash',
    '-c',
    limited,
    process.execPath,
    writer,
    path,
    String(BATCH),
  ]);
  expect(signal).toBeNull();
  expect(said.at(-1)).toBe('STORE_WRITE_FAILED');
  const again = await SqliteStore.open({ path });
  const rows = await contentOf(again);
  await again.append(rowsOfBars(1, (await again.head())!));
  await again.close();
  expect(rows.slice(0, 100)).toEqual(before);
  expect(rows.length).toBe(Number(said.at(-2)));
  expect(rows.length).toBeGreaterThan(100);
});
