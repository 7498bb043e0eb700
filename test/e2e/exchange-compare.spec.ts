// The difference between a live session and its backtest, taken apart to the cent: a session
// against the local exchange in which several things went otherwise, and one in which nothing did.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { closeLong, limitAt, openLong, quantity, stopAt } from '../support/bodies.js';
import { aStage } from './exchange-stage.js';

interface ComparisonDocument {
  readonly live_equity: string;
  readonly backtest_equity: string;
  readonly difference: string;
  readonly causes: readonly { readonly cause: string; readonly amount: string }[];
  readonly residual: string;
  readonly first_difference: unknown;
}

/** Hundred millionths: sums of floats would not be exact. */
function exact(amount: string): bigint {
  const [whole = '0', part = ''] = amount.replace('-', '').split('.');
  const value = BigInt(whole) * 10n ** 18n + BigInt(part.padEnd(18, '0'));
  return amount.startsWith('-') ? -value : value;
}

const SLOW_MS = 120_000;

describe('runner compare of a session on an exchange', () => {
  test(
    'adds up exactly after slippage, pieces, a reject, a restart and funding [X1] [R18]',
    { timeout: SLOW_MS },
    async () => {
      const stage = await aStage({
        script: {
          0: openLong({ sizing_policy: quantity('1.5'), protection: stopAt('48000') }),
          2: openLong({ sizing_policy: quantity('0.2'), order: limitAt('49990') }),
          6: closeLong(),
          8: openLong({ sizing_policy: quantity('0.5'), order: limitAt('50150') }),
          12: closeLong(),
        },
        closes: [50_000, 50_100, 50_050, 49_900, 50_200, 50_300, 50_250, 50_200, 50_150, 50_100],
        // A market order takes several levels, and a limit fills in several pieces.
        symbolSetup: { liquidity: '0.4' },
      });
      stage.venue.faults.add({
        endpoint: 'POST /fapi/v1/order',
        kind: 'reject',
        nth: 3,
        code: -2019,
      });
      const first = await stage.live();
      await stage.bars(5);
      first.process.kill('SIGKILL');
      await first.ended.catch(() => undefined);
      stage.missed(2);
      const second = await stage.live();
      await stage.bars(8);
      second.process.kill('SIGTERM');
      const { stdout } = await second.ended;
      const [session] = stage.sessions;
      expect(stdout).toContain(`compare with    runner compare `);

      for (const order of ['forward', 'reverse']) {
        const args = ['compare', session!, '--order', order, '--json'];
        const compared = await stage.run(args);
        expect(compared).toMatchObject({ status: 0, stderr: '' });
        const document = JSON.parse(compared.stdout) as ComparisonDocument;
        expect(document).toMatchObject({ residual: '0', first_difference: null });
        const { difference, causes, live_equity, backtest_equity } = document;
        const sum = causes.reduce((total, { amount }) => total + exact(amount), 0n);
        expect(sum).toBe(exact(difference));
        expect(exact(live_equity) - exact(backtest_equity)).toBe(exact(difference));
        expect(exact(difference)).not.toBe(0n);
      }
      const funding = await stage.entries('funding_paid');
      expect(funding.length).toBeGreaterThan(0);
      expect(await stage.run(['replay', session!])).toMatchObject({ status: 0 });
      const gate = await stage.run(['compare', session!, '--max-drift', '0']);
      expect(gate.status).toBe(2);
      const backtest = await stage.run(['backtest', '--compare', session!, '--json']);
      expect(JSON.parse(backtest.stdout)).toMatchObject({ session_id: session, residual: '0' });
      const costs = await stage.run(['backtest', '--compare', session!, '--fee-bps', '3']);
      expect(costs).toMatchObject({ status: 64, stdout: '' });
      const other = await stage.run(['compare', session!, '--data', 'sample']);
      expect(other).toMatchObject({ status: 64, stdout: '' });
      expect(other.stderr).toContain('error COMPARISON_UNLIKE');
    },
  );

  test(
    'a session on paper with its shadow is nowhere apart [X4]',
    { timeout: SLOW_MS },
    async () => {
      const stage = await aStage({
        script: { 0: openLong({ sizing_policy: quantity('1') }), 3: closeLong() },
        closes: [50_000, 50_100, 50_050, 50_200, 50_200],
      });
      const args = stage
        .liveArgs('--shadow')
        .filter((word) => word !== '--mode' && word !== 'live');
      const paper = stage.start(['live', ...args]);
      await stage.until(() => stage.isHeard);
      await stage.bars(6);
      paper.process.kill('SIGTERM');
      await paper.ended;
      const drifts = (await stage.entries('drift')) as readonly { readonly driftBps: number }[];
      expect(drifts.length).toBeGreaterThanOrEqual(6);
      expect(drifts.every(({ driftBps }) => driftBps === 0)).toBe(true);
      const compared = await stage.run(['compare', stage.sessions[0]!, '--json']);
      const document = JSON.parse(compared.stdout) as ComparisonDocument;
      expect(document).toMatchObject({ difference: '0', residual: '0' });
      expect(document.causes.every(({ amount }) => amount === '0')).toBe(true);
    },
  );

  test(
    'drift beyond its bound pauses entries, and says so in status [X4]',
    { timeout: SLOW_MS },
    async () => {
      const stage = await aStage({
        script: {
          0: openLong({ sizing_policy: quantity('1.5') }),
          3: openLong({ sizing_policy: quantity('0.1') }),
        },
        closes: [50_000, 50_100, 50_100, 50_100, 50_100],
        symbolSetup: { liquidity: '0.1' },
      });
      const live = await stage.live('--shadow', '--max-drift', '0.01');
      await stage.bars(5);
      await stage.until(async () => (await stage.entries('intent_denied')).length > 0);
      live.process.kill('SIGTERM');
      await live.ended;
      const denied = await stage.entries('intent_denied');
      expect(denied[0]).toMatchObject({ code: 'ENTRIES_PAUSED' });
      const status = await stage.run(['status', '--check']);
      expect(status.status).toBe(2);
      expect(status.stdout).toContain('is beyond --max-drift 0.01 (runner resume)');
      const drifts = (await stage.entries('drift')) as readonly { readonly driftBps: number }[];
      const last = drifts.at(-1)!.driftBps;
      expect(last).not.toBe(0);
      expect(status.stdout).toContain(`Drift: ${last} bps`);
      const metrics = join(stage.folder, 'sessions', stage.sessions[0]!, 'metrics.prom');
      expect(readFileSync(metrics, 'utf8')).toContain(`\nrunner_drift_bps ${last}\n`);
    },
  );
});
