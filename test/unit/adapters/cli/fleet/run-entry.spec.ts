import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { resolveConfig } from '../../../../../adapters/src/api/run-config.js';
import { namesIn, readRuns } from '../../../../../adapters/src/cli/fleet/run-entry.js';
import { liveArgsOfRun } from '../../../../../adapters/src/cli/live-args.js';

function aConfig(content: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'runs-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'runs.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const RUNS = {
  btc: { strategy: 'breakout', symbol: 'BTC/USDT:USDT' },
  eth: { strategy: 'sma-cross', symbol: 'ETH/USDT:USDT' },
  old: { strategy: 'sma-cross' },
};

describe('runs of a config file', () => {
  test('are read in its order: all, or those that are named', async () => {
    const path = aConfig({ runs: RUNS });
    const names = async (which: readonly string[] | 'all') =>
      (await readRuns(path, which)).map(({ name }) => name);
    expect(await names('all')).toEqual(['btc', 'eth', 'old']);
    expect(await names(namesIn(['eth, btc', 'btc,']))).toEqual(['btc', 'eth']);
  });

  test('are refused where one is not there, or none is', async () => {
    await expect(readRuns(aConfig({ runs: RUNS }), ['btd'])).rejects.toMatchObject({
      code: 'RUN_UNKNOWN',
      exitCode: 78,
      message: expect.stringContaining('Did you mean "btc"'),
      next: 'name one of btc, eth, old',
    });
    await expect(readRuns(aConfig({}), 'all')).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
    await expect(readRuns(aConfig({ runs: RUNS }), [])).resolves.toEqual([]);
  });

  test.each([
    [{ btc: { strategy: 'x', symbl: 'BTC' } }, '/runs/btc/symbl is not a known setting'],
    [{ btc: { symbol: 'BTC' } }, "/runs/btc must have required property 'strategy'"],
    [{ btc: { strategy: 'x', config: { rsk: {} } } }, '/runs/btc/config/rsk is not a known'],
    [{ btc: { strategy: 'x', config: { accounts: {} } } }, '/runs/btc/config/accounts is not'],
    [{ btc: { strategy: 'x', mode: 'backtest' } }, '/runs/btc/mode must'],
    [{ btc: { strategy: 'x', max_drift: 5 } }, '/runs/btc must have property shadow'],
    [{ 'b c': { strategy: 'x' } }, '/runs must be names of a-z'],
  ])('are refused with the path of what does not fit: %j', async (runs, says) => {
    await expect(readRuns(aConfig({ runs }), 'all')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(says),
    });
  });
});

describe('a run of a config file', () => {
  test('has its own settings over those of the file, and no others', async () => {
    const path = aConfig({
      cash: '1',
      risk: { max_leverage: '2', max_open_orders: 7 },
      strategy: { config: { fast: 1 } },
      runs: {
        btc: {
          ...RUNS.btc,
          config: { risk: { max_leverage: '3' }, strategy: { config: { n: 2 } } },
        },
        eth: { ...RUNS.eth, config: { cash: '9' } },
      },
    });
    const configOf = async (run?: string) => (await resolveConfig(path, run ? { run } : {})).config;
    const btc = await configOf('btc');
    expect(btc).toMatchObject({ cash: '1', risk: { max_leverage: '3', max_open_orders: 7 } });
    expect(btc.strategy).toEqual({ config: { n: 2 } });
    expect(await configOf('eth')).toMatchObject({ cash: '9', risk: { max_leverage: '2' } });
    // What runs beside it is no premise of a session.
    expect(await configOf()).not.toHaveProperty('runs');
    expect(btc).not.toHaveProperty('runs');
  });

  test('is run with exactly the options that it has', () => {
    const typed = {
      all: false,
      run: ['btc'],
      config: 'runs.json',
      json: true,
      start: 'cold',
      force: false,
      shadow: false,
      startPaused: false,
      resetKill: false,
      metricsInterval: 15,
      endBundle: true,
    } as const;
    const entry = {
      ...RUNS.btc,
      on_untracked: 'cancel',
      start_paused: true,
      set: { fast: 5, name: 'x', levels: [1] },
      config: { cash: '9' },
    } as const;
    const { all: _all, ...beside } = typed;
    expect(liveArgsOfRun(typed, { name: 'btc', entry })).toEqual({
      ...beside,
      run: 'btc',
      strategy: 'breakout',
      symbol: 'BTC/USDT:USDT',
      exchange: 'sim',
      mode: 'paper',
      speed: 'max',
      onUntracked: 'cancel',
      startPaused: true,
      set: ['fast=5', 'name=x', 'levels=[1]'],
    });
  });
});
