// Everything a run needs, resolved once from what the user said: plugin, bars, instrument rules,
// costs, and the engine's config. Backtest and paper share it, so they cannot start from different
// premises.
import { createHash } from 'node:crypto';
import {
  type BlackoutPlan,
  type FundingRow,
  type Instrument,
  type SlippageModel,
  filtersOf,
} from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';
import { type BarsFile, loadBarsCsv } from '../market-data/csv-bars.js';
import { loadFundingCsv } from '../market-data/csv-funding.js';
import { resolveData } from '../market-data/dataset.js';
import { rateDecimal } from '../market-data/rate-decimal.js';
import { type LoadedPlugin, loadPlugin } from '../plugin-source/load-plugin.js';
import { blackoutPremises } from './blackout-premises.js';
import { canonical } from './canonical.js';
import { type InstrumentChoice, instrumentOf } from './instrument-rules.js';
import { pick } from './pick.js';
import {
  type ConfigFlags,
  type ResolvedConfig,
  type RunConfig,
  resolveConfig,
} from './run-config.js';
import { slippagePremises } from './slippage-premises.js';
import { isoOf } from './start-session.js';

/** Which plugin with which parameters. */
export interface PluginOptions {
  readonly cwd: string;
  readonly strategy: string;
  readonly set?: readonly string[];
  readonly fromMs?: number;
}

export interface SetupOptions extends ConfigFlags, PluginOptions {
  readonly data: string;
  readonly symbol?: string;
  readonly timeframe?: string;
  readonly toMs?: number;
  readonly configPath?: string;
  readonly gaps?: 'refuse' | 'allow';
  readonly timeIs?: 'open' | 'close';
}

export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly count?: number;
}

/** Bars of a file, or those that a venue has shown up to the start: a feed has no hash. */
export type KnownBars = Omit<BarsFile, 'hash'> & { readonly hash: string | null };

export interface Setup {
  readonly plugin: LoadedPlugin;
  readonly bars: KnownBars;
  readonly symbol: string;
  readonly instrument: Instrument;
  readonly config: RunConfig;
  /** Everything that `configHash` covers. */
  readonly pinned: unknown;
  readonly configHash: string;
  readonly funding: readonly FundingRow[];
  readonly fundingHash: string | null;
  /** Prices simulated takers in place of the constant; omitted = the constant does. */
  readonly slippageModel?: SlippageModel;
  /** When entries wait; omitted = never. */
  readonly blackout?: BlackoutPlan;
  readonly warmupBars: number;
  readonly warnings: readonly Warning[];
}

export async function setUp(options: SetupOptions): Promise<Setup> {
  const resolved = await resolveConfig(options.configPath, options);
  const { path } = resolveData(options.data);
  const bars = loadBarsCsv(path, {
    ...pick('timeframe', options.timeframe),
    ...pick('timeIs', options.timeIs),
    ...pick('gaps', options.gaps),
    ...pick('toMs', options.toMs),
  });
  const symbol = symbolOf(options, bars);
  const choice = instrumentOf(symbol, resolved.config, bars.filters);
  const { timeframe } = bars;
  const barsFor = (): Promise<KnownBars> => Promise.resolve(bars);
  return completeSetup(options, { resolved, timeframe, barsFor, symbol, choice });
}

export interface SetupParts {
  readonly resolved: ResolvedConfig;
  readonly timeframe: string;
  /** The bars at hand, once it is known how many the plugin warms up on. */
  readonly barsFor: (warmupBars: number) => Promise<KnownBars>;
  readonly symbol: string;
  readonly choice: InstrumentChoice;
  /** Settings that a session of a venue takes from the venue, and that are no premise of it. */
  readonly unpinned?: readonly ('cash' | 'instrument')[];
}

/** What a run on a file and a run on a venue's bars have in common. */
export async function completeSetup(
  options: PluginOptions,
  { resolved, timeframe, barsFor, symbol, choice, unpinned = [] }: SetupParts,
): Promise<Setup> {
  const { config, areCostsDefaulted } = resolved;
  const { instrument, areFiltersDefaulted } = choice;
  const plugin = await loadPlugin(options.strategy, {
    cwd: options.cwd,
    set: options.set ?? [],
    config: config.strategy.config,
    timeframe,
    market: instrument.market,
  });
  const warmupBars = plugin.warmupBars;
  const bars = await barsFor(warmupBars);
  checkWarmup(warmupBars, bars);
  checkFrom(options.fromMs, bars);
  const funding = fundingOf(config);
  const slippage = slippagePremises(config, { symbol, timeframe });
  const { planned, pinned: windows } = await blackoutPremises(config, bars);
  const premises = { ...pinnedOf(config, instrument, plugin), ...slippage.pinned, ...windows };
  const pinned = without(premises, unpinned);
  const warnings = warningsOf(bars, { areCostsDefaulted, areFiltersDefaulted, config, instrument });
  const isFundingKnown = bars.hash === null || instrument.market !== 'swap';
  warnings.push(...slippage.warnings);
  if (!isFundingKnown) warnings.push(...fundingWarnings(funding?.rows, bars));
  return {
    plugin,
    bars,
    symbol,
    instrument,
    config,
    pinned,
    configHash: createHash('sha256').update(canonical(pinned)).digest('hex'),
    funding: funding?.rows ?? [],
    fundingHash: funding?.hash ?? null,
    ...slippage.fitted,
    ...planned,
    warmupBars,
    warnings,
  };
}

