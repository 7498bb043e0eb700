// The way of a newcomer: one command starts the local exchange and writes the config, the other
// trades on it; then the session is held against what the exchange says has happened.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aFolder, runRunner, startRunner } from './run-runner.js';

interface Config {
  readonly accounts: { readonly local: { readonly rest_url: string } };
}

interface Truth {
  readonly trades: readonly object[];
}

interface Diff {
  readonly schema: string;
  readonly counts: { readonly trades: number };
  readonly differences: readonly object[];
  readonly external: readonly object[];
}

test('a session that traded on the local exchange has what the exchange has', async () => {
  const folder = aFolder();
  const variables = {
    XDG_STATE_HOME: join(folder, 'state'),
    RUNNER_API_KEY: 'venue-key',
    RUNNER_API_SECRET: 'venue-secret',
  };
  // By hand, so that nothing happens between the end of the session and the comparison.
  const walk = ['--walk', 'BTC/USDT:USDT=50000', '--speed', 'step'];
  const venue = startRunner(['venue', ...walk, '--write-config', 'venue.json'], folder);
  onTestFinished(() => void venue.process.kill('SIGTERM'));
  const config = join(folder, 'venue.json');
  await expect.poll(() => existsSync(config), { timeout: 30_000 }).toBe(true);
  const { rest_url: url } = (JSON.parse(readFileSync(config, 'utf8')) as Config).accounts.local;
  const args = ['live', '--strategy', 'breakout', '--exchange', 'binanceusdm', '--mode', 'live'];
  const market = ['--symbol', 'BTC/USDT:USDT', '--timeframe', '1m'];
  const reached = ['--config', 'venue.json', '--account', 'local'];
  const live = startRunner([...args, ...market, ...reached], folder, variables);
  onTestFinished(() => void live.process.kill('SIGKILL'));
  const post = (path: string, body: object) =>
    fetch(`${url}/admin/${path}`, { method: 'POST', body: JSON.stringify(body) });
  await live.says('the account agrees');
  const trades = async (): Promise<number> => {
    await post('step', { bars: 1 });
    const answer = await fetch(`${url}/admin/truth`);
    return ((await answer.json()) as Truth).trades.length;
  };
  await expect.poll(trades, { timeout: 90_000, interval: 200 }).toBeGreaterThan(1);
  live.process.kill('SIGINT');
  await live.ended;
  const [session = ''] = readdirSync(join(folder, 'sessions'));
  const command = ['venue', 'diff', '--session', session, '--truth', url, '--json'];
  const diff = async (): Promise<readonly [number | null, Diff]> => {
    const { status, stdout } = await runRunner(command, folder);
    return [status, JSON.parse(stdout) as Diff];
  };
  const [status, { schema, counts, differences, external }] = await diff();
  expect({ status, differences, external }).toEqual({ status: 0, differences: [], external: [] });
  expect(schema).toBe('runner.venue-diff/1');
  expect(counts.trades).toBeGreaterThan(1);
  await post('transfer', { amount: '25' });
  const [after, later] = await diff();
  expect(after).toBe(2);
  expect(later.differences).toMatchObject([
    { about: 'cash_move', what: 'only_at_venue', venue: '25' },
    { about: 'wallet', what: 'differs' },
  ]);
}, 180_000);
