import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { addressFolder } from '../../../../adapters/src/account-store/account-folder.js';
import { SharedBudget } from '../../../../adapters/src/account-store/request-budget.js';
import { aStateDir } from './an-account.js';

const HOST = 'fapi.example';
const WINDOW_MS = 60_000;
const LIMIT = 1000;
const PATIENT = { timeout: 20_000 };

// Inside the repository, so that the bundle finds the installed packages.
const cache = fileURLToPath(
  new URL('../../../../node_modules/.cache/request-budget/', import.meta.url),
);
const taker = join(cache, `taker-${process.pid}.mjs`);

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('budget-taker.ts', import.meta.url))],
    outfile: taker,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@strategy-runner/source'],
    external: ['sqlite3'],
    logLevel: 'error',
  });
});

afterAll(() => rm(taker, { force: true }));

/** Wall time that stands still until somebody sleeps; `slept` = waits so far. */
class SleepClock {
  ms = WINDOW_MS;
  slept = 0;
  now = (): number => this.ms;
  sleep = async (ms: number): Promise<void> => {
    this.slept += 1;
    this.ms += ms;
  };
}

async function aBudget(clock: SleepClock, stateDir?: string, sleep = clock.sleep) {
  const faults: unknown[] = [];
  const budget = await SharedBudget.open({
    stateDir: stateDir ?? (await aStateDir()),
    host: HOST,
    clock,
    sleep,
    limit: LIMIT,
    windowMs: WINDOW_MS,
    onFault: (error) => faults.push(error),
  });
  onTestFinished(() => budget.close());
  return { budget, faults };
}

/** Which of the promises are settled once everything that can go on has gone on. */
async function settledOf(promises: readonly Promise<void>[]): Promise<readonly boolean[]> {
  const settled = promises.map(() => false);
  promises.forEach((promise, place) => void promise.then(() => (settled[place] = true)));
  for (let round = 0; round < 20; round++) await new Promise((resolve) => setTimeout(resolve, 5));
  return settled;
}

const forEver = (): Promise<void> => new Promise(() => undefined);

test('normal calls get four fifths of the limit, then wait for the next window', async () => {
  const clock = new SleepClock();
  const { budget } = await aBudget(clock);
  for (let call = 0; call < 80; call++) await budget.take(10, 'normal');
  expect(clock.slept).toBe(0);
  await budget.take(10, 'normal');
  expect(clock.ms).toBe(2 * WINDOW_MS);
});

test('[U13] a lone close has the reserve while entries queue, and passes them', async () => {
  const clock = new SleepClock();
  const { budget } = await aBudget(clock, undefined, forEver);
  for (let call = 0; call < 80; call++) await budget.take(10, 'normal');
  const entry = budget.take(10, 'normal');
  const closes = Array.from({ length: 20 }, () => budget.take(10, 'urgent'));
  await Promise.all(closes);
  expect(await settledOf([entry, budget.take(10, 'urgent')])).toEqual([false, false]);
});

test('normal calls are granted in the order in which they were made', async () => {
  const { budget } = await aBudget(new SleepClock());
  const order: number[] = [];
  const weights = [1, 400, 2, 390, 3];
  const calls = weights.map((weight) =>
    budget.take(weight, 'normal').then(() => order.push(weight)),
  );
  await Promise.all(calls);
  expect(order).toEqual(weights);
});

test('[U13] two processes share what one alone would have, to the last call', async () => {
  const stateDir = await aStateDir();
  const takers = [0, 1].map(() => startTaker(stateDir));
  const shares = await Promise.all(takers.map((child) => saidBy(child)));
  expect(shares.reduce((sum, share) => sum + Number(share), 0)).toBe(0.8 * LIMIT);
});

test('what another process reports as used leaves less for this one', async () => {
  const stateDir = await aStateDir();
  const clock = new SleepClock();
  const { budget: first } = await aBudget(clock, stateDir);
  const { budget: second } = await aBudget(clock, stateDir);
  first.report(790, LIMIT);
  await first.take(10, 'normal');
  await second.take(10, 'normal');
  expect(clock.ms).toBe(2 * WINDOW_MS);
});

test('a slice in hand is of no use once the venue says that the limit is near', async () => {
  const clock = new SleepClock();
  const { budget } = await aBudget(clock);
  await budget.take(1, 'normal');
  budget.report(800, LIMIT);
  await budget.take(1, 'urgent');
  expect(clock.slept).toBe(0);
  await budget.take(1, 'normal');
  expect(clock.ms).toBe(2 * WINDOW_MS);
});

test('the limit that the venue states replaces the one assumed', async () => {
  const clock = new SleepClock();
  const { budget } = await aBudget(clock);
  budget.report(0, 100);
  for (let call = 0; call < 8; call++) await budget.take(10, 'normal');
  expect(clock.slept).toBe(0);
  await budget.take(10, 'normal');
  expect(clock.slept).toBeGreaterThan(0);
});

