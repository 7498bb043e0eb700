import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '@strategy-runner/contracts';
import { describe, expect, test } from 'vitest';
import { verifyJournal } from '../../adapters/src/store/journal.js';
import { SqliteStore } from '../../adapters/src/store/sqlite/sqlite-store.js';
import { XRP_5M, XRP_FUNDING, aSeededWalk, minute } from '../e2e/bars.js';
import { aFile, aFolder, runJson } from '../e2e/run-runner.js';

const PLUGINS = ['sma-cross', 'breakout', 'dca-ladder', 'buy-and-hold'] as const;
const SAMPLE = ['--data', 'sample'];

interface LiveEnd {
  readonly session_id: string;
  readonly session_dir: string;
  readonly start: string;
  readonly cause: string;
  readonly bars: number;
  readonly config_hash: string;
  readonly result_hash: string;
  readonly final_equity: string;
  readonly fees: string;
  readonly funding: string;
  readonly closed_positions: number;
  readonly open_positions: readonly { readonly side: string; readonly qty: string }[];
  readonly intents: Report['intents'];
  readonly comparison: string;
}

interface Trace {
  readonly fills: Readonly<Record<string, readonly unknown[]>>;
}

/** What both must agree on, from a backtest's report. */
const resultOf = (report: Report) => ({
  bars: report.data.bars,
  config_hash: report.config_hash,
  result_hash: report.result_hash,
  final_equity: report.final_equity,
  fees: report.costs.fees,
  funding: report.costs.funding,
  closed_positions: report.trades.length,
  open_positions: report.open_positions.map(({ side, qty }) => ({ side, qty })),
  intents: report.intents,
});

async function fillsOfSession(end: LiveEnd): Promise<readonly unknown[]> {
  const store = await SqliteStore.openReader(join(end.session_dir, 'session.sqlite'));
  try {
    expect(await verifyJournal(end.session_id, store.readJournal(1))).toMatchObject({ ok: true });
    const fills = await store.rows('fills');
    return fills.map((fill) => [
      fill.ts,
      fill.order_key,
      fill.position_id,
      fill.side,
      fill.price,
      fill.quantity,
      fill.fee,
      fill.realized,
      fill.liquidity,
    ]);
  } finally {
    await store.close();
  }
}

function fillsOfTrace(sessionDir: string): readonly unknown[] {
  const { fills } = JSON.parse(readFileSync(join(sessionDir, 'trace.json'), 'utf8')) as Trace;
  const names = ['ts', 'order', 'position', 'side', 'price', 'quantity', 'fee', 'realized'];
  const columns = [...names, 'liquidity'].map((name) => fills[name]!);
  return columns[0]!.map((_, row) => columns.map((column) => column[row]));
}

async function expectSame(args: readonly string[]): Promise<Report> {
  const folder = aFolder();
  const report = await runJson<Report>(['backtest', ...args], folder);
  const speed = ['--speed', 'max', '--log-level', 'error'];
  const live = await runJson<LiveEnd>(['live', '--exchange', 'sim', ...speed, ...args], folder);
  expect(live).toMatchObject({ ...resultOf(report), start: 'cold', cause: 'end_of_data' });
  const fills = await fillsOfSession(live);
  expect(fills.length).toBeGreaterThan(0);
  expect(fills).toEqual(fillsOfTrace(report.run.session_dir!));
  return report;
}

describe('live at full speed and a backtest give the same orders, fills and ledger', () => {
  test.each(PLUGINS)('%s on the bundled data [R2]', async (plugin) => {
    await expectSame(['--strategy', plugin, ...SAMPLE]);
  });

  test.each(['breakout', 'dca-ladder'])(
    '%s with partial fills and fills on touch [R2]',
    async (plugin) => {
      const folder = aFolder();
      const data = aSeededWalk(folder, 1500, 7);
      const simulation = { volume_share_bps: 3, fill_on_touch: true };
      const config = aFile(folder, 'partial.json', JSON.stringify({ simulation }));
      const args = ['--strategy', plugin, '--data', data, '--symbol', 'BTC/USDT:USDT'];
      const whole = await runJson<Report>(['backtest', ...args], folder);
      const partial = await expectSame([...args, '--config', config]);
      expect(partial.result_hash).not.toBe(whole.result_hash);
    },
  );

  test.each(['breakout', 'dca-ladder'])(
    '%s with stops that the host holds [R2]',
    async (plugin) => {
      const simulation = { venue_holds_stops: false };
      const config = aFile(aFolder(), 'stops.json', JSON.stringify({ simulation }));
      await expectSame(['--strategy', plugin, ...SAMPLE, '--config', config]);
    },
  );

  test('dca-ladder on both sides with funding every hour [R2]', async () => {
    const folder = aFolder();
    const data = aSeededWalk(folder, 2000, 11);
    const rows = Array.from({ length: 33 }, (_, hour) => `${minute(hour * 60)},0.000${hour % 7}`);
    const funding = aFile(folder, 'funding.csv', ['timestamp,funding_rate', ...rows].join('\n'));
    const args = ['--strategy', 'dca-ladder', '--data', data, '--symbol', 'BTC/USDT:USDT'];
    const report = await expectSame([...args, '--funding', funding]);
    expect(report.costs.funding).not.toBe('0');
  });

  test('sma-cross from a later first tradable bar, seeded otherwise [R2] [R3]', async () => {
    const from = ['--from', '2025-03-01', '--to', '2025-05-01', '--seed', '9'];
    await expectSame(['--strategy', 'sma-cross', ...SAMPLE, ...from]);
  });

  test.skipIf(XRP_5M.isAbsent)(
    'buy-and-hold on real bars with funding (skipped where absent) [R2]',
    async () => {
      const data = ['--data', XRP_5M.path, '--funding', XRP_FUNDING.path];
      const args = ['--strategy', 'buy-and-hold', ...data, '--symbol', 'XRP/USDT:USDT'];
      const report = await expectSame(args);
      expect(report.costs.funding).not.toBe('0');
    },
  );
});

test('a live run ends with the backtest command that gives the same result [R24]', async () => {
  const folder = aFolder();
  const walk = readFileSync(aSeededWalk(folder, 500, 3), 'utf8').split('\n');
  const data = aFile(folder, 'bars with a gap.csv', walk.toSpliced(100, 7).join('\n'));
  const premises = ['--strategy', 'sma-cross', '--data', data, '--symbol', 'BTC/USDT:USDT'];
  const more = ['--gaps', 'allow', '--seed', '9', '--set', 'fast=5', '--fee-bps', '4'];
  const args = ['live', ...premises, ...more, '--log-level', 'error'];
  const live = await runJson<LiveEnd>(args, folder);
  const [command, ...words] = inWords(live.comparison);
  expect(command).toBe('runner');
  const { config_hash, result_hash } = await runJson<Report>(words, folder);
  expect({ config_hash, result_hash }).toEqual({
    config_hash: live.config_hash,
    result_hash: live.result_hash,
  });
});

/** The words of a command line, as a shell takes them. */
function inWords(line: string): readonly string[] {
  const script = `printf '%s\\0' ${line}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}