const NO_FUNDING: Warning = {
  code: 'FUNDING_MISSING',
  message: 'a perpetual without a funding file: funding counts as zero (--funding <file>)',
};

const EIGHT_HOURS_MS = 28_800_000;

// A file that covers part of the bars makes funding zero for the rest, which must be said.
function fundingWarnings(
  rows: readonly FundingRow[] | undefined,
  { columns }: KnownBars,
): readonly Warning[] {
  if (rows === undefined) return [NO_FUNDING];
  const first = columns.openMs[0]!;
  const last = columns.openMs[columns.length - 1]!;
  const from = rows[0]?.timeMs ?? Infinity;
  const to = rows.at(-1)?.timeMs ?? -Infinity;
  if (from - first <= EIGHT_HOURS_MS && last - to <= EIGHT_HOURS_MS) return [];
  const code = 'FUNDING_MISSING';
  return [{ code, message: 'the funding file covers part of the bars: zero for the others' }];
}

function symbolOf(options: SetupOptions, bars: BarsFile): string {
  const symbol = options.symbol ?? bars.symbol;
  if (symbol !== undefined) return symbol;
  throw new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: `which symbol is ${bars.path}?`,
    next: 'add --symbol, for example --symbol BTC/USDT:USDT',
  });
}

function checkWarmup(warmupBars: number, bars: KnownBars): void {
  if (bars.columns.length > warmupBars) return;
  throw new RunnerError({
    code: 'DATA_EMPTY',
    exitCode: EXIT.badData,
    message: `${bars.path} holds ${bars.columns.length} bars, the plugin warms up on ${warmupBars}`,
    next: 'give more data, or smaller indicator lengths with --set',
  });
}

function checkFrom(fromMs: number | undefined, { path, columns }: KnownBars): void {
  const lastMs = columns.openMs[columns.length - 1]!;
  if (fromMs === undefined || fromMs <= lastMs) return;
  throw new RunnerError({
    code: 'DATA_EMPTY',
    exitCode: EXIT.badData,
    message: `${path}: no bar opens at ${isoOf(fromMs)} or later`,
    why: `The last bar opens at ${isoOf(lastMs)}`,
    next: 'change --from or --to',
  });
}

function fundingOf(
  config: RunConfig,
): { readonly rows: readonly FundingRow[]; readonly hash: string } | undefined {
  if (config.funding === undefined) return undefined;
  const file = loadFundingCsv(config.funding);
  const rows = file.rateText.map((rate, i) => ({
    timeMs: file.times[i]!,
    rate: rateDecimal(rate),
    markPrice: file.markPriceText === undefined ? null : rateDecimal(file.markPriceText[i]!),
  }));
  return { rows, hash: file.hash };
}

function warningsOf(
  bars: KnownBars,
  known: {
    readonly areCostsDefaulted: boolean;
    readonly areFiltersDefaulted: boolean;
    readonly config: RunConfig;
    readonly instrument: Instrument;
  },
): Warning[] {
  const warnings: Warning[] = [];
  const { costs } = known.config;
  if (known.areCostsDefaulted) {
    const taker = `taker ${costs.taker_fee_bps}, maker ${costs.maker_fee_bps}`;
    const isFitted = known.config.slippage_model !== undefined;
    const slippage = isFitted ? 'by its model' : `${costs.slippage_bps} bps`;
    const message = `costs by default: ${taker}, slippage ${slippage}`;
    warnings.push({ code: 'COSTS_DEFAULTED', message: `${message} (--fee-bps, --slippage-bps)` });
  }
  if (known.areFiltersDefaulted) {
    const { tick_size: tick, lot_size: lot } = filtersOf(known.instrument);
    const rules = `instrument rules by default: tick ${tick}, lot ${lot} (config: instrument)`;
    const message = `${rules}; prices and slippage are not rounded to a real tick`;
    warnings.push({ code: 'FILTERS_DEFAULTED', message });
  }
  if (bars.gaps.count > 0) {
    const message = `${bars.gaps.count} gaps, ${bars.gaps.missingBars} bars are missing`;
    warnings.push({ code: 'DATA_GAPS_ALLOWED', message, count: bars.gaps.count });
  }
  if (bars.cleanedPrices > 0) {
    const message = `${bars.cleanedPrices} prices had a binary residue and were cleaned`;
    warnings.push({ code: 'DATA_CLEANED', message, count: bars.cleanedPrices });
  }
  if (bars.synthetic) warnings.push({ code: 'DATA_SYNTHETIC', message: 'the data is synthetic' });
  return warnings;
}

function without(pinned: object, names: readonly string[]): unknown {
  return Object.fromEntries(Object.entries(pinned).filter(([name]) => !names.includes(name)));
}

function pinnedOf(config: RunConfig, instrument: Instrument, plugin: LoadedPlugin): object {
  const { funding: _path, accounts: _accounts, slippage_model: _model, ...rest } = config;
  const strategy = { config: plugin.config };
  return { ...rest, strategy, instrument: filtersOf(instrument) };
}