test('what one process has left over when it ends is there for the next', async () => {
  const stateDir = await aStateDir();
  const clock = new SleepClock();
  const { budget: first } = await aBudget(clock, stateDir);
  await first.take(10, 'normal');
  await first.close();
  const { budget: second } = await aBudget(clock, stateDir);
  for (let call = 0; call < 79; call++) await second.take(10, 'normal');
  expect(clock.slept).toBe(0);
});

test('C22: a rate limit holds back all but urgent calls, in every process', async () => {
  const stateDir = await aStateDir();
  const clock = new SleepClock();
  const { budget: first } = await aBudget(clock, stateDir);
  const { budget: second } = await aBudget(clock, stateDir);
  await second.take(1, 'normal');
  const untilMs = clock.ms + 5000;
  first.refuseUntil(untilMs);
  first.refuseUntil(clock.ms + 1);
  expect(first.refusedUntilMs).toBe(untilMs);
  await expect.poll(() => second.refusedUntilMs, PATIENT).toBe(untilMs);
  await second.take(1, 'urgent');
  expect(clock.slept).toBe(0);
  await second.take(1, 'normal');
  expect(clock.ms).toBe(untilMs);
});

test('C22: a ban holds back urgent calls too, and outlives every process', async () => {
  const stateDir = await aStateDir();
  const clock = new SleepClock();
  const { budget: first } = await aBudget(clock, stateDir);
  const untilMs = clock.ms + 100_000;
  first.refuseUntil(untilMs, true);
  await first.close();
  const { budget: second } = await aBudget(clock, stateDir);
  expect(second.bannedUntilMs).toBe(untilMs);
  await second.take(1, 'urgent');
  expect(clock.ms).toBe(untilMs);
});

test('C22: a refusal that ends earlier shortens none that another process met', async () => {
  const stateDir = await aStateDir();
  const clock = new SleepClock();
  const budgets = [await aBudget(clock, stateDir), await aBudget(clock, stateDir)];
  for (const [place, { budget }] of budgets.entries()) {
    budget.refuseUntil(clock.ms + 10_000 - place, true);
    await budget.close();
  }
  const { budget } = await aBudget(clock, stateDir);
  expect(budget.bannedUntilMs).toBe(clock.ms + 10_000);
});

test('C22: a ban stops a process that is in the middle of its slice', async () => {
  const stateDir = await aStateDir();
  const child = startTaker(stateDir, 1);
  expect(await saidBy(child)).toBe('10');
  const { budget } = await aBudget(new SleepClock(), stateDir);
  budget.refuseUntil(WINDOW_MS + 5000, true);
  await expect.poll(() => readdir(folderOf(stateDir)), PATIENT).toContain('refusals.json');
  child.stdin?.write('again\n');
  expect(await saidBy(child)).toBe('10');
});

test('files of the budget can be read by their owner only', async () => {
  const stateDir = await aStateDir();
  const { budget } = await aBudget(new SleepClock(), stateDir);
  await budget.take(1, 'normal');
  expect((await stat(join(folderOf(stateDir), 'budget.sqlite'))).mode & 0o777).toBe(0o600);
});

test('a damaged budget begins anew', async () => {
  const stateDir = await aStateDir();
  const { budget } = await aBudget(new SleepClock(), stateDir);
  await budget.take(1, 'normal');
  await budget.close();
  await writeFile(join(folderOf(stateDir), 'budget.sqlite'), 'x'.repeat(5000));
  const { budget: next, faults } = await aBudget(new SleepClock(), stateDir);
  await next.take(1, 'normal');
  expect(faults).toEqual([]);
});

test('a budget whose file fails goes on for itself, within the same bounds', async () => {
  const stateDir = await aStateDir();
  const clock = new SleepClock();
  const { budget, faults } = await aBudget(clock, stateDir);
  await writeFile(join(folderOf(stateDir), 'budget.sqlite'), 'x'.repeat(5000));
  for (let call = 0; call < 80; call++) await budget.take(10, 'normal');
  expect(clock.slept).toBe(0);
  expect(faults).toHaveLength(1);
  await budget.take(10, 'normal');
  expect(clock.ms).toBe(2 * WINDOW_MS);
});

test('whoever waits when it is closed is let go', async () => {
  let wake = (): void => undefined;
  const sleep = (): Promise<void> => new Promise((resolve) => (wake = resolve));
  const { budget, faults } = await aBudget(new SleepClock(), undefined, sleep);
  await budget.take(800, 'normal');
  const waiting = budget.take(1, 'normal');
  expect(await settledOf([waiting])).toEqual([false]);
  await budget.close();
  wake();
  await waiting;
  expect(faults).toEqual([]);
});

const folderOf = (stateDir: string): string => addressFolder(stateDir, HOST);

function startTaker(stateDir: string, calls = Infinity): ChildProcess {
  const args = [taker, stateDir, String(LIMIT), '10', String(calls)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function saidBy(child: ChildProcess): Promise<string> {
  const [text] = (await once(child.stdout!, 'data')) as [Buffer];
  return text.toString().trim();
}
