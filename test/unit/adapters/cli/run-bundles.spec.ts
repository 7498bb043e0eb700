// When a run writes a bundle of its session, and what never comes of it: another exit status, a
// wait without end, half a file.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { writeEndBundle } from '../../../../adapters/src/cli/end-bundle.js';
import { KillBundle } from '../../../../adapters/src/cli/kill-bundle.js';
import { bundleAtKill } from '../../../../adapters/src/cli/kill-without-run.js';
import { RunBundles } from '../../../../adapters/src/cli/run-bundles.js';
import { StopSignals } from '../../../../adapters/src/cli/stop-signals.js';
import { EXIT, RunnerError } from '../../../../adapters/src/errors.js';
import { createSession } from '../../../../adapters/src/store/session-folder.js';
import { lockSession } from '../../../../adapters/src/store/session-lock.js';
import type { AccountStore } from '../../../../adapters/src/account-store/account-store.js';
import { aFolder, aMetadata } from '../store/a-folder.js';

const clock = { now: () => Date.UTC(2024, 0, 31, 12) };
const WITHIN_MS = 60_000;
const ACCOUNT = { exchange: 'binanceusdm', account: 'main' };

async function aSession(settings: unknown = {}) {
  const sessionsDir = await aFolder();
  const metadata = aMetadata({ ...ACCOUNT, kind: 'live' });
  return createSession({ sessionsDir, metadata, settings });
}

function bundlesIn({ path }: { readonly path: string }): readonly string[] {
  const folder = join(path, 'bundles');
  return existsSync(folder) ? readdirSync(folder) : [];
}

function aRun(options: { readonly isWanted?: boolean; readonly isAskedAgain?: boolean } = {}) {
  const said: string[] = [];
  const log = pino({ base: null }, { write: (line) => void said.push(line) });
  const again = new AbortController();
  if (options.isAskedAgain === true) again.abort();
  const bundles = new RunBundles({
    isWanted: options.isWanted ?? true,
    clock,
    watch: { log },
    signals: { untilAgain: (work) => work(again.signal) },
  });
  return { bundles, said };
}

describe('[B18] the bundle at the end of a run', () => {
  test('[B18] is written when everything else is over, and its path is told', async () => {
    const folder = await aSession();
    const { bundles, said } = aRun();
    const { result, bundle } = await bundles.after(async () => {
      bundles.begin(folder);
      await Promise.resolve();
      expect(bundlesIn(folder)).toEqual([]);
      return 'ended';
    });
    expect({ result, bundle }).toEqual({
      result: 'ended',
      bundle: join(folder.path, 'bundles', '20240131-120000-000.tar.gz'),
    });
    expect(bundlesIn(folder)).toEqual(['20240131-120000-000.tar.gz']);
    expect(said.join('')).toContain('"event":"bundle_written"');
  });

  test('[B18] is written after a failure too, which stays what it was', async () => {
    const folder = await aSession();
    const { bundles } = aRun();
    const work = async (): Promise<never> => {
      bundles.begin(folder);
      throw new Error('the disk is full');
    };
    await expect(bundles.after(work)).rejects.toThrow('the disk is full');
    expect(bundlesIn(folder)).toHaveLength(1);
  });

  test('[B18] is not written of a start that was refused, nor where nobody wants it', async () => {
    const folder = await aSession();
    const { bundles } = aRun();
    const refusal = { code: 'X', message: 'no', next: 'x', exitCode: EXIT.refused };
    const refused = bundles.after(() => {
      bundles.begin(folder);
      return Promise.reject(new RunnerError(refusal));
    });
    await expect(refused).rejects.toThrow('no');
    const unwanted = aRun({ isWanted: false }).bundles;
    const ended = await unwanted.after(async () => unwanted.begin(folder));
    expect(ended.bundle).toBeNull();
    const without = aRun().bundles;
    expect((await without.after(async () => 1)).bundle).toBeNull();
    expect(bundlesIn(folder)).toEqual([]);
  });

  test('[B18] is given up when somebody asks again, and the end stays as it is', async () => {
    const folder = await aSession();
    const { bundles, said } = aRun({ isAskedAgain: true });
    const { result, bundle } = await bundles.after(async () => {
      bundles.begin(folder);
      return 'ended';
    });
    expect({ result, bundle, left: bundlesIn(folder) }).toEqual({
      result: 'ended',
      bundle: null,
      left: [],
    });
    expect(said.join('')).toContain('"event":"bundle_not_written"');
    expect(said.join('')).toContain(`runner bundle ${folder.path}`);
  });

  test('[B18] is not waited for without end, and never holds a secret', async () => {
    const folder = await aSession({ note: 'sk-very-secret-1234' });
    const late = await writeEndBundle({ folder, clock, withinMs: 0 });
    expect(late).toMatchObject({ path: null, why: 'it was not done within 0 s' });
    process.env['TEST_ONLY_SECRET'] = 'sk-very-secret-1234';
    try {
      const refused = await writeEndBundle({ folder, clock, withinMs: WITHIN_MS });
      expect(refused).toMatchObject({ path: null });
      expect(JSON.stringify(refused)).toContain('BUNDLE_REFUSED');
    } finally {
      delete process.env['TEST_ONLY_SECRET'];
    }
    expect(bundlesIn(folder)).toEqual([]);
  });

  test('[B18] the second signal reaches it, the first one does not', async () => {
    const signals = new StopSignals();
    try {
      process.emit('SIGTERM', 'SIGTERM');
      const seen = await signals.untilAgain(async (signal) => {
        const before = signal.aborted;
        process.emit('SIGTERM', 'SIGTERM');
        return [before, signal.aborted];
      });
      expect(seen).toEqual([false, true]);
    } finally {
      signals.release();
    }
  });
});

