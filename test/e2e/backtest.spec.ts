import { readFileSync } from 'node:fs';
import { validateReport } from '@strategy-runner/contracts/validators';
import type { Report } from '@strategy-runner/contracts';
import { Decimal } from 'decimal.js';
import { describe, expect, test } from 'vitest';
import { BTC_1M, XRP_5M, XRP_FUNDING } from './bars.js';
import { aFolder, runJson, runRunner } from './run-runner.js';

const PLUGINS = ['sma-cross', 'breakout', 'dca-ladder', 'buy-and-hold'];
const SAMPLE = ['--data', 'sample'];
const BTC = ['--data', BTC_1M.path, '--symbol', 'BTC/USDT:USDT', '--timeframe', '1m'];

const DECIMAL = /^-?\d+(\.\d+)?$/;

/** Everything in the report that is money, a price or a quantity. */
function amountsOf(report: Report): readonly unknown[] {
  const { initial_equity, final_equity, costs, trades, open_positions } = report;
  return [
    initial_equity,
    final_equity,
    ...Object.values(costs),
    ...trades.flatMap((trade) => [trade.qty, trade.entry_price, trade.exit_price]),
    ...trades.flatMap((trade) => [trade.gross_pnl, trade.fees, trade.funding, trade.pnl]),
    ...open_positions.flatMap((held) => [held.qty, held.entry_price, held.mark_price]),
    ...open_positions.flatMap((held) => [held.unrealized_pnl, held.fees, held.funding]),
  ];
}

async function expectRepeats(args: readonly string[]): Promise<void> {
  const folder = aFolder();
  const first = await runJson<Report>(args, folder);
  const second = await runJson<Report>(args, folder);
  expect(first.data.bars).toBeGreaterThan(1000);
  expect(first.intents.accepted).toBeGreaterThan(0);
  expect(validateReport(first)).toBeUndefined();
  expect(amountsOf(first).filter((amount) => !DECIMAL.test(amount as string))).toEqual([]);
  expect(amountsOf(first).every((amount) => typeof amount === 'string')).toBe(true);
  expect(second.run.session_id).not.toBe(first.run.session_id);
  expect({ ...second, run: null }).toEqual({ ...first, run: null });
}

describe('a backtest run twice prints the same report but for `run`', () => {
  test.each(PLUGINS)('%s on the bundled data', (plugin) =>
    expectRepeats(['backtest', '--strategy', plugin, ...SAMPLE]),
  );

  describe.skipIf(BTC_1M.isAbsent)('on real one-minute bars (skipped where absent)', () => {
    test.each(PLUGINS)('%s', (plugin) => expectRepeats(['backtest', '--strategy', plugin, ...BTC]));
  });
});

test('--no-session leaves nothing behind and gives the same result [L22]', async () => {
  const folder = aFolder();
  const args = ['backtest', '--strategy', 'sma-cross', ...SAMPLE];
  const kept = await runJson<Report>(args, folder);
  const dropped = await runJson<Report>([...args, '--no-session'], folder);
  expect(dropped.run).toMatchObject({ session_id: null, session_dir: null });
  expect({ ...dropped, run: null }).toEqual({ ...kept, run: null });
  const { stdout } = await runRunner(['sessions'], folder);
  expect(stdout.trim().split('\n')).toEqual([expect.stringContaining(kept.run.session_id!)]);
});

test('the summary for people names the result and the session', async () => {
  const folder = aFolder();
  const args = ['backtest', '--strategy', 'sma-cross', ...SAMPLE];
  const report = await runJson<Report>(args, folder);
  const { status, stdout, stderr } = await runRunner(args, folder);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain(`result ${report.result_hash.slice(0, 16)}`);
  expect(stdout).toContain('runner-strategy-sma-cross 1.0.0 on BTC/USDT:USDT 1h');
});

describe.skipIf(XRP_5M.isAbsent || XRP_FUNDING.isAbsent)(
  'funding on real bars (skipped where absent)',
  () => {
    test('equals the sum worked out by hand from the funding file [R2]', async () => {
      const args = ['--data', XRP_5M.path, '--funding', XRP_FUNDING.path, '--timeframe', '5m'];
      const symbol = ['--symbol', 'XRP/USDT:USDT'];
      const report = await runJson<Report>(
        ['backtest', '--strategy', 'buy-and-hold', ...args, ...symbol],
        aFolder(),
      );
      const [held] = report.open_positions;
      const payments = paymentsByHand(held!.qty, report.data.from_ms);
      expect(payments.length).toBeGreaterThan(5);
      const total = payments.reduce((sum, payment) => sum.plus(payment), new Decimal(0));
      expect(total.isZero()).toBe(false);
      expect(held!.funding).toBe(total.negated().toFixed());
      expect(report.costs.funding).toBe(held!.funding);
    });
  },
);

function rowsOf(path: string): readonly (readonly string[])[] {
  const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => line.split(','));
}

/** What a long pays: quantity × the open of the bar at the funding time × the rate, at 1e-8. */
function paymentsByHand(quantity: string, fromMs: number): readonly Decimal[] {
  const barMs = 5 * 60_000;
  const opens = new Map(rowsOf(XRP_5M.path).map(([time, open]) => [Date.parse(time!), open!]));
  // The position is opened at the second bar, hence carried into the third at the earliest.
  const carriedFromMs = fromMs + 2 * barMs;
  return rowsOf(XRP_FUNDING.path).flatMap(([time, rate]) => {
    const barOpenMs = Math.floor(Date.parse(time!) / barMs) * barMs;
    const open = opens.get(barOpenMs);
    if (open === undefined || barOpenMs < carriedFromMs) return [];
    const owed = new Decimal(quantity).times(open).times(rate!);
    return [owed.toDecimalPlaces(8, Decimal.ROUND_HALF_EVEN)];
  });
}
