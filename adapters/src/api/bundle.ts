// A session in one file for somebody else: what was recorded, what it takes to run it again, and
// what it came to. It is copied aside first, as of one moment, and everything is made of that copy.
import { access, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineConfig, decode } from '@strategy-runner/core';
import {
  type SessionFolder,
  assertStoreThere,
  readSessionFile,
  readSessionFolder,
} from '../store/session-folder.js';
import { damaged } from '../store/store-error.js';
import { HOST_VERSION } from '../version.js';
import type { BundleManifest, BundledFile } from './bundle-manifest.js';
import { type SessionMetrics, sessionMetrics } from './bundle-metrics.js';
import { type Findings, bundleReport } from './bundle-report.js';
import {
  type KnownSecret,
  assertHoldsNone,
  assertPluginShareable,
  holdsSecret,
  needlesOf,
  withoutSecrets,
} from './bundle-secrets.js';
import { type WrittenArchive, describeFile, writeArchive } from './bundle-write.js';
import { verifySession } from './verify-session.js';

export interface BundleOptions {
  readonly folder: SessionFolder;
  /** Path of the archive; replaced where it exists. */
  readonly out: string;
  readonly hasPlugin: boolean;
  /** Credentials of this process: a bundle that would hold one is not made. */
  readonly secrets: readonly KnownSecret[];
  /** Where it is put together; default: the system's folder for such. */
  readonly scratch?: string;
  /** After so many wall ms it is packed without verdict or metrics; omitted = they are awaited. */
  readonly findWithinMs?: number;
  /** Ends the work; nothing of it is left. */
  readonly signal?: AbortSignal;
}

export interface MadeBundle extends WrittenArchive {
  readonly path: string;
  readonly manifest: BundleManifest;
}

