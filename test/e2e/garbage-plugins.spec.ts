import { join } from 'node:path';
import type { Report } from '@strategy-runner/contracts';
import { describe, expect, test } from 'vitest';
import { SqliteStore } from '../../adapters/src/store/sqlite/sqlite-store.js';
import { aMinuteFile } from './bars.js';
import { expectRefused } from './refusal.js';
import { aFile, aFolder, runJson, runRunner } from './run-runner.js';

const BARS = 40;
const BTC = ['--symbol', 'BTC/USDT:USDT'];

/** Calm around 100; the last bars fall through the stop at 90. */
function aMarket(folder: string): string {
  const calm = Array.from({ length: BARS - 5 }, () => [100, 101, 99, 100] as const);
  const fallen = Array.from({ length: 4 }, () => [80, 81, 79, 80] as const);
  return aMinuteFile(folder, [...calm, [100, 100, 80, 80], ...fallen]);
}

/** Opens with a stop at its first bar, and from the second on does what `bad` says. */
function aPlugin(bad: string, hooks = ''): string {
  return `
const open = {
  kind: 'open', side: 'long', sizing_policy: { mode: 'qty', qty: '1', unit: 'base' },
  order: { type: 'market' }, reason: { code: 'test.open' },
  protection: { stop_loss: { at: { abs: '90' } } },
};
let bars = 0;
export default { create: (ctx) => ({
  onBar(bar) {
    bars += 1;
    if (bars === 1) return open;
    ${bad}
  },
  ${hooks}
}) };`;
}

interface Case {
  readonly bad: string;
  readonly hooks?: string;
  readonly code: string;
  /** What the warning names: the path of the field, or the words of the plugin. */
  readonly says: string;
}

const DENIED: Readonly<Record<string, Case>> = {
  'an unknown key': {
    bad: "return { ...open, colour: 'red' };",
    code: 'SCHEMA_INVALID',
    says: '/colour',
  },
  'a price that is a JSON number': {
    bad: "return { ...open, order: { type: 'limit', price: { abs: 99.5 } } };",
    code: 'SCHEMA_INVALID',
    says: '/order/price/abs',
  },
  'NaN for a quantity': {
    bad: "return { ...open, sizing_policy: { mode: 'qty', qty: NaN, unit: 'base' } };",
    code: 'NOT_PLAIN_JSON',
    says: '/sizing_policy/qty',
  },
  'an open without a quantity [R7]': {
    bad: 'const { sizing_policy, ...rest } = open; return rest;',
    code: 'SCHEMA_INVALID',
    says: '/sizing_policy',
  },
  'ten thousand intents at once': {
    bad: 'return Array.from({ length: 10000 }, () => open);',
    code: 'BATCH_TOO_LARGE',
    says: 'max 16',
  },
  'a list of four billion holes': {
    bad: 'return new Array(2 ** 32 - 1);',
    code: 'BATCH_TOO_LARGE',
    says: 'max 16',
  },
  'a getter that throws': {
    bad: "return Object.defineProperty({}, 'kind', { enumerable: true, get() { throw 'trap'; } });",
    code: 'NOT_PLAIN_JSON',
    says: 'trap',
  },
  'an object that contains itself': {
    bad: 'const loop = { ...open }; loop.meta = { loop }; return loop;',
    code: 'NOT_PLAIN_JSON',
    says: '/meta',
  },
  'a number, not an intent': { bad: 'return 42;', code: 'SCHEMA_INVALID', says: 'must be object' },
  'an intent after each denial, for ever': {
    bad: 'return {};',
    hooks: 'onIntentEvent: () => (bars > 1 ? {} : undefined),',
    code: 'SCHEMA_INVALID',
    says: '/kind',
  },
};

const SOMETIMES = 'if (bars % 2 === 0) throw new Error(`odd at ${bars}`); return undefined;';
const THENABLE = 'return new Proxy({}, { has() { throw new Error("trap"); } });';
const REVOKED = 'const { proxy, revoke } = Proxy.revocable([], {}); revoke(); return proxy;';

