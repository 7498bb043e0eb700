// The engine over loaded columns, as `runner backtest` runs it, from the built packages.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  ResultCollector,
  decimal,
  instrumentFrom,
  resultLine,
  runBacktest,
} from '@strategy-runner/core';
import { InlineRuntime } from '../../adapters/dist/plugin-runtime/inline.js';
import { DEFAULTS } from '../../adapters/dist/api/run-config.js';
import smaCross from '../../plugins/sma-cross/dist/index.js';
import { TIMEFRAME_MS } from './walk.mjs';

const SYMBOL = 'BTC/USDT:USDT';
const INSTANCE = `${SYMBOL}:sma-cross`;
const PLUGIN_CONFIG = Object.freeze({ fast: 10, slow: 30, side: 'long', qty: '0.01' });
const COSTS = { takerFeeBps: decimal('5'), makerFeeBps: decimal('5'), slippageBps: decimal('1') };

const manifestUrl = new URL('../../plugins/sma-cross/runner.plugin.json', import.meta.url);
const manifest = JSON.parse(readFileSync(manifestUrl, 'utf8'));

function instanceOf() {
  return {
    id: INSTANCE,
    symbol: SYMBOL,
    timeframe: '1m',
    timeframeMs: TIMEFRAME_MS,
    strategyId: manifest.id,
    strategyVersion: '0.0.0',
    capabilities: manifest.capabilities,
    execution: smaCross.execution ?? {},
    warmupBars: PLUGIN_CONFIG.slow,
    tradeFromMs: 0,
    hooks: { onFill: false, onIntentEvent: false, onTimer: false },
  };
}

function engineConfig() {
  const { risk, policy } = DEFAULTS;
  return {
    sessionId: 'bench',
    seed: 1,
    positionMode: 'one_way',
    initialCash: decimal('10000'),
    historyBars: 5000,
    instruments: new Map([
      [SYMBOL, instrumentFrom({ symbol: SYMBOL, tick_size: '0.01', lot_size: '0.00001' })],
    ]),
    instances: [instanceOf()],
    risk: {
      maxOrderNotional: null,
      maxPositionNotional: null,
      maxOpenOrders: risk.max_open_orders,
      maxLeverage: decimal(risk.max_leverage),
      maxDailyLoss: null,
      maxEntriesPerMinute: risk.max_entries_per_minute,
      entryCollarBps: risk.entry_collar_bps,
      exitCollarBps: risk.exit_collar_bps,
    },
    policy: {
      maxIntentsPerAnswer: policy.max_intents_per_answer,
      maxAsksPerEvent: policy.max_asks_per_event,
      maxPluginFaults: policy.max_plugin_faults,
      maxSlippageBps: policy.max_slippage_bps,
      allowFallback: policy.allow_fallback,
      requireStop: policy.require_stop,
      backoffAfterRejects: policy.backoff_after_rejects,
      backoffInitialMs: policy.backoff_initial_ms,
      backoffMaxMs: policy.backoff_max_ms,
      missedBars: policy.missed_bars,
      maxUnprotectedMs: policy.max_unprotected_ms,
      maxDataAgeBars: policy.max_data_age_bars,
    },
    sizing: { delegateNotional: null, allocation: null, leverage: decimal('1') },
    costs: COSTS,
    venueHoldsStops: true,
    exitsCompete: false,
  };
}

export function runEngine(columns) {
  const collector = new ResultCollector();
  const run = runBacktest({
    config: engineConfig(),
    columns,
    funding: [],
    sim: { costs: COSTS, fillOnTouch: false, volumeShareBps: null },
    sink: collector,
    runtime: (view) =>
      new InlineRuntime(
        view,
        [{ instance: INSTANCE, definition: smaCross, config: PLUGIN_CONFIG }],
        () => undefined,
      ),
  });
  return { run, collector };
}

/** The hash of all that was decided; equal before and after any change that is only about speed. */
export function hashOf({ rows }) {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(`${resultLine(row)}\n`);
  return hash.digest('hex');
}
