// The operator's words reach a run on paper as they reach a live one: what status says holds
// entries does hold them.
import { expect, test } from 'vitest';
import { aFolder, runRunner } from './run-runner.js';

const LIVE = ['live', '--strategy', 'sma-cross', '--data', 'sample', '--speed', 'max', '--json'];
const WHY = ['--reason', 'looked wrong'];

async function aRun(...told: readonly (readonly string[])[]) {
  const folder = aFolder();
  const env = { XDG_STATE_HOME: `${folder}/state` };
  const more = told.filter(([first]) => first?.startsWith('--')).flat();
  for (const command of told.filter(([first]) => first?.startsWith('--') === false)) {
    const ended = await runRunner([...command, '--exchange', 'sim', ...WHY], folder, env);
    expect(ended.status).toBe(0);
  }
  const { stdout } = await runRunner([...LIVE, ...more], folder, env);
  const { intents } = JSON.parse(stdout) as { intents: { accepted: number; denied: object } };
  return { accepted: intents.accepted, denied: Object.keys(intents.denied) };
}

test.each([
  ['a kill', ['kill'], 'KILLED'],
  ['a stop', ['stop'], 'ENTRIES_STOPPED'],
  ['a pause', ['pause'], 'ENTRIES_PAUSED'],
  ['--start-paused', ['--start-paused'], 'ENTRIES_PAUSED'],
] as const)('%s before the start holds every entry on paper [R13] [B10]', async (_, told, code) => {
  const { denied, accepted } = await aRun(told);
  expect(denied).toContain(code);
  // Nothing was opened, so that nothing was to be closed.
  expect(accepted).toBe(0);
});

test('what was taken back before the start holds nothing', async () => {
  expect(await aRun(['pause'], ['resume'])).toMatchObject({ denied: [] });
});

test.each([
  ['a start that goes on with a session', []],
  ['a cold start on paper', ['--start', 'cold']],
])('--reset-kill is refused with %s, where it would take nothing back', async (_, more) => {
  const { status, stderr } = await runRunner([...LIVE, '--reset-kill', ...WHY, ...more], aFolder());
  expect(status).toBe(64);
  expect(stderr).toContain('runner kill --reset');
});