const FAULTY: Readonly<Record<string, Case>> = {
  'an error': { bad: "throw new Error('gone wrong');", code: 'PLUGIN_THREW', says: 'gone wrong' },
  'something that is no error': {
    bad: 'throw Object.create(null);',
    code: 'PLUGIN_THREW',
    says: 'onBar',
  },
  'an error that throws when it is read': {
    bad: "class Mine extends Error { get message() { throw new Error('no'); } } throw new Mine();",
    code: 'PLUGIN_THREW',
    says: 'onBar',
  },
  'a promise': {
    bad: 'return Promise.resolve(open);',
    code: 'PLUGIN_RETURNED_PROMISE',
    says: 'onBar',
  },
  'a promise that is rejected': {
    bad: "return Promise.reject(new Error('later'));",
    code: 'PLUGIN_RETURNED_PROMISE',
    says: 'onBar',
  },
};

const aRun = (plugin: string) => {
  const folder = aFolder();
  const strategy = aFile(folder, 'garbage.mjs', plugin);
  const args = ['--strategy', strategy, '--data', aMarket(folder), ...BTC];
  return { folder, args: [...args, '--cash', '10000', '--seed', '1'] };
};

const backtest = (plugin: string): Promise<Report> => {
  const { folder, args } = aRun(plugin);
  return runJson<Report>(['backtest', ...args], folder);
};

/** The position that was open when the plugin went bad is stopped out where it should be. */
function expectManaged({ trades, open_positions, data }: Report): void {
  expect(data.bars).toBe(BARS);
  expect(open_positions).toEqual([]);
  expect(trades).toMatchObject([{ side: 'long', qty: '1', exit_reason: 'stop_loss' }]);
}

const countOf = (report: Report, code: string): number =>
  report.warnings.find((warning) => warning.code === code)?.count ?? 0;

function expectWarning({ warnings }: Report, { code, says }: Case): void {
  expect(warnings).toContainEqual(
    expect.objectContaining({ code, message: expect.stringContaining(says) }),
  );
}

describe('garbage is denied by code and path, and the run goes on, for', () => {
  test.each(Object.entries(DENIED))('%s', async (_what, garbage) => {
    const report = await backtest(aPlugin(garbage.bad, garbage.hooks));
    expectWarning(report, garbage);
    expect(report.intents.accepted).toBe(1);
    expect(report.intents.denied[garbage.code]).toBeGreaterThanOrEqual(BARS - 10);
    expectManaged(report);
  });
});