describe('[B18] the bundle at a kill', () => {
  async function aRunner(text: string): Promise<string> {
    const path = join(await aFolder(), 'runner.mjs');
    writeFileSync(path, text);
    return path;
  }

  const log = pino({ level: 'silent' });

  test('[B18] is packed by another process while the run goes on', async () => {
    const folder = await aSession();
    // What it was asked to do, in place of a bundle.
    const runner = await aRunner(`
      import { writeFileSync } from 'node:fs';
      const [, , command, session, , out] = process.argv;
      writeFileSync(out, [command, session, process.env.TMPDIR].join(' '));
    `);
    const kill = new KillBundle({ folder, clock, log, runner });
    kill.write();
    await expect
      .poll(() => bundlesIn(folder), { timeout: 30_000 })
      .toEqual(['20240131-120000-000.tar.gz']);
    await kill.stop();
    const text = readFileSync(join(folder.path, 'bundles', bundlesIn(folder)[0]!), 'utf8');
    expect(text.startsWith(`bundle ${folder.path} ${folder.path}/bundles/.making-`)).toBe(true);
  });

  test('[B18] is given up when the run ends, and leaves nothing', async () => {
    const folder = await aSession();
    const runner = await aRunner(`
      import { writeFileSync } from 'node:fs';
      writeFileSync(process.argv[5], 'half');
      setInterval(() => undefined, 1000);
    `);
    const kill = new KillBundle({ folder, clock, log, runner });
    kill.write();
    await expect.poll(() => bundlesIn(folder).length, { timeout: 30_000 }).toBe(1);
    await kill.stop();
    expect(bundlesIn(folder)).toEqual([]);
  });

  test('[B18] that hangs is given up and said, and the next one is written', async () => {
    const folder = await aSession();
    const once = join(folder.path, 'once');
    const runner = await aRunner(`
      import { existsSync, writeFileSync } from 'node:fs';
      const hasHung = existsSync(${JSON.stringify(once)});
      writeFileSync(${JSON.stringify(once)}, '');
      if (!hasHung) await new Promise((resolve) => setTimeout(resolve, 600_000));
      writeFileSync(process.argv[5], 'whole');
    `);
    const said: string[] = [];
    const told = pino({}, { write: (line) => void said.push(line) });
    const kill = new KillBundle({ folder, clock, log: told, runner, limitMs: 5000 });
    kill.write();
    kill.write();
    await expect.poll(() => said.length, { timeout: 60_000 }).toBe(2);
    expect(said[0]).toContain('"event":"bundle_not_written"');
    expect(said[1]).toContain('"event":"bundle_written"');
    await kill.stop();
  });

  test('[B18] where none runs, is of the newest session of that account', async () => {
    const sessionsDir = await aFolder();
    const make = (id: string, account: string, started_at: string) => {
      const metadata = aMetadata({ ...ACCOUNT, kind: 'live', session_id: id, account, started_at });
      return createSession({ sessionsDir, metadata });
    };
    await make('one', 'main', '2024-01-01T00:00:00.000Z');
    const newest = await make('two', 'main', '2024-01-03T00:00:00.000Z');
    const other = await make('six', 'other', '2024-01-05T00:00:00.000Z');
    const store = { id: ACCOUNT } as AccountStore;
    const killed = { store, sessionsDir, clock, isHeld: false };
    const path = join(newest.path, 'bundles', '20240131-120000-000.tar.gz');
    expect(await bundleAtKill(killed)).toEqual({ path, said: path });
    expect(bundlesIn(other)).toEqual([]);

    const held = await bundleAtKill({ ...killed, isHeld: true });
    expect(held.path).toBeNull();
    expect(held.said).toContain(`the run writes one into ${newest.path}/bundles`);
    const release = await lockSession(newest, '2024-01-03T00:00:00.000Z');
    expect(await bundleAtKill(killed)).toEqual(held);
    await release();
    const nobody = { ...killed, store: { id: { ...ACCOUNT, account: 'x' } } as AccountStore };
    expect((await bundleAtKill(nobody)).said).toContain('no session of this account is in');
  });
});
