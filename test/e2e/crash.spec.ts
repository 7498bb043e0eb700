import { readFileSync } from 'node:fs';
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
  // Together they take half of the time that the whole run took, so that it does not end before.
  return draws.map((draw, place) => {
    const isEarly = place % 5 === 4;
    return { isEarly, afterMs: isEarly ? 100 + draw * 300 : (draw / sum) * wholeMs * 0.5 };
  });
}

type Moment = ReturnType<typeof momentsOf>[number];

/** Starts the run and kills it. False: it ended before. */
async function killOnce(args: readonly string[], folder: string, moment: Moment): Promise<boolean> {
  const run = startRunner(args, folder);
  if (!moment.isEarly) await run.says('_start"').catch(() => undefined);
  await sleep(moment.afterMs);
  run.process.kill('SIGKILL');
  const { signal } = await run.ended;
  return signal === 'SIGKILL';
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
      const whole = resultOf(await runRunner([...args, '--sessions', 'whole'], folder));

      const random = seeded(seed);
      let kills = 0;
      while (kills < KILLS && (await killOnce(args, folder, random()))) kills += 1;
      const last = await runRunner(args, folder);
      const result = resultOf(last);
      expect({ ...result, session_id: null }).toEqual({ ...whole, session_id: null });

      const { runs, ended_at } = await expectSound(folder, result['session_id'] as string);
      const crashed = runs.filter(({ exit }) => exit === 'crashed');
      expect(kills).toBe(KILLS);
      expect(crashed.length).toBeGreaterThanOrEqual(KILLS / 2);
      expect(runs.at(-1)).toMatchObject({ exit: 'end_of_data', start: 'warm' });
      expect(ended_at).not.toBeNull();
    },
    SLOW_MS,
  );
});
