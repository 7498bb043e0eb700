// `runner venue diff`: does a session have what the local exchange says has happened? Exit status 0
// when every order, trade, payment, position and the wallet agree, 2 with the differences.
import { EXIT, RunnerError } from '../../errors.js';
import { assertStoreThere, openSession } from '../../store/session-folder.js';
import { SqliteStore } from '../../store/sqlite/sqlite-store.js';
import { ClientOrderIds } from '../../venue/ccxt/client-order-id.js';
import { sessionsDirOf } from '../run-args.js';
import { type Comparison, compareWithTruth } from './venue-comparison.js';
import type { Difference, SessionTables } from './venue-diff-rows.js';
import { readTruth } from './venue-truth.js';

export interface VenueDiffArgs {
  readonly session?: string;
  readonly truth?: string;
  readonly sessions?: string;
  readonly json: boolean;
}

export async function runVenueDiffCommand(args: VenueDiffArgs): Promise<number> {
  const { session, truth: source } = args;
  if (session === undefined || source === undefined) throw missing();
  const folder = await openSession(sessionsDirOf(args.sessions), session);
  await assertStoreThere(folder);
  const truth = await readTruth(source, marketOf(folder.metadata.exchange));
  const ids = new ClientOrderIds(folder.id);
  const comparison = compareWithTruth(truth, await tablesOf(folder.databasePath), {
    clientIdOf: (orderKey) => ids.of(orderKey),
    isOurs: (clientOrderId) => ids.isOfSession(clientOrderId),
  });
  const document = { schema: 'runner.venue-diff/1', session_id: folder.id, ...comparison };
  process.stdout.write(args.json ? `${JSON.stringify(document)}\n` : textOf(folder.id, comparison));
  return comparison.differences.length === 0 ? EXIT.ok : EXIT.checkFailed;
}

function marketOf(exchange: string): 'futures' | 'spot' {
  return exchange === 'binance' ? 'spot' : 'futures';
}

async function tablesOf(databasePath: string): Promise<SessionTables> {
  const store = await SqliteStore.openReader(databasePath);
  try {
    return {
      orders: await store.rows('orders'),
      fills: await store.rows('fills'),
      funding: await store.rows('funding'),
      moves: await store.rows('cashMoves'),
      positions: await store.rows('positions'),
      equity: await store.rows('equity'),
    };
  } finally {
    await store.close();
  }
}

function textOf(id: string, { counts, differences, external }: Comparison): string {
  const { orders, trades, funding, cash_moves } = counts;
  const moves = `${funding} funding, ${cash_moves} transfers`;
  const compared = `${orders} orders, ${trades} trades, ${moves}`;
  const verdict =
    differences.length === 0 ? 'no difference' : `${differences.length} difference(s)`;
  return [
    `${id}  ${verdict}: ${compared} at the venue`,
    ...differences.map((difference) => `  ${lineOf(difference)}`),
    ...external.map(
      ({ about, id, is_booked, is_earlier }) =>
        `  external ${about} ${id}${is_booked ? ', booked' : ''}` +
        `${is_earlier ? ', before the session' : ''}`,
    ),
    '',
  ].join('\n');
}

const WHAT = {
  only_at_venue: 'only at the venue',
  only_in_session: 'only in the session',
  differs: 'differs',
} as const;

function lineOf({ about, what, id, field, venue, session }: Difference): string {
  const name = field === undefined ? '' : ` ${field}`;
  const sides = [
    ...(venue === undefined ? [] : [`venue ${venue}`]),
    ...(session === undefined ? [] : [`session ${session}`]),
  ];
  const told = sides.length === 0 ? '' : `: ${sides.join(', ')}`;
  return `${about.replace('_', ' ')} ${id}${name} ${WHAT[what]}${told}`;
}

function missing(): RunnerError {
  return new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: 'venue diff needs a session and the truth to hold it against',
    next: 'runner venue diff --session <id or folder> --truth <address of runner venue>',
  });
}
