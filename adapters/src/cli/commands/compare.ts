// `runner compare`: why a session and its backtest differ, or why two sessions do. Exit status 2
// when something stays unexplained, or the difference exceeds --max-drift.
import {
  type Attribution,
  type Decimal,
  type LegRow,
  ZERO,
  divide,
  format,
  multiply,
  toNumber,
} from '@strategy-runner/core';
import { withJournal } from '../../api/backtest-journal.js';
import { type ComparisonData, compareSession } from '../../api/compare-session.js';
import type { SessionComparison } from '../../api/compare-session.js';
import { type ModelAgainst, againstJson, modelAgainst } from '../../api/slippage-document.js';
import { slippageRows } from '../../api/slippage-rows.js';
import { againstLines } from '../../api/slippage-text.js';
import { EXIT, RunnerError } from '../../errors.js';
import { loadBarsCsv } from '../../market-data/csv-bars.js';
import { resolveData } from '../../market-data/dataset.js';
import { comparisonPage } from '../../report/comparison-page.js';
import { comparisonText } from '../../report/comparison-text.js';
import { replacePrivateFile } from '../../private-files/private-file.js';
import { type SessionFolder, openSession } from '../../store/session-folder.js';
import { writeFailed } from '../../store/store-error.js';
import { barsAgain } from '../progress.js';
import { sessionsDirOf } from '../run-args.js';

export interface CompareArgs {
  readonly session: string;
  readonly other?: string;
  readonly data?: string;
  readonly strategy?: string;
  readonly order: 'forward' | 'reverse';
  readonly maxDrift?: number;
  readonly html?: string;
  /** Model whose predictions are held against what live paid. */
  readonly slippageModel?: string;
  readonly sessions?: string;
  readonly json: boolean;
}

export async function runCompareCommand(args: CompareArgs): Promise<number> {
  const folder = await journaled(args, args.session);
  const compared = await comparedWith(args, folder);
  const other = args.other === undefined ? null : await otherOf(args, compared);
  const head = headOf(folder, compared, args);
  const { attribution } = compared;
  const predicted = await predictedOf(args, folder);
  const text =
    comparisonText(head, attribution) +
    (other === null ? '' : otherText(other)) +
    (predicted === null ? '' : `${againstLines(predicted).join('\n')}\n`);
  const document = {
    ...jsonOf(head, compared, other),
    ...(predicted === null ? {} : { predicted_slippage: againstJson(predicted) }),
  };
  process.stdout.write(args.json ? `${JSON.stringify(document)}\n` : text);
  // After the answer: a page that cannot be written must not cost it.
  if (args.html !== undefined) {
    await writePage(args.html, comparisonPage(head, compared, predicted ?? undefined));
  }
  const isExplained = attribution.residual === ZERO && attribution.firstDifference === null;
  return isExplained && isWithin(args, compared) ? EXIT.ok : EXIT.checkFailed;
}

async function journaled({ sessions }: CompareArgs, session: string): Promise<SessionFolder> {
  return withJournal(await openSession(sessionsDirOf(sessions), session), barsAgain());
}

function comparedWith(args: CompareArgs, folder: SessionFolder): Promise<SessionComparison> {
  const { data: path, strategy: spec, order } = args;
  const data = path === undefined ? {} : { data: dataOf(path) };
  const strategy = spec === undefined ? {} : { strategy: { spec, cwd: process.cwd() } };
  return compareSession({ folder, order, ...data, ...strategy });
}

async function predictedOf(
  { slippageModel, sessions }: CompareArgs,
  { path }: SessionFolder,
): Promise<ModelAgainst | null> {
  if (slippageModel === undefined) return null;
  return modelAgainst(slippageModel, await slippageRows(sessionsDirOf(sessions), [path]));
}

async function writePage(path: string, page: string): Promise<void> {
  try {
    await replacePrivateFile(path, page);
  } catch (error) {
    throw writeFailed(path, error);
  }
}

function dataOf(path: string): ComparisonData {
  const bars = loadBarsCsv(resolveData(path).path, {});
  return { columns: bars.columns, source: bars.path, timeframe: bars.timeframe };
}

interface Other {
  readonly folder: SessionFolder;
  readonly compared: SessionComparison;
  /** First session less the other one, cause by cause. */
  readonly channels: readonly { readonly channel: string; readonly amount: Decimal }[];
  readonly total: Decimal;
}

