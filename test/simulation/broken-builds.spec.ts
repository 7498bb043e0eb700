import { expect, test } from 'vitest';
import * as broken from './world/broken-builds.js';
import { crashPoints } from './world/seeds.js';
import { type Build, simulate } from './world/simulate.js';
import { type Invariant, Violation } from './world/violation.js';

const LIVES = 12;

/** Names of the invariants that catch the build, with the number of lives that each catches. */
async function caughtBy(build: Build, isCrashing: boolean) {
  const caught = new Map<Invariant, number>();
  for (let seed = 1; seed <= LIVES; seed += 1) {
    try {
      await simulate({ seed, build, crashAt: isCrashing ? crashPoints(seed) : [] });
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      caught.set(error.invariant, (caught.get(error.invariant) ?? 0) + 1);
    }
  }
  return caught;
}

const BUILDS: readonly (readonly [string, Build, Invariant])[] = [
  ['submits before its commit', broken.submitsBeforeCommit, 'persisted-before-submitted'],
  ['forgets trade ids', broken.forgetsTradeIds(), 'fills-are-the-position'],
  ['sends again without asking', broken.resendsWithoutAsking, 'executed-once'],
  ['holds exits back with entries', broken.gatesExits, 'exits-pass-gates'],
  ['ignores a kill', broken.ignoresKill, 'no-entry-through-gates'],
  ['lets a late acceptance undo a fill', broken.movesBackwards, 'forward-only'],
  ['loses fees', broken.losesFees, 'ledger-adds-up'],
  ['leaves positions naked', broken.leavesNaked, 'always-protected'],
];

test.each(BUILDS)('a build that %s is caught', async (_name, build, invariant) => {
  const caught = await caughtBy(build, false);
  expect([...caught.keys()]).toEqual([invariant]);
  expect(caught.get(invariant)).toBeGreaterThan(2);
});

test('a build that does not ask after a restart what became of its orders is caught', async () => {
  const caught = await caughtBy(broken.forgetsToAsk, true);
  expect([...caught.keys()]).toEqual(['converges']);
});
