// `runner status`: where a session stands, read beside the running process.
import { access } from 'node:fs/promises';
import { type EngineRecord, decode } from '@strategy-runner/core';
import { AccountStore } from '../../account-store/account-store.js';
import { standingBlackout, startStanding } from '../../api/session-standing.js';
import { isoOf } from '../../api/start-session.js';
import { SystemClock } from '../../clock/system-clock.js';
import { EXIT, RunnerError } from '../../errors.js';
import { type SessionFolder, assertStoreThere, openSession } from '../../store/session-folder.js';
import { type SessionListing, listSessions, stateOf } from '../../store/session-list.js';
import { SqliteStore } from '../../store/sqlite/sqlite-store.js';
import { sessionsDirOf } from '../run-args.js';
import { stateDirOf } from '../state-dir.js';
import { metricsOf } from './status-metrics.js';

export interface StatusArgs {
  readonly session?: string;
  readonly sessions?: string;
  readonly pending: boolean;
  /** Exit status 2 where something holds entries. */
  readonly check: boolean;
  /** Only the last snapshot of its metrics. */
  readonly metrics: boolean;
  readonly json: boolean;
}

export async function runStatusCommand(args: StatusArgs): Promise<number> {
  const folder = await folderOf(args);
  if (args.metrics) {
    process.stdout.write(await metricsOf(folder, { clock: new SystemClock(), json: args.json }));
    return EXIT.ok;
  }
  const status = await readStatus(folder);
  const shown = args.pending
    ? { schema: 'runner.pending/1', session_id: folder.id, pending: status.pending }
    : { schema: 'runner.status/1', ...status };
  process.stdout.write(args.json ? `${JSON.stringify(shown)}\n` : textOf(status, args.pending));
  return args.check && status.entries_held_by.length > 0 ? EXIT.checkFailed : EXIT.ok;
}

async function folderOf(args: StatusArgs): Promise<SessionFolder> {
  const sessionsDir = sessionsDirOf(args.sessions);
  if (args.session !== undefined) return openSession(sessionsDir, args.session);
  const kept = (await listSessions(sessionsDir)).filter(isKept);
  // A damaged one has no time but that in its id, which sorts by time to the second.
  const lastDamaged = kept.filter(({ kind }) => kind === 'damaged').at(-1);
  const sessions = kept.flatMap((listing) =>
    listing.kind === 'session' ? [{ id: listing.id, at: listing.metadata.started_at }] : [],
  );
  const last = sessions.sort((a, b) => (a.at < b.at ? -1 : 1)).at(-1);
  if (lastDamaged?.kind === 'damaged' && stampOf(lastDamaged.id) >= stampOf(last?.id ?? '')) {
    throw lastDamaged.error;
  }
  if (last !== undefined) return openSession(sessionsDir, last.id);
  throw new RunnerError({
    code: 'SESSION_NOT_FOUND',
    exitCode: EXIT.missingInput,
    message: `no live or paper session in ${sessionsDir}`,
    next: 'runner live --strategy sma-cross --data sample begins one',
  });
}

// A backtest is over, and a folder whose making was cut off holds nothing.
function isKept(listing: SessionListing): boolean {
  return listing.kind === 'damaged'
    ? listing.error.code !== 'SESSION_NOT_FOUND'
    : listing.counts !== null && listing.metadata.kind !== 'backtest';
}

function stampOf(id: string): string {
  return /^\d{8}-\d{6}/.exec(id)?.[0] ?? '';
}

export async function readStatus(folder: SessionFolder) {
  const { metadata } = folder;
  await assertStoreThere(folder);
  await access(folder.databasePath).catch(() => {
    throw new RunnerError({
      code: 'SESSION_NOT_FOUND',
      exitCode: EXIT.missingInput,
      message: `session ${folder.id} has no journal`,
      why: 'A backtest keeps a trace only',
      next: 'runner sessions lists the sessions',
    });
  });
  const store = await SqliteStore.openReader(folder.databasePath);
  try {
    const [positions, orders, pending, equity, holds, connections, reconciliations, drift] = [
      await store.rows('positions'),
      await store.rows('orders'),
      await store.rows('pendingEntries'),
      await store.rows('equity'),
      await store.rows('holds'),
      await store.rows('connections'),
      await store.rows('reconciliations'),
      await store.rows('drift'),
    ];
    const flags = [
      ...(await flagsOf(folder)),
      ...gatesOf(await store.payloadsOf('gate')),
      ...(await standingBlackout(folder, store)),
    ];
    const alerts = (await store.payloadsOf('alert')).slice(-ALERTS_SHOWN).map(alertOf);
    const held = holds.filter(({ is_held }) => is_held === 1);
    const connection = connections.at(-1) ?? null;
    return {
      session_id: folder.id,
      session_dir: folder.path,
      state: await stateOf(folder),
      kind: metadata.kind,
      strategy: metadata.strategy.id,
      symbol: metadata.data.symbol,
      runs: metadata.runs,
      equity: equity.at(-1) ?? null,
      positions: positions.filter(({ status }) => status === 'open'),
      working_orders: orders.filter(({ ended_ms }) => ended_ms === null),
      pending,
      start: await startStanding(folder, store),
      connection,
      reconciled: reconciliations.at(-1) ?? null,
      drift: drift.at(-1) ?? null,
      alerts,
      holds: held,
      flags,
      entries_held_by: heldBy(held, flags, connection),
    };
  } finally {
    await store.close();
  }
}

