// `runner reconcile`: what differs between a session and its account, and with --apply what is done
// about it. Exit status 0 when nothing differs, or nothing any more; 2 when something does.
import { type Clock, type ReconcilePlan, type UntrackedPolicy } from '@strategy-runner/core';
import type { SessionMetadata } from '@strategy-runner/contracts';
import type { Logger } from 'pino';
import { readPremises } from '../../api/premises.js';
import { type Reconciliation, reconcileAccount } from '../../api/reconcile-account.js';
import { resolveConfig } from '../../api/run-config.js';
import { isoOf } from '../../api/start-session.js';
import { EXIT, RunnerError } from '../../errors.js';
import type { LogLevel } from '../../log/log.js';
import { importDefinition } from '../../plugin-source/import-bundle.js';
import { type SessionFolder, openSession } from '../../store/session-folder.js';
import { listSessions } from '../../store/session-list.js';
import { lockSession } from '../../store/session-lock.js';
import { SqliteStore } from '../../store/sqlite/sqlite-store.js';
import { TOKENS, compose } from '../compose.js';
import { openAccess } from '../exchange-access.js';
import { sessionsDirOf } from '../run-args.js';

export interface ReconcileArgs {
  readonly session?: string;
  readonly sessions?: string;
  readonly config?: string;
  readonly apply?: boolean;
  readonly onUntracked: UntrackedPolicy;
  readonly force: boolean;
  readonly json: boolean;
  readonly logLevel?: LogLevel;
}

export async function runReconcileCommand(args: ReconcileArgs): Promise<number> {
  const run = compose('live', { logLevel: args.logLevel ?? 'warn', context: {} });
  const clock = run.resolve<Clock>(TOKENS.clock);
  const log = run.resolve<Logger>(TOKENS.log);
  const folder = await folderOf(args);
  const { exchange, account } = folder.metadata;
  const access = await openAccess({
    exchange,
    account,
    resolved: await resolveConfig(args.config, {}),
    sendsOrders: true,
    isForce: args.force,
    purpose: `${folder.id} (reconcile)`,
    clock,
    log,
    signal: new AbortController().signal,
  });
  if (access === undefined) return EXIT.venueUnavailable;
  try {
    const release = await lockSession(folder, isoOf(clock.now()));
    try {
      const result = await reconcile(folder, { args, access, clock, log });
      process.stdout.write(args.json ? json(folder, result) : textOf(folder, result));
      return (result.after ?? result.plan).isClear ? EXIT.ok : EXIT.checkFailed;
    } finally {
      await release();
    }
  } finally {
    await access.close();
  }
}

interface Tools {
  readonly args: ReconcileArgs;
  readonly access: NonNullable<Awaited<ReturnType<typeof openAccess>>>;
  readonly clock: Clock;
  readonly log: Logger;
}

async function reconcile(
  folder: SessionFolder,
  { args, access, clock, log }: Tools,
): Promise<Reconciliation> {
  const { config, plugin, bundleText } = await readPremises(folder);
  const exportName = plugin.export_name ?? undefined;
  const definition = await importDefinition({ plugin: plugin.id, text: bundleText, exportName });
  const store = await SqliteStore.open({ path: folder.databasePath });
  try {
    const { client, account, relay, lock, sharedLock } = access;
    return await reconcileAccount({
      plugin: { id: plugin.id, definition, config: plugin.config },
      metadata: folder.metadata,
      store,
      log,
      config,
      client,
      account,
      relay,
      onUntracked: args.onUntracked,
      everTraded: lock?.everTraded ?? [],
      clock,
      isApplied: args.apply === true,
      ...(sharedLock === null ? {} : { beforeApply: () => sharedLock.proven() }),
    });
  } finally {
    await store.close();
  }
}

async function folderOf({ session, sessions }: ReconcileArgs): Promise<SessionFolder> {
  const sessionsDir = sessionsDirOf(sessions);
  if (session !== undefined) return checked(await openSession(sessionsDir, session));
  const live = (await listSessions(sessionsDir)).flatMap((listing) =>
    listing.kind === 'session' && listing.metadata.kind === 'live' ? [listing.metadata] : [],
  );
  const last = live.toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1)).at(-1);
  if (last !== undefined) return openSession(sessionsDir, last.session_id);
  throw new RunnerError({
    code: 'SESSION_NOT_FOUND',
    exitCode: EXIT.missingInput,
    message: `no session on an exchange in ${sessionsDir}`,
    next: 'runner sessions lists what is there',
  });
}

function checked(folder: SessionFolder): SessionFolder {
  const { kind, exchange }: SessionMetadata = folder.metadata;
  if (kind === 'live') return folder;
  throw new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: `session ${folder.id} is a ${kind} session on ${exchange}`,
    next: 'name a session that runner live has begun on an exchange',
  });
}

function json(folder: SessionFolder, { plan, missed, after }: Reconciliation): string {
  const document = { ...plan, session_id: folder.id, missed, after };
  return `${JSON.stringify(document)}\n`;
}

function textOf(folder: SessionFolder, { plan, missed, after }: Reconciliation): string {
  const told = Object.entries(missed).map(([kind, count]) => `${count} ${kind}`);
  const lines = [
    `${folder.id}  ${plan.isClear ? 'agrees with the account' : 'differs from the account'}`,
    ...(told.length === 0 ? [] : [`  told by the venue and not known before: ${told.join(', ')}`]),
    ...itemsOf(plan),
  ];
  if (after === null) {
    lines.push(
      plan.isClear && told.length === 0
        ? 'nothing was changed'
        : 'nothing was changed; runner reconcile --apply does what is said above',
    );
  } else {
    lines.push(after.isClear ? 'applied; the account agrees now' : 'applied; still different:');
    lines.push(...(after.isClear ? [] : itemsOf(after)));
  }
  return `${lines.join('\n')}\n`;
}

function itemsOf({ items }: ReconcilePlan): readonly string[] {
  return items.flatMap(({ kind, symbol, ref, ours, theirs, action, why, next }) => [
    `  ${kind} ${symbol} ${ref}: session ${ours}, venue ${theirs}: ${action}`,
    `    ${why}`,
    `    next: ${next}`,
  ]);
}