describe('three faults halt a plugin, and its position is still managed, for', () => {
  test.each(Object.entries(FAULTY))('%s', async (_what, garbage) => {
    const report = await backtest(aPlugin(garbage.bad));
    expectWarning(report, garbage);
    expect(countOf(report, garbage.code)).toBe(3);
    expectManaged(report);
  });

  test.each([
    ['a proxy that throws when it is asked', THENABLE],
    ['a proxy that was revoked', REVOKED],
  ])('%s is a fault or a denial, never the end of the run', async (_what, bad) => {
    const report = await backtest(aPlugin(bad));
    expect(report.warnings.map(({ code }) => code)).toContainEqual(
      expect.stringMatching(/^(PLUGIN_THREW|NOT_PLAIN_JSON|PLUGIN_FAULT)$/),
    );
    expectManaged(report);
  });

  test('one that faults now and then is never halted', async () => {
    const report = await backtest(aPlugin(SOMETIMES));
    expect(countOf(report, 'PLUGIN_THREW')).toBe(BARS / 2);
    expectManaged(report);
  });

  test('the number of faults is a setting', async () => {
    const { folder, args } = aRun(aPlugin("throw new Error('gone wrong');"));
    const policy = { max_plugin_faults: 5 };
    const config = aFile(folder, 'policy.json', JSON.stringify({ policy }));
    const report = await runJson<Report>(['backtest', ...args, '--config', config], folder);
    expect(countOf(report, 'PLUGIN_THREW')).toBe(5);
    expectManaged(report);
  });

  test.each([
    ['a promise that is rejected', "Promise.reject(new Error('left behind'));"],
    ['a promise that is rejected with no error', "Promise.reject('left behind');"],
    ['a timer that throws', "setTimeout(() => { throw new Error('left behind'); }, 0);"],
  ])('%s after its hook has returned is its fault, and ends nothing', async (_what, bad) => {
    const { folder, args } = aRun(aPlugin(`if (bars === 3) ${bad}`));
    const ended = await runRunner(['backtest', ...args, '--json'], folder);
    expect(ended.status).toBe(0);
    const report = JSON.parse(ended.stdout) as Report;
    expect(countOf(report, 'PLUGIN_THREW')).toBe(1);
    expect(ended.stderr).toContain('"event":"plugin_fault"');
    const live = await runJson<{ readonly cause: string; readonly warnings: readonly unknown[] }>(
      ['live', ...args, '--log-level', 'silent'],
      folder,
    );
    expect(live).toMatchObject({ cause: 'end_of_data', warnings: report.warnings });
  });

  test.each(['process', 'globalThis.process'])('cannot end the host with %s.exit', async (name) => {
    const report = await backtest(aPlugin(`if (bars === 3) ${name}.exit(0);`));
    expect(countOf(report, 'PLUGIN_THREW')).toBe(1);
    expectManaged(report);
  });

  test('that ends the process after all does not look like a success', async () => {
    const exit = "if (bars === 3) globalThis['pro'.concat('cess')].exit(0);";
    const { folder, args } = aRun(aPlugin(exit));
    const refusal = { status: 1, code: 'PLUGIN_FAULT', says: 'in the midst of the run' };
    expectRefused(await runRunner(['backtest', ...args, '--json'], folder), refusal);
    const live = ['live', ...args, '--log-level', 'silent', '--json'];
    expectRefused(await runRunner(live, folder), refusal);
  });

  test.each(['backtest', 'live'])(
    'that prints leaves stdout of %s to the result',
    async (command) => {
      const { folder, args } = aRun(aPlugin("if (bars < 4) console.log('bar', { bars });"));
      const { status, stdout, stderr } = await runRunner([command, ...args, '--json'], folder);
      expect({ status, schema: JSON.parse(stdout).schema }).toMatchObject({ status: 0 });
      const lines = stderr.split('\n').filter((line) => line.includes('"plugin_console"'));
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        { msg: 'bar { bars: 2 }', symbol: 'BTC/USDT:USDT', exchange: 'sim', frame: '1m' },
        { msg: 'bar { bars: 3 }' },
      ]);
    },
  );

  test('a timer that sets itself for now does not hold the run up', async () => {
    const hooks = "onTimer: () => ctx.setTimer('again', ctx.now),";
    const report = await backtest(aPlugin("ctx.setTimer('again', ctx.now);", hooks));
    expectManaged(report);
  });
});

describe('a live session of such a plugin', () => {
  interface LiveEnd {
    readonly session_dir: string;
    readonly result_hash: string;
    readonly cause: string;
    readonly warnings: Report['warnings'];
  }

  test.each([
    ['an unknown key', DENIED['an unknown key']!],
    ['an error', FAULTY['an error']!],
    ['a promise that is rejected', FAULTY['a promise that is rejected']!],
  ])('that answers with %s ends as the backtest does', async (_what, garbage) => {
    const { folder, args } = aRun(aPlugin(garbage.bad));
    const report = await runJson<Report>(['backtest', ...args], folder);
    const live = await runJson<LiveEnd>(['live', ...args, '--log-level', 'silent'], folder);
    expect(live).toMatchObject({ cause: 'end_of_data', result_hash: report.result_hash });
    expect(live.warnings).toEqual(report.warnings);
  });

  test('keeps each denied intent with its code and path', async () => {
    const { folder, args } = aRun(aPlugin(DENIED['an unknown key']!.bad));
    const live = await runJson<LiveEnd>(['live', ...args, '--log-level', 'silent'], folder);
    const store = await SqliteStore.openReader(join(live.session_dir, 'session.sqlite'));
    try {
      const denied = (await store.rows('intents')).filter(({ status }) => status === 'denied');
      expect(denied).toHaveLength(BARS - 1);
      expect(denied[0]).toMatchObject({ outcome: 'SCHEMA_INVALID', path: '/colour' });
    } finally {
      await store.close();
    }
  });
});
