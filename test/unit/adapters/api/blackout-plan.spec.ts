// What people write as black-out windows, held against the system's own time zones.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { blackoutAt } from '@strategy-runner/core';
import { backtest } from '../../../../adapters/src/api/backtest.js';
import { type BlackoutSettings, blackoutPlan } from '../../../../adapters/src/api/blackout-plan.js';
import { resolveConfig } from '../../../../adapters/src/api/run-config.js';
import { blackoutPremises } from '../../../../adapters/src/api/blackout-premises.js';

const folder = mkdtempSync(join(tmpdir(), 'runner-blackout-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (text: string): number => Date.parse(text);
const RANGE = { source: 'win.json', firstMs: at('2023-01-01T00:00Z'), lastMs: at('2024-12-31') };

function planOf(settings: BlackoutSettings) {
  return blackoutPlan(settings, RANGE);
}

function once(from: string, to: string, zone = 'Europe/Berlin') {
  const [window] = planOf({ zone, windows: [{ reason: 'x', from, to }] }).windows;
  return window?.kind === 'once' ? [window.fromMs, window.toMs] : [];
}

function refusal(settings: BlackoutSettings): unknown {
  try {
    return planOf(settings);
  } catch (error) {
    return error;
  }
}

describe('[B18] a weekly window in a zone', () => {
  test.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC'])(
    '[B18] stands when the clock of %s says so, over years and its changes',
    (zone) => {
      const days = ['mon', 'sun'] as const;
      const window = { reason: 'x', days, from: '01:00', to: '03:30' };
      const plan = planOf({ zone, windows: [window] });
      const clock = new Intl.DateTimeFormat('en-GB', {
        timeZone: zone,
        weekday: 'short',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
      });
      const wrong: string[] = [];
      const STEP_MS = 30 * 60_000;
      for (let ms = at('2024-03-01'); ms < at('2024-04-10'); ms += STEP_MS) check(ms);
      for (let ms = at('2033-10-01'); ms < at('2033-11-10'); ms += STEP_MS) check(ms);
      expect(wrong).toEqual([]);

      function check(ms: number): void {
        const shown = clock.format(ms);
        const [weekday = '', time = ''] = shown.split(' ');
        const isDay = ['Mon', 'Sun'].includes(weekday.replace(',', ''));
        const expected = isDay && time >= '01:00' && time < '03:30';
        if ((blackoutAt(plan, ms) !== undefined) !== expected) wrong.push(`${shown} ${ms}`);
      }
    },
  );
});

describe('[B18] a one-off window', () => {
  test('[B18] is read by the zone, or by an offset of its own', () => {
    expect(once('2024-07-01T14:00', '2024-07-01T15:00')).toEqual([
      at('2024-07-01T12:00Z'),
      at('2024-07-01T13:00Z'),
    ]);
    expect(once('2024-12-24', '2024-12-27T00:00:00+02:00')).toEqual([
      at('2024-12-23T23:00Z'),
      at('2024-12-26T22:00Z'),
    ]);
  });

  test('[B18] holds over both hours that the clock repeats', () => {
    expect(once('2024-10-27T02:30', '2024-10-27T02:45')).toEqual([
      at('2024-10-27T00:30Z'),
      at('2024-10-27T01:45Z'),
    ]);
  });

  test.each([
    ['Mars/Base', '2024-01-01', '2024-01-02', '/zone'],
    ['Europe/Berlin', '2024-02-30', '2024-03-02', '/windows/0/from'],
    ['Europe/Berlin', '2024-03-31T02:30', '2024-04-02', '/windows/0/from'],
    ['Europe/Berlin', '2024-03-31T00:00', '2024-03-31T02:59', '/windows/0/to'],
    ['Europe/Berlin', '2024-04-02', '2024-04-02', '/windows/0/to'],
  ])('[B18] that cannot be meant is refused: %s %s %s', (zone, from, to, pointer) => {
    const found = refusal({ zone, windows: [{ reason: 'x', from, to }] });
    expect(found).toMatchObject({ code: 'CONFIG_INVALID', exitCode: 78 });
    expect(String(found)).toContain(`win.json: ${pointer} `);
  });
});

describe('[B18] the file', () => {
  const BARS = {
    columns: { length: 1, openMs: Float64Array.of(at('2024-01-01')) },
    timeframeMs: 60_000,
  };

  async function read(content: unknown, more: object = {}): Promise<unknown> {
    const file = join(folder, 'win.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return blackoutPremises({ blackout: { file, ...more } }, BARS).catch((error: unknown) => error);
  }

  const ONCE = { reason: 'x', from: '2024-01-01', to: '2024-01-02T23:59:59' };
  const WINDOW = { reason: 'x', days: ['mon'], from: '22:00', to: '24:00' };

  test('[B18] pins its content, wherever it lies, and none pins nothing', async () => {
    const settings = { zone: 'UTC', windows: [WINDOW, ONCE] };
    const found = await read({ $schema: 'mine', ...settings });
    expect(found).toMatchObject({ pinned: { blackout: settings } });
    const inline = await blackoutPremises({ blackout: settings as BlackoutSettings }, BARS);
    expect(inline).toEqual(found);
    expect(await blackoutPremises({}, BARS)).toEqual({ planned: {}, pinned: {} });
  });

  test.each([
    ['no JSON', '{', 'the file is not JSON'],
    ['no zone', { windows: [] }, "must have required property 'zone'"],
    ['no reason', { zone: 'UTC', windows: [{ from: '2024-01-01', to: '2024-01-02' }] }, 'reason'],
    ['a day', { zone: 'UTC', windows: [{ ...WINDOW, days: ['monday'] }] }, '/windows/0/days/0'],
    ['an hour', { zone: 'UTC', windows: [{ ...WINDOW, from: '9:00' }] }, '/windows/0/from must be'],
    [
      '24:00',
      { zone: 'UTC', windows: [{ ...ONCE, to: '2024-01-02T24:00' }] },
      '/to must be a time',
    ],
    ['a key', { zone: 'UTC', windows: [{ ...WINDOW, day: 1 }] }, '/windows/0/day is not a known'],
  ])('[B18] is refused by what is wrong with it: %s', async (_what, content, words) => {
    const found = await read(content);
    expect(found).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(String(found)).toContain(words);
  });

  test('[B18] of a run is in place of the windows that its config file has for all', async () => {
    const path = join(folder, 'runs.json');
    const entry = { strategy: 'sma-cross', exchange: 'sim', data: 'sample' };
    const own = { ...entry, config: { blackout: { file: 'own.json' } } };
    const blackout = { zone: 'UTC', windows: [WINDOW] };
    writeFileSync(path, JSON.stringify({ blackout, runs: { own, other: entry } }));
    expect((await resolveConfig(path, { run: 'own' })).config.blackout).toEqual({
      file: 'own.json',
    });
    expect((await resolveConfig(path, { run: 'other' })).config.blackout).toEqual(blackout);
  });

  test('[B18] and windows in the config beside it are not mixed', async () => {
    const found = await read({ zone: 'UTC', windows: [] }, { zone: 'UTC' });
    expect(found).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(await blackoutPremises({ blackout: {} }, BARS).catch((e: unknown) => e)).toMatchObject({
      code: 'CONFIG_INVALID',
    });
    const missing = { blackout: { file: join(folder, 'none.json') } };
    expect(await blackoutPremises(missing, BARS).catch((e: unknown) => e)).toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
  });
});

test('[B18] holds entries in a backtest, and its exits are those of the entries left', async () => {
  const run = async (config: object) => {
    const configPath = join(folder, 'config.json');
    writeFileSync(configPath, JSON.stringify(config));
    const what = { cwd: process.cwd(), strategy: 'sma-cross', data: 'sample', configPath };
    return backtest({ ...what, clock: { now: () => 0 }, sessionId: 'one' });
  };
  const window = { reason: 'half the data', from: '2025-02-01', to: '2025-03-15' };
  const blackout = { zone: 'Asia/Tokyo', windows: [window] };
  const [free, held] = [await run({}), await run({ blackout })];
  const entries = ({ collector }: typeof free) =>
    collector.rows.flatMap((row) =>
      row.kind === 'intent' && row.id.includes('#open') ? [row] : [],
    );
  const denied = held.collector.denied.get('BLACKOUT') ?? 0;
  expect(denied).toBeGreaterThan(0);
  expect(entries(held).length).toBe(entries(free).length - denied);
  expect(free.setup.configHash).not.toBe(held.setup.configHash);
});
