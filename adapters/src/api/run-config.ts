// What a user may configure, from the config file and from flags, checked and with its defaults.
// Values that money depends on are decimal strings, as everywhere outside the engine.
import { readFileSync } from 'node:fs';
import { EXIT, RunnerError } from '../errors.js';
import type { AccountConfig } from '../venue/ccxt/account-config.js';
import type { BlackoutSettings } from './blackout-plan.js';
import { CONFIG_SCHEMA } from './config-schema.js';
import { pick } from './pick.js';
import { schemaProblem } from './schema-problem.js';

export interface RunConfig {
  readonly cash: string;
  readonly position_mode?: 'hedge' | 'one_way';
  readonly seed: number;
  readonly funding?: string;
  /** Path of a slippage model; the premises hold its hash. */
  readonly slippage_model?: string;
  /** When entries wait: in a file of its own, or here. */
  readonly blackout?: { readonly file?: string } & Partial<BlackoutSettings>;
  readonly instrument: {
    readonly market?: 'spot' | 'swap' | 'future';
    readonly tick_size?: string;
    readonly lot_size?: string;
    readonly min_quantity?: string;
    readonly max_quantity?: string;
    readonly max_market_quantity?: string;
    readonly min_notional?: string;
    readonly contract_size?: string;
  };
  readonly costs: {
    readonly taker_fee_bps: string;
    readonly maker_fee_bps: string;
    readonly slippage_bps: string;
  };
  readonly simulation: {
    readonly fill_on_touch: boolean;
    readonly volume_share_bps: number | null;
    readonly venue_holds_stops: boolean;
    readonly exits_compete: boolean;
  };
  readonly sizing: {
    readonly delegate_notional: string | null;
    readonly allocation: string | null;
    readonly leverage: string;
  };
  readonly risk: {
    readonly max_order_notional: string | null;
    readonly max_position_notional: string | null;
    readonly max_open_orders: number;
    readonly max_leverage: string;
    readonly max_daily_loss: string | null;
    readonly max_entries_per_minute: number;
    readonly entry_collar_bps: number;
    readonly exit_collar_bps: number;
  };
  readonly policy: {
    readonly max_intents_per_answer: number;
    readonly max_asks_per_event: number;
    readonly max_plugin_faults: number;
    readonly max_slippage_bps: number;
    readonly allow_fallback: boolean;
    readonly require_stop: boolean;
    readonly backoff_after_rejects: number;
    readonly backoff_initial_ms: number;
    readonly backoff_max_ms: number;
    readonly missed_bars: 'skip' | 'act';
    readonly max_unprotected_ms: number;
    readonly max_data_age_bars: number | null;
  };
  readonly strategy: { readonly config: Readonly<Record<string, unknown>> };
  /** How accounts are reached. No part of the premises: an address may change, the account not. */
  readonly accounts: Readonly<Record<string, AccountSettings>>;
}

export type AccountSettings = Partial<AccountConfig> & Pick<AccountConfig, 'exchange'>;

/** Which costs nobody chose, so that the report can say so: costs are never zero silently. */
export interface ResolvedConfig {
  readonly config: RunConfig;
  readonly areCostsDefaulted: boolean;
}

/** The stated defaults. Fees are those of the commonest perpetual venue's first tier. */
export const DEFAULTS: RunConfig = {
  cash: '10000',
  seed: 1,
  instrument: {},
  costs: { taker_fee_bps: '5', maker_fee_bps: '2', slippage_bps: '1' },
  simulation: {
    fill_on_touch: false,
    volume_share_bps: null,
    venue_holds_stops: true,
    exits_compete: false,
  },
  sizing: { delegate_notional: null, allocation: null, leverage: '1' },
  risk: {
    max_order_notional: null,
    max_position_notional: null,
    max_open_orders: 50,
    max_leverage: '1',
    max_daily_loss: null,
    max_entries_per_minute: 30,
    entry_collar_bps: 1000,
    exit_collar_bps: 5000,
  },
  policy: {
    max_intents_per_answer: 16,
    max_asks_per_event: 64,
    max_plugin_faults: 3,
    max_slippage_bps: 500,
    allow_fallback: true,
    require_stop: false,
    backoff_after_rejects: 3,
    backoff_initial_ms: 1000,
    backoff_max_ms: 60_000,
    missed_bars: 'skip',
    max_unprotected_ms: 5000,
    max_data_age_bars: null,
  },
  strategy: { config: {} },
  accounts: {},
};

