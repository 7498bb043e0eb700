import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type VenueArgs, runVenueCommand } from '../../../../adapters/src/cli/commands/venue.js';

const ARGS: VenueArgs = {
  history: 2,
  speed: 'step',
  port: 0,
  cash: '10000',
  seed: 1,
  time: 'file',
  json: true,
};
const ROWS = [
  'timestamp,open,high,low,close,volume',
  '2024-01-01T00:00:00Z,100.5,101,100,100.5,7',
  '2024-01-01T00:01:00Z,100.5,102,100,101.5,7',
  '2024-01-01T00:02:00Z,101.5,103,101,102.5,7',
  '',
].join('\n');

let folder: string;
let data: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'venue-command-'));
  data = join(folder, 'bars.csv');
  writeFileSync(data, ROWS);
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

interface Printed {
  readonly schema: string;
  readonly url: string;
  readonly symbols: readonly string[];
}

/** Runs the command until it has been looked at, and answers its exit status. */
async function run(args: VenueArgs, look: (printed: Printed) => Promise<void>): Promise<number> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const ended = runVenueCommand(args);
  await expect.poll(() => write.mock.calls.length).toBeGreaterThan(0);
  const printed = JSON.parse(String(write.mock.calls[0]?.[0])) as Printed;
  write.mockRestore();
  try {
    await look(printed);
  } finally {
    process.emit('SIGTERM');
  }
  return ended;
}

const fetchJson = async (url: string): Promise<unknown> => (await fetch(url)).json();

describe('runner venue', () => {
  test('plays a file beside a walk, and ends with status 0 when told to', async () => {
    const args = { ...ARGS, data, symbol: 'BTC/USDT:USDT', walk: ['ETH/USDT:USDT=3000'] };
    const status = await run(args, async ({ schema, url, symbols }) => {
      expect([schema, symbols]).toEqual(['runner.venue/1', ['BTCUSDT', 'ETHUSDT']]);
      const price = `${url}/fapi/v1/ticker/price?symbol=BTCUSDT`;
      expect(await fetchJson(price)).toMatchObject({ price: '101.5' });
      await fetch(`${url}/admin/step`, { method: 'POST', body: '{"bars":1}' });
      expect(await fetchJson(price)).toMatchObject({ price: '102.5' });
    });
    expect(status).toBe(0);
  });

  test('opens now when asked to', async () => {
    const args = { ...ARGS, data, symbol: 'BTC/USDT:USDT', time: 'now' as const };
    await run(args, async ({ url }) => {
      const klines = (await fetchJson(
        `${url}/fapi/v1/klines?symbol=BTCUSDT&interval=1m`,
      )) as number[][];
      const closedMs = klines.at(-1)![6]! + 1;
      expect(Math.abs(Date.now() - closedMs)).toBeLessThan(61_000);
    });
  });

  test('plays spot beside futures, and writes an account for each into a config file', async () => {
    const file = join(folder, 'venue.json');
    writeFileSync(file, '{"risk":{"max":1},"accounts":{"mine":{"exchange":"binance"}}}');
    const walk = ['BTC/USDT:USDT=50000', 'BTC/USDT=51000'];
    await run({ ...ARGS, walk, spotBase: '0.5', writeConfig: file }, async ({ url }) => {
      const price = await fetchJson(`${url}/api/v3/ticker/price?symbol=BTCUSDT`);
      expect(Number((price as { price: string }).price)).toBeGreaterThan(50_500);
      const config = JSON.parse(readFileSync(file, 'utf8')) as object;
      const reached = {
        rest_url: url,
        stream_url: url.replace('http', 'ws'),
        identity_key: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      };
      expect(config).toEqual({
        risk: { max: 1 },
        accounts: {
          mine: { exchange: 'binance' },
          local: { exchange: 'binanceusdm', ...reached },
          'local-spot': { exchange: 'binance', ...reached },
        },
      });
    });
  });

  test('prints the command that trades on it, and keeps the config file to its owner', async () => {
    const file = join(folder, 'venue.json');
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const args = { ...ARGS, json: false, walk: ['BTC/USDT:USDT=50000'], writeConfig: file };
    const ended = runVenueCommand(args);
    await expect.poll(() => write.mock.calls.length).toBeGreaterThan(0);
    const printed = String(write.mock.calls[0]?.[0]);
    write.mockRestore();
    process.emit('SIGTERM');
    await ended;
    expect(printed).toContain('export RUNNER_API_KEY=venue-key RUNNER_API_SECRET=venue-secret');
    expect(printed).toContain(
      'runner live --strategy breakout --exchange binanceusdm --account local --mode live ' +
        `--config ${file} --symbol BTC/USDT:USDT --timeframe 1m`,
    );
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  test.each([{ writeConfig: '/proc/venue.json' }, { log: '/proc/venue.log' }])(
    'names the file that it cannot write: %o',
    async (file) => {
      const args = { ...ARGS, walk: ['BTC/USDT=50000'], ...file };
      await expect(runVenueCommand(args)).rejects.toMatchObject({
        code: 'STORE_WRITE_FAILED',
        message: expect.stringContaining(Object.values(file)[0]!),
      });
    },
  );

  test('leaves a file alone that is no config', async () => {
    const file = join(folder, 'notes.txt');
    writeFileSync(file, 'mine');
    const args = { ...ARGS, walk: ['BTC/USDT=50000'], writeConfig: file };
    await expect(runVenueCommand(args)).rejects.toThrow(/no JSON object/);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  test.each([
    [{ cash: '-5' }, /--cash -5 is not a positive number/],
    [{ walk: ['ETH=much'] }, /--walk ETH much is not a positive number/],
    [{ speed: 'fast' }, /--speed fast is not a pace/],
  ])('refuses %j', async (wrong, message) => {
    await expect(runVenueCommand({ ...ARGS, ...wrong })).rejects.toThrow(message);
  });

  test('refuses a file that does not say its symbol', async () => {
    await expect(runVenueCommand({ ...ARGS, data })).rejects.toThrow(/which symbol/);
  });
});
