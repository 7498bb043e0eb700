// `runner sessions`: what is in the sessions folder, damaged ones included.
import { EXIT } from '../../errors.js';
import { type SessionListing, listSessions } from '../../store/session-list.js';
import { sessionsDirOf } from '../run-args.js';

export interface SessionsArgs {
  readonly sessions?: string;
  readonly json: boolean;
}

export async function runSessionsCommand(args: SessionsArgs): Promise<number> {
  const sessionsDir = sessionsDirOf(args.sessions);
  const listings = await listSessions(sessionsDir);
  if (args.json) {
    const sessions = listings.map(summary);
    process.stdout.write(`${JSON.stringify({ schema: 'runner.sessions/1', sessions })}\n`);
    return EXIT.ok;
  }
  if (listings.length === 0) {
    process.stdout.write(`no sessions in ${sessionsDir}\n`);
    return EXIT.ok;
  }
  for (const listing of listings) process.stdout.write(`${line(listing)}\n`);
  return EXIT.ok;
}

function summary(listing: SessionListing): unknown {
  if (listing.kind === 'damaged') {
    const { id, path, error } = listing;
    return { id, path, state: 'damaged', code: error.code, message: error.message };
  }
  const { id, path, state, metadata, counts } = listing;
  return {
    id,
    path,
    state,
    kind: metadata.kind,
    strategy: metadata.strategy.id,
    symbol: metadata.data.symbol,
    timeframe: metadata.timeframe,
    started_at: metadata.started_at,
    ended_at: metadata.ended_at,
    runs: metadata.runs.length,
    counts,
  };
}

function line(listing: SessionListing): string {
  if (listing.kind === 'damaged') return `${listing.id}  damaged: ${listing.error.message}`;
  const { id, state, metadata, counts } = listing;
  const held =
    counts === null
      ? ''
      : `  ${counts.fills} fills, ${counts.openPositions} open, ${counts.pendingEntries} pending`;
  const what = `${metadata.kind} ${metadata.strategy.id} ${metadata.data.symbol}`;
  return `${id}  ${state}  ${what} ${metadata.timeframe}${held}`;
}
