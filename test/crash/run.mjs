// `npm run crash-test -- --kills 200 --seed 1`: kills the real process with SIGKILL in six places,
// starts it again and holds session and exchange against each other. Needs a build. Options:
// --only <n> runs the world of one kill up to it, --jobs <n> worlds at once, --per-world <n>,
// --keep, --json. Exit status 2 when something was lost, twice, unprotected or unsound, or a place
// was not hit as often as wanted.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PLACE_NAMES, planOf } from './places.mjs';
import { CrashWorld } from './world.mjs';

const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    'per-world': { type: 'string', default: '10' },
    jobs: { type: 'string', default: '2' },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const kills = Number(options.kills);
const seed = Number(options.seed);
const killsPerWorld = Number(options['per-world']);
const root = mkdtempSync(join(tmpdir(), 'runner-crash-'));
const results = [];
const failures = [];
const running = new Set();

const say = (line) => void process.stderr.write(`${line}\n`);

function fail(kill, world, problems) {
  const again =
    `npm run crash-test -- --kills ${kills} --seed ${seed} --per-world ${killsPerWorld} ` +
    `--only ${kill.n}`;
  const found = { kill: kill.n, place: kill.place, world: world.number, problems, again };
  failures.push(found);
  say(`FAILED kill ${kill.n} (${kill.place}, ${kill.variant}):\n  ${problems.join('\n  ')}`);
  say(`  repeat it with: ${again}`);
}

async function killIn(world, crashing, kill) {
  const startedMs = Date.now();
  const { tries, problems, again } = await crashing.kill(kill);
  const misses = tries.flatMap(({ miss }) => (miss === null ? [] : [miss]));
  const isHit = misses.length < tries.length;
  const { n, place, variant } = kill;
  results.push({ n, place, variant, is_hit: isHit, again, misses });
  const missed = misses.length === 0 ? '' : `, ${misses.length} missed: ${misses.join('; ')}`;
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  const word = problems.length > 0 ? 'FAILED' : 'ok';
  say(
    `kill ${n}  ${place}, ${variant}  ${word}  ${seconds} s${again ? ', and again' : ''}${missed}`,
  );
  if (problems.length > 0) fail(kill, world, problems);
  return problems.length === 0;
}

async function runWorld(world) {
  const crashing = new CrashWorld();
  running.add(crashing);
  let current = world.kills[0];
  try {
    await crashing.begin(root, world);
    for (const kill of world.kills) {
      current = kill;
      // What is wrong once stays wrong: the kills behind it would only say so again.
      if (!(await killIn(world, crashing, kill))) return;
    }
    const problems = await crashing.end();
    if (problems.length > 0) fail(current, world, problems);
  } catch (error) {
    fail(current, world, [error instanceof Error ? (error.stack ?? error.message) : String(error)]);
  } finally {
    running.delete(crashing);
    await crashing.close();
  }
}

/** The worlds to run: all, or that of one kill up to it. */
function chosen(worlds) {
  if (options.only === undefined) return worlds;
  const only = Number(options.only);
  return worlds
    .filter((world) => world.kills.some(({ n }) => n === only))
    .map((world) => ({ ...world, kills: world.kills.filter(({ n }) => n <= only) }));
}

async function runAll(worlds) {
  const queue = [...worlds];
  const work = async () => {
    for (let world = queue.shift(); world !== undefined; world = queue.shift()) {
      await runWorld(world);
    }
  };
  await Promise.all(Array.from({ length: Number(options.jobs) }, work));
}

function countsOf() {
  return Object.fromEntries(
    PLACE_NAMES.map((place) => {
      const there = results.filter((result) => result.place === place);
      const hits = there.filter(({ is_hit }) => is_hit);
      const variants = {};
      for (const { variant } of hits) variants[variant] = (variants[variant] ?? 0) + 1;
      const missed = there.reduce((sum, { misses }) => sum + misses.length, 0);
      return [place, { kills: hits.length, missed, variants }];
    }),
  );
}

// No process of it outlives a run that is broken off.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    void Promise.all([...running].map((crashing) => crashing.close())).then(() => process.exit(1));
  });
}

const worlds = chosen(planOf({ kills, seed, killsPerWorld }));
const wanted = worlds.flatMap((world) => world.kills);
await runAll(worlds);
const places = countsOf();
const hits = results.filter(({ is_hit }) => is_hit).length;
const recovering = results.reduce((sum, { again }) => sum + again, 0);
const isGood = failures.length === 0 && hits === wanted.length;
const isKept = options.keep || !isGood;
if (!isKept) rmSync(root, { recursive: true, force: true });

const document = {
  schema: 'runner.crash-test/1',
  seed,
  kills: hits,
  wanted: wanted.length,
  worlds: worlds.map((world) => world.seed),
  places,
  recovering,
  failures,
  ...(isKept ? { folder: root } : {}),
};
if (options.json) process.stdout.write(`${JSON.stringify(document)}\n`);
else {
  const lines = Object.entries(places).map(([place, { kills, missed, variants }]) => {
    const told = Object.entries(variants).map(([name, count]) => `${name} ${count}`);
    const more = [...told, `${missed} missed`].join(', ');
    return `  ${place.padEnd(26)} ${String(kills).padStart(4)}  (${more})`;
  });
  const [first, last] = [worlds[0]?.seed, worlds.at(-1)?.seed];
  process.stdout.write(
    [
      `${hits} of ${wanted.length} kills, seed ${seed}, exchanges of seed ${first} to ${last}`,
      ...lines,
      `  killed again while recovering: ${recovering}`,
      `${failures.length} failure(s)${isKept ? `, everything is kept in ${root}` : ''}`,
      ...failures.map(({ kill, place, again }) => `  kill ${kill}, ${place}: ${again}`),
      '',
    ].join('\n'),
  );
}
process.exitCode = isGood ? 0 : 2;
