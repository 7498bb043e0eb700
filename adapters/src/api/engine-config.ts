// The engine's config of a setup: everything that the session pins, in the engine's own units.
import {
  type EngineConfig,
  type HostPolicy,
  type RiskLimits,
  decimal,
  timeframeMsOf,
} from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';
import type { LoadedPlugin } from '../plugin-source/load-plugin.js';
import { pick } from './pick.js';
import type { RunConfig } from './run-config.js';
import type { KnownBars, Setup } from './setup.js';

export function instanceIdOf(setup: Setup): string {
  return `${setup.symbol}:${setup.plugin.shortName}`;
}

const MIN_HISTORY_BARS = 5000;

/** The engine's config of a setup; `tradeFromMs` is the first tradable bar's open, 0 = at once. */
export function engineConfigOf(setup: Setup, sessionId: string, tradeFromMs: number): EngineConfig {
  const { config, plugin, instrument, bars, symbol } = setup;
  const { sizing, costs } = config;
  return {
    sessionId,
    seed: config.seed,
    positionMode: positionModeOf(config, plugin),
    initialCash: decimal(config.cash),
    historyBars: Math.max(MIN_HISTORY_BARS, setup.warmupBars + 1000),
    instruments: new Map([[symbol, instrument]]),
    instances: [
      {
        id: instanceIdOf(setup),
        symbol,
        timeframe: bars.timeframe,
        timeframeMs: bars.timeframeMs,
        informative: informativeOf(plugin, bars),
        strategyId: plugin.id,
        strategyVersion: plugin.version,
        capabilities: plugin.manifest.capabilities,
        execution: plugin.definition.execution ?? {},
        warmupBars: setup.warmupBars,
        tradeFromMs,
        hooks: plugin.hooks,
      },
    ],
    risk: riskOf(config),
    policy: policyOf(config),
    sizing: {
      delegateNotional: decimalOrNull(sizing.delegate_notional),
      allocation: decimalOrNull(sizing.allocation),
      leverage: decimal(sizing.leverage),
    },
    costs: {
      takerFeeBps: decimal(costs.taker_fee_bps),
      makerFeeBps: decimal(costs.maker_fee_bps),
      slippageBps: decimal(costs.slippage_bps),
      ...pick('slippageModel', setup.slippageModel),
    },
    venueHoldsStops: config.simulation.venue_holds_stops,
    exitsCompete: config.simulation.exits_compete,
    ...pick('blackout', setup.blackout),
  };
}

// What the plugin needs decides where nothing is configured; what is configured must suit it.
function positionModeOf(config: RunConfig, plugin: LoadedPlugin): 'hedge' | 'one_way' {
  const needs = plugin.manifest.capabilities.position_mode ?? 'any';
  const mode = config.position_mode ?? (needs === 'hedge' ? 'hedge' : 'one_way');
  if (needs === 'any' || needs === mode) return mode;
  throw new RunnerError({
    code: 'HEDGE_MODE_REQUIRED',
    exitCode: EXIT.configuration,
    message: `${plugin.id} needs position_mode ${needs}, the config says ${mode}`,
    next: `set position_mode to ${needs}, or leave it out`,
  });
}

function riskOf({ risk }: RunConfig): RiskLimits {
  return {
    maxOrderNotional: decimalOrNull(risk.max_order_notional),
    maxPositionNotional: decimalOrNull(risk.max_position_notional),
    maxOpenOrders: risk.max_open_orders,
    maxLeverage: decimal(risk.max_leverage),
    maxDailyLoss: decimalOrNull(risk.max_daily_loss),
    maxEntriesPerMinute: risk.max_entries_per_minute,
    entryCollarBps: risk.entry_collar_bps,
    exitCollarBps: risk.exit_collar_bps,
  };
}

function policyOf({ policy }: RunConfig): HostPolicy {
  return {
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
  };
}

// The manifest's first timeframe is the base; the others are made of it, so each must be a
// multiple.
function informativeOf(plugin: LoadedPlugin, bars: KnownBars): readonly string[] {
  const longer = plugin.manifest.data.timeframes.slice(1);
  for (const timeframe of longer) {
    const ms = timeframeMsOf(timeframe) ?? 0;
    if (ms > bars.timeframeMs && ms % bars.timeframeMs === 0) continue;
    throw new RunnerError({
      code: 'PLUGIN_INCOMPATIBLE',
      exitCode: EXIT.configuration,
      message: `${plugin.id} looks at ${timeframe} bars; ${bars.timeframe} bars do not make those`,
      next: 'give bars of a shorter timeframe that divides it',
    });
  }
  return longer;
}

function decimalOrNull(text: string | null): bigint | null {
  return text === null ? null : decimal(text);
}