/** Errors: BUNDLE_REFUSED (77), STORE_DAMAGED (65), SCHEMA_OLDER (78), STORE_WRITE_FAILED. */
export async function makeBundle(options: BundleOptions): Promise<MadeBundle> {
  const { folder, out, hasPlugin, signal } = options;
  await assertStoreThere(folder);
  const aside = await mkdtemp(join(options.scratch ?? tmpdir(), 'runner-bundle-'));
  try {
    const path = join(aside, folder.metadata.session_id);
    await mkdir(path, { mode: 0o700 });
    const removed = await copyAside(options, path);
    signal?.throwIfAborted();
    await addFindings(await readSessionFolder(path), path, options);
    const files: BundledFile[] = [];
    for (const name of (await readdir(path)).sort()) {
      signal?.throwIfAborted();
      await assertClean(path, name, options.secrets);
      files.push(await describeFile(path, name));
    }
    const manifest: BundleManifest = {
      schema: 'runner.bundle/1',
      session_id: folder.metadata.session_id,
      host_version: HOST_VERSION,
      has_plugin: hasPlugin && files.some(({ name }) => name === 'plugin.mjs'),
      removed,
      files,
    };
    return { path: out, manifest, ...(await writeArchive(out, path, manifest, signal)) };
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

const PLUGIN_FILES: readonly string[] = ['plugin.json', 'plugin.mjs'];
const RUN_METRICS: Readonly<Record<string, string>> = {
  'metrics.prom': 'run-metrics.prom',
  'metrics.json': 'run-metrics.json',
};
const KEPT: readonly string[] = ['session.json', 'config.json', 'engine.json', 'trace.json'];

// The anchor in session.json is read before the journal is copied: a row that a runner adds in
// between is then too many, not missing.
async function copyAside(
  { folder, hasPlugin }: BundleOptions,
  to: string,
): Promise<readonly string[]> {
  const removed: string[] = [];
  const names = [...KEPT, ...(hasPlugin ? PLUGIN_FILES : []), ...(await logsOf(folder))];
  for (const name of names) {
    const from = join(folder.path, name);
    if (!(await exists(from))) continue;
    if (name !== 'config.json') await copyFile(from, join(to, name));
    else removed.push(...(await copyConfig(folder, to)).map((path) => `${name}:${path}`));
    if (name === 'plugin.json') assertPluginShareable(await readJson(folder, name));
  }
  await copyMetrics(folder, to);
  if (!(await exists(folder.databasePath))) return removed;
  // SQLite is loaded only where there is a database to copy.
  const { copyStore } = await import('../store/sqlite/copy-store.js');
  await copyStore(folder.databasePath, join(to, 'session.sqlite'));
  return removed;
}

// What the last run showed of itself, under a name beside the metrics that are made of the journal.
async function copyMetrics(folder: SessionFolder, to: string): Promise<void> {
  for (const [name, kept] of Object.entries(RUN_METRICS)) {
    const from = join(folder.path, name);
    if (await exists(from)) await copyFile(from, join(to, kept));
  }
}

/** Answers the settings that were taken out. */
async function copyConfig(folder: SessionFolder, to: string): Promise<readonly string[]> {
  const { content, removed } = withoutSecrets(await readJson(folder, 'config.json'));
  const text = `${JSON.stringify(content, null, 2)}\n`;
  await writeFile(join(to, 'config.json'), text, { mode: 0o600 });
  return removed;
}

async function readJson(folder: SessionFolder, name: string): Promise<unknown> {
  const text = (await readSessionFile(folder, name)) ?? 'null';
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(join(folder.path, name), 'It is not JSON', error);
  }
}

async function logsOf(folder: SessionFolder): Promise<readonly string[]> {
  return (await readdir(folder.path)).filter((name) => /^[A-Za-z0-9][\w.-]*\.log$/.test(name));
}

/** Verdict, metrics and report, made of the copy, as far as there is a journal to make them of. */
async function addFindings(
  copy: SessionFolder,
  to: string,
  { signal, findWithinMs }: Pick<BundleOptions, 'signal' | 'findWithinMs'>,
): Promise<void> {
  const late = findWithinMs === undefined ? undefined : AbortSignal.timeout(findWithinMs);
  const ends = [signal, late].filter((one) => one !== undefined);
  const found: Findings = { isCutShort: false };
  try {
    if (await exists(copy.databasePath)) await find(copy, found, AbortSignal.any(ends));
  } catch (error) {
    if (late?.aborted !== true || signal?.aborted === true) throw error;
    found.isCutShort = true;
  }
  const { verdict, metrics } = found;
  const save = (name: string, text: string) => writeFile(join(to, name), text, { mode: 0o600 });
  if (verdict !== undefined) await save('verify.json', `${JSON.stringify(verdict, null, 2)}\n`);
  if (metrics !== undefined) await save('metrics.json', `${JSON.stringify(metrics, null, 2)}\n`);
  await save('report.txt', bundleReport(copy.metadata, found));
}

async function find(copy: SessionFolder, found: Findings, signal: AbortSignal): Promise<void> {
  found.verdict = await verifySession(copy, () => signal.throwIfAborted());
  signal.throwIfAborted();
  // What is not sound may not be readable to its end.
  const metrics = found.verdict.isSound ? await metricsOf(copy, signal) : undefined;
  if (metrics !== undefined) found.metrics = metrics;
}

async function metricsOf(
  copy: SessionFolder,
  signal: AbortSignal,
): Promise<SessionMetrics | undefined> {
  const engine = await readSessionFile(copy, 'engine.json');
  if (engine === undefined) return undefined;
  const { SqliteStore } = await import('../store/sqlite/sqlite-store.js');
  const store = await SqliteStore.openReader(copy.databasePath);
  try {
    return await sessionMetrics({
      sessionId: copy.metadata.session_id,
      config: decode(engine) as EngineConfig,
      fromMs: copy.metadata.start_state?.bar_ms ?? 0,
      rows: untilAborted(store.readJournal(1), signal),
    });
  } finally {
    await store.close();
  }
}

async function* untilAborted<Row>(
  rows: AsyncIterable<Row>,
  signal: AbortSignal,
): AsyncGenerator<Row> {
  for await (const row of rows) {
    signal.throwIfAborted();
    yield row;
  }
}

async function assertClean(
  folder: string,
  name: string,
  secrets: readonly KnownSecret[],
): Promise<void> {
  const path = join(folder, name);
  const needles = needlesOf(secrets);
  await assertHoldsNone({ name, path }, needles);
  if (needles.length === 0 || !name.endsWith('.sqlite')) return;
  const { findWord } = await import('../store/sqlite/copy-store.js');
  const words = needles.map(({ value }) => value);
  const word = await findWord(path, words);
  const found = needles.find(({ value }) => value === word);
  if (found !== undefined) throw holdsSecret(name, found.name);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
