import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionMetadata } from '@strategy-runner/contracts';
import { describe, expect, test } from 'vitest';
import { verifyJournal } from '../../adapters/src/store/journal.js';
import { SqliteStore } from '../../adapters/src/store/sqlite/sqlite-store.js';
import { aSeededWalk, seeded } from './bars.js';
import { type Ended, aFolder, runRunner, startRunner } from './run-runner.js';

const KILLS = 7;
const BARS = 12_000;
const SLOW_MS = 120_000;

/** What an interrupted session must have in common with one that ran through. */
function resultOf({ status, stdout, stderr }: Ended): Readonly<Record<string, unknown>> {
  if (status !== 0) throw new Error(`it ended with ${status}: ${stderr}`);
  const end = JSON.parse(stdout) as Readonly<Record<string, unknown>>;
  const names = ['cause', 'bars', 'final_equity', 'fees', 'funding', 'closed_positions'];
  const more = ['open_positions', 'working_orders', 'intents', 'result_hash', 'session_id'];
  return Object.fromEntries([...names, ...more].map((name) => [name, end[name]]));
}

/** Moments of one session: a fifth of them while it starts, the others spread over the run. */
function momentsOf(seed: number, wholeMs: number) {
  const random = seeded(seed);
  const draws = Array.from({ length: KILLS }, () => random());
  const sum = draws.reduce((total, draw) => total + draw, 0);
  // Together they take less time than the whole run, on a fast machine too, so that it does not
  // end.
  const spreadMs = Math.min(wholeMs * 0.5, 900);
  return draws.map((draw, place) => {
    const isEarly = place % 5 === 4;
    return { isEarly, afterMs: isEarly ? 100 + draw * 300 : (draw / sum) * spreadMs };
  });
}

type Moment = ReturnType<typeof momentsOf>[number];

/** Starts the run and kills it. False: it ended before. */
async function killOnce(args: readonly string[], folder: string, moment: Moment): Promise<boolean> {
  const before = runsOf(folder).length;
  const run = startRunner(args, folder);
  if (!moment.isEarly) {
    await run.says('_start"');
    while (runsOf(folder).length === before && run.process.exitCode === null) await sleep(2);
  }
  await sleep(moment.afterMs);
  run.process.kill('SIGKILL');
  const { signal } = await run.ended;
  return signal === 'SIGKILL';
}

/** The runs that the one session in the folder has noted; none before it was made. */
function runsOf(folder: string): SessionMetadata['runs'] {
  const sessions = join(folder, 'sessions');
  const [id] = existsSync(sessions) ? readdirSync(sessions) : [];
  const file = join(sessions, id ?? '', 'session.json');
  if (!existsSync(file)) return [];
  return (JSON.parse(readFileSync(file, 'utf8')) as SessionMetadata).runs;
}

async function expectSound(folder: string, id: string): Promise<SessionMetadata> {
  const path = join(folder, 'sessions', id);
  const store = await SqliteStore.openReader(join(path, 'session.sqlite'));
  try {
    const verdict = await verifyJournal(id, store.readJournal(1));
    const metadata = JSON.parse(
      readFileSync(join(path, 'session.json'), 'utf8'),
    ) as SessionMetadata;
    expect(verdict).toEqual({ ok: true, head: metadata.journal_head });
    return metadata;
  } finally {
    await store.close();
  }
}

describe('a session that is killed again and again ends like one that ran through', () => {
  test.each([
    ['dca-ladder', 1],
    ['breakout', 2],
    ['sma-cross', 3],
  ])(
    '%s, killed at seeded moments of seed %i [L4]',
    async (plugin, seed) => {
      const folder = aFolder();
      const data = aSeededWalk(folder, BARS, seed);
      const premises = ['--strategy', plugin, '--data', data, '--symbol', 'BTC/USDT:USDT'];
      const args = ['live', ...premises, '--speed', 'max', '--json'];
      const beganMs = performance.now();
      const whole = resultOf(await runRunner([...args, '--sessions', 'whole'], folder));

      let kills = 0;
      for (const moment of momentsOf(seed, performance.now() - beganMs)) {
        if (!(await killOnce(args, folder, moment))) break;
        kills += 1;
      }
      const last = await runRunner(args, folder);
      const result = resultOf(last);
      expect({ ...result, session_id: null }).toEqual({ ...whole, session_id: null });

      const { runs, ended_at } = await expectSound(folder, result['session_id'] as string);
      const crashed = runs.filter(({ exit }) => exit === 'crashed');
      // A run that is killed while it starts may have noted nothing yet.
      expect(crashed.length).toBeGreaterThanOrEqual(KILLS - 2);
      expect(crashed.length).toBeLessThanOrEqual(kills);
      expect(runs.at(-1)).toMatchObject({ exit: 'end_of_data', start: 'warm' });
      expect(ended_at).not.toBeNull();
    },
    SLOW_MS,
  );
});