export interface ConfigFlags {
  readonly cash?: string;
  readonly feeBps?: string;
  readonly slippageBps?: string;
  readonly slippageModel?: string;
  readonly funding?: string;
  readonly seed?: number;
  /** One of the runs of the file: its own settings come over those of the file. */
  readonly run?: string;
}

/**
 * Errors: FILE_NOT_FOUND (66), CONFIG_INVALID (78), USAGE (64) for a flag that is not a decimal.
 */
export async function resolveConfig(
  path: string | undefined,
  flags: ConfigFlags,
): Promise<ResolvedConfig> {
  const file = settingsOfRun(path === undefined ? {} : await readConfig(path), flags.run);
  const merged = merge(DEFAULTS, file) as unknown as RunConfig;
  checkDecimal('--cash', flags.cash);
  checkDecimal('--fee-bps', flags.feeBps);
  checkDecimal('--slippage-bps', flags.slippageBps);
  const { feeBps, slippageBps } = flags;
  const costs = {
    taker_fee_bps: feeBps ?? merged.costs.taker_fee_bps,
    maker_fee_bps: feeBps ?? merged.costs.maker_fee_bps,
    slippage_bps: slippageBps ?? merged.costs.slippage_bps,
  };
  const isGiven = feeBps !== undefined || (file as { costs?: unknown }).costs !== undefined;
  return {
    areCostsDefaulted: !isGiven,
    config: {
      ...merged,
      costs,
      cash: flags.cash ?? merged.cash,
      seed: flags.seed ?? merged.seed,
      ...(flags.funding === undefined ? {} : { funding: flags.funding }),
      ...(flags.slippageModel === undefined ? {} : { slippage_model: flags.slippageModel }),
    },
  };
}

// The file as one of its runs sees it. What the others are is no setting of any; parameters of one
// strategy mean nothing to another, and black-out windows of a run are in place of all others.
function settingsOfRun(
  { runs, ...file }: Record<string, unknown>,
  run: string | undefined,
): Record<string, unknown> {
  if (run === undefined || !isPlain(runs)) return file;
  const own = (runs[run] as { readonly config?: Record<string, unknown> } | undefined)?.config;
  if (own === undefined) return file;
  const merged = merge(file, own) as Record<string, unknown>;
  return { ...merged, ...pick('strategy', own['strategy']), ...pick('blackout', own['blackout']) };
}

function checkDecimal(flag: string, value: string | undefined): void {
  if (value === undefined || /^\d+(\.\d{1,18})?$/.test(value)) return;
  throw new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: `${flag} ${value} is not a non-negative decimal`,
    next: `give it as a plain number, for example ${flag} 10`,
  });
}

/** The file as it stands, checked. Errors: FILE_NOT_FOUND (66), CONFIG_INVALID (78). */
export async function readConfig(path: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new RunnerError({
      code: 'FILE_NOT_FOUND',
      exitCode: EXIT.missingInput,
      message: `no config file at ${path}`,
      next: 'check the path given with --config',
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(path, '', `is not JSON: ${(error as Error).message}`);
  }
  const problem = await schemaProblem(CONFIG_SCHEMA, value);
  if (problem !== undefined) throw invalid(path, problem.pointer, problem.what);
  return value as Record<string, unknown>;
}

function invalid(path: string, pointer: string, what: string): RunnerError {
  return new RunnerError({
    code: 'CONFIG_INVALID',
    exitCode: EXIT.configuration,
    message: `${path}: ${pointer === '' ? 'the file' : pointer} ${what}`,
    next: 'correct the file; the settings are listed in docs/CONFIG.md',
  });
}

function merge(base: unknown, over: unknown): unknown {
  if (!isPlain(base) || !isPlain(over)) return over ?? base;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = key in base && isPlain(base[key]) ? merge(base[key], value) : value;
  }
  return merged;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