// Both against the same backtest: what is left of each cause is what sets them apart.
async function otherOf(args: CompareArgs, first: SessionComparison): Promise<Other> {
  const folder = await journaled(args, args.other!);
  const data = { columns: columnsOf(first), source: 'the bars of the first session' };
  const compared = await compareSession({
    folder,
    order: args.order,
    data: args.data === undefined ? data : dataOf(args.data),
  });
  refuseUnlike(first, compared);
  const channels = first.attribution.channels.map(({ channel, amount }) => {
    const theirs = compared.attribution.channels.find((share) => share.channel === channel)!;
    return { channel, amount: amount - theirs.amount };
  });
  const total = first.attribution.liveEquity - compared.attribution.liveEquity;
  return { folder, compared, channels, total };
}

function columnsOf({ live }: SessionComparison): ComparisonData['columns'] {
  const column = (name: 'openMs' | 'open' | 'high' | 'low' | 'close' | 'volume'): Float64Array =>
    Float64Array.from(live.bars, (bar) => bar[name]);
  return {
    length: live.bars.length,
    openMs: column('openMs'),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
  };
}

// R18: only runs that begin at the same bar with the same inventory have one backtest in common.
function refuseUnlike(a: SessionComparison, b: SessionComparison): void {
  const [first, second] = [a.config, b.config];
  const [one, two] = [first.instances[0]!, second.instances[0]!];
  const unlike: readonly (readonly [string, string, string])[] = [
    ['symbol', one.symbol, two.symbol],
    ['timeframe', one.timeframe, two.timeframe],
    ['first tradable bar', String(one.tradeFromMs), String(two.tradeFromMs)],
    ['starting cash', format(first.initialCash), format(second.initialCash)],
    ['strategy', one.strategyId, two.strategyId],
  ];
  const found = unlike.find(([, x, y]) => x !== y);
  if (found === undefined) return;
  const [what, x, y] = found;
  throw new RunnerError({
    code: 'COMPARISON_UNLIKE',
    exitCode: EXIT.usage,
    message: `the two sessions have another ${what}: ${x} and ${y}`,
    why: 'Their difference would not be one of execution',
    next: 'compare each of them with its own backtest: runner compare <session>',
  });
}

function headOf(folder: SessionFolder, { live, source }: SessionComparison, args: CompareArgs) {
  return {
    session: folder.id,
    strategy: folder.metadata.strategy.id,
    source: source === 'recorded' ? 'as the session recorded them' : source,
    order: args.order,
    bars: live.bars.length,
  };
}

function isWithin({ maxDrift }: CompareArgs, { attribution, config }: SessionComparison): boolean {
  return maxDrift === undefined || driftBps(attribution, config.initialCash) <= maxDrift;
}

function driftBps({ total }: Attribution, cash: Decimal): number {
  const share = divide(total < ZERO ? -total : total, cash);
  return toNumber(multiply(share, 10_000n * 10n ** 18n));
}

function otherText({ folder, channels, total }: Other): string {
  const width = Math.max(...channels.map(({ channel }) => channel.length));
  return [
    `Less ${folder.id}: ${format(total)}`,
    ...channels.map(({ channel, amount }) => `  ${channel.padEnd(width)}  ${format(amount)}`),
    '',
  ].join('\n');
}

function jsonOf(
  head: ReturnType<typeof headOf>,
  { attribution, config }: SessionComparison,
  other: Other | null,
): object {
  const { channels, total, residual, liveEquity, backtestEquity } = attribution;
  return {
    schema: 'runner.comparison/1',
    session_id: head.session,
    strategy: head.strategy,
    data: head.source,
    bars: head.bars,
    order: head.order,
    live_equity: format(liveEquity),
    backtest_equity: format(backtestEquity),
    difference: format(total),
    drift_bps: driftBps(attribution, config.initialCash),
    causes: channels.map(({ channel, amount }) => ({ cause: channel, amount: format(amount) })),
    residual: format(residual),
    first_difference: attribution.firstDifference,
    legs: attribution.legs.map(legJson),
    score: attribution.score,
    ...(other === null ? {} : { other: otherJson(other) }),
  };
}

function otherJson({ folder, channels, total }: Other): object {
  return {
    session_id: folder.id,
    difference: format(total),
    causes: channels.map(({ channel, amount }) => ({ cause: channel, amount: format(amount) })),
  };
}

function legJson(row: LegRow): object {
  const { difference } = row;
  return {
    intent_id: row.intentId,
    leg: row.leg,
    side: row.side,
    status: row.status,
    live: sideJson(row.live),
    backtest: sideJson(row.backtest),
    difference:
      difference === null
        ? null
        : {
            time_ms: difference.timeMs,
            price: format(difference.price),
            qty: format(difference.quantity),
            fee: format(difference.fee),
          },
  };
}

function sideJson(of: LegRow['live']): object | null {
  if (of === null) return null;
  const { timeMs, price, quantity, fee, fills } = of;
  return { time_ms: timeMs, price: format(price), qty: format(quantity), fee: format(fee), fills };
}
