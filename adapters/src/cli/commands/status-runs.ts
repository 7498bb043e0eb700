// `runner status --config <file>`: where each run of the file stands, a line each. One that cannot
// be read hides no other.
import { readConfig } from '../../api/run-config.js';
import type { RunConfig } from '../../api/run-config.js';
import { EXIT, RunnerError } from '../../errors.js';
import { readRunName } from '../../store/run-name.js';
import { openSession } from '../../store/session-folder.js';
import {
  type SessionListing,
  type SessionState,
  listSessions,
  stateOf,
} from '../../store/session-list.js';
import { columns } from '../fleet/fleet-text.js';
import { namesIn, readRuns } from '../fleet/run-entry.js';
import { type PlannedRun, plannedRun } from '../fleet/run-plan.js';
import { sessionsDirOf } from '../run-args.js';
import { type Status, type StatusArgs, readStatus } from './status.js';

interface Standing {
  readonly run: PlannedRun;
  /** `none` before it has a session. */
  readonly state: SessionState | 'none' | 'damaged';
  readonly status: Status | null;
  readonly error: RunnerError | null;
}

export interface RunStatusArgs extends Omit<StatusArgs, 'session'> {
  readonly config: string;
  readonly run?: readonly string[];
}

export async function runStatusOfRuns(args: RunStatusArgs): Promise<number> {
  const runs = await readRuns(args.config, args.run === undefined ? 'all' : namesIn(args.run));
  const { accounts = {} } = (await readConfig(args.config)) as Partial<Pick<RunConfig, 'accounts'>>;
  const sessionsDir = sessionsDirOf(args.sessions);
  const known = await namedSessions(sessionsDir);
  const standings: Standing[] = [];
  for (const run of runs) {
    standings.push(await standingOf(plannedRun(run, accounts), { sessionsDir, known }));
  }
  process.stdout.write(args.json ? json(standings) : text(standings));
  const isHeld = standings.some(({ status }) => (status?.entries_held_by.length ?? 0) > 0);
  return args.check && isHeld ? EXIT.checkFailed : EXIT.ok;
}

interface NamedSession {
  readonly listing: SessionListing;
  readonly run: string | undefined;
}

async function namedSessions(sessionsDir: string): Promise<readonly NamedSession[]> {
  const listings = await listSessions(sessionsDir);
  return Promise.all(
    listings.map(async (listing) => ({ listing, run: await readRunName(listing.path) })),
  );
}

interface Known {
  readonly sessionsDir: string;
  readonly known: readonly NamedSession[];
}

async function standingOf(run: PlannedRun, { sessionsDir, known }: Known): Promise<Standing> {
  const last = known
    .filter((session) => isOf(run, session))
    .toSorted((a, b) => (startOf(a) < startOf(b) ? -1 : 1))
    .at(-1);
  if (last === undefined) return { run, state: 'none', status: null, error: null };
  try {
    const folder = await openSession(sessionsDir, last.listing.path);
    return { run, state: await stateOf(folder), status: await readStatus(folder), error: null };
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    return { run, state: 'damaged', status: null, error };
  }
}

// An account has one history, whatever its run is called; on paper the name is all there is.
function isOf(run: PlannedRun, { listing, run: name }: NamedSession): boolean {
  if (listing.kind === 'damaged') return name === run.name;
  const { exchange, account, data } = listing.metadata;
  if (listing.counts === null || exchange !== run.exchange) return false;
  if (!run.sendsOrders) return name === run.name && account === run.account;
  return account === run.account && data.symbol === run.symbol;
}

function startOf({ listing }: NamedSession): string {
  if (listing.kind === 'session') return listing.metadata.started_at;
  // Of one that cannot be read the id alone says when it began.
  return listing.id.replace(/^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d).*/, '$1-$2-$3T$4:$5:$6.999Z');
}

function json(standings: readonly Standing[]): string {
  const runs = standings.map(({ run, state, status, error }) => ({
    name: run.name,
    exchange: run.exchange,
    account: run.account,
    symbol: run.symbol,
    state,
    error: error === null ? null : { code: error.code, message: error.message, next: error.next },
    session: status,
  }));
  return `${JSON.stringify({ schema: 'runner.run_status/1', runs })}\n`;
}

const HEADER = ['run', 'account', 'state', 'session', 'equity', 'open', 'connection', 'held'];

function text(standings: readonly Standing[]): string {
  const held = standings.flatMap(({ run, status, error }) => [
    ...(status?.entries_held_by ?? []).map((line) => `${run.name}: ${line}\n`),
    ...(error === null ? [] : [`${run.name}: ${error.code}: ${error.message}\n`]),
  ]);
  return `${columns([HEADER, ...standings.map(rowOf)])}${held.join('')}`;
}

function rowOf({ run, state, status }: Standing): readonly string[] {
  const who = [run.name, `${run.exchange} ${run.account}`, state];
  if (status === null) return [...who, '-', '-', '-', '-', '-'];
  const { session_id: session, equity, positions, connection, entries_held_by: held } = status;
  return [
    ...who,
    session,
    String(equity?.['equity'] ?? 'unknown'),
    String(positions.length),
    String(connection?.['state'] ?? 'none needed'),
    held.length === 0 ? 'no' : 'yes',
  ];
}