// What was told to the account holds for each of its sessions, also while none runs.
async function flagsOf({ metadata }: SessionFolder): Promise<readonly string[]> {
  const { exchange, account } = metadata;
  const id = { exchange, account };
  const clock = new SystemClock();
  const flags = await new AccountStore({ stateDir: stateDirOf(), id, clock }).readFlags();
  return (['kill', 'stop', 'pause'] as const).flatMap((name) => {
    const flag = flags[name];
    return flag === null ? [] : [`${name}: ${flag.reason} (${flag.by}, ${flag.at})`];
  });
}

// What the session itself holds entries by: a pause by its shadow, a stop, a kill.
function gatesOf(payloads: readonly string[]): readonly string[] {
  const closed = new Map<string, string>();
  for (const payload of payloads) {
    const { gate, isClosed, reason } = decode(payload) as RecordOfGate;
    if (isClosed) closed.set(gate, `${gate}: ${reason} (runner resume)`);
    else closed.delete(gate);
  }
  return [...closed.values()];
}

const ALERTS_SHOWN = 5;

function alertOf(payload: string) {
  const { ts, code, text } = decode(payload) as RecordOfAlert;
  return { ts, code, text };
}

type RecordOfAlert = Extract<EngineRecord, { readonly type: 'alert' }>;
type RecordOfGate = Extract<EngineRecord, { readonly type: 'gate' }>;

type Row = Readonly<Record<string, string | number | null>>;

function heldBy(
  holds: readonly Row[],
  flags: readonly string[],
  connection: Row | null,
): readonly string[] {
  const isDown = connection !== null && connection['state'] !== 'ready';
  return [
    ...flags,
    ...(isDown ? [`connection: ${connection['state']} (${connection['detail']})`] : []),
    ...holds.map(
      ({ symbol, code, ref, reason }) =>
        `${symbol} ${code}: ${reason} (runner resume --ack ${ref} --reason <why>)`,
    ),
  ];
}

export type Status = Awaited<ReturnType<typeof readStatus>>;

function startLines({ start }: Status): readonly string[] {
  if (start === null || start.awaited === null) return [];
  const ready = start.ready.map(({ item }) => item).join(', ') || 'nothing';
  return [`Starting: ${start.awaited} is awaited; ready: ${ready}`];
}

function textOf(status: Status, isPendingOnly: boolean): string {
  const pending = status.pending.map(
    ({ side, type, remaining, price, stop_price, order_key }) =>
      `  ${side} ${type} ${remaining} at ${price ?? stop_price ?? 'market'}  ${order_key}`,
  );
  if (isPendingOnly) {
    return pending.length === 0 ? 'no pending entries\n' : `${pending.join('\n')}\n`;
  }
  const positions = status.positions.map(
    (position) =>
      `  ${position.side} ${position.quantity} at ${position.entry_price}` +
      `, stop ${position.stop_price ?? 'none'}`,
  );
  return [
    `${status.session_id}  ${status.state}  ${status.kind} ${status.strategy} ${status.symbol}`,
    `Equity ${status.equity?.equity ?? 'unknown'}`,
    `Positions: ${positions.length === 0 ? 'none' : ''}`,
    ...positions,
    `Working orders: ${status.working_orders.length}`,
    `Pending entries: ${pending.length === 0 ? 'none' : ''}`,
    ...pending,
    ...(status.drift === null ? [] : [`Drift: ${status.drift.drift_bps} bps from its shadow`]),
    ...(status.alerts.length === 0 ? [] : ['Last alerts:']),
    ...status.alerts.map(({ ts, code, text }) => `  ${isoOf(ts)} ${code}: ${text}`),
    ...startLines(status),
    `Connection: ${status.connection?.state ?? 'none needed'}`,
    `Entries held by: ${status.entries_held_by.length === 0 ? 'nothing' : ''}`,
    ...status.entries_held_by.map((line) => `  ${line}`),
    '',
  ].join('\n');
}
