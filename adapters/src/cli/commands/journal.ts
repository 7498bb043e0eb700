// `runner journal verify <session>`: exit status 0 when everything fits, 2 with the first row that
// does not.
import { withJournaledSession } from '../../api/backtest-journal.js';
import { type SessionVerdict, verifySession } from '../../api/verify-session.js';
import { EXIT } from '../../errors.js';
import type { SessionFolder } from '../../store/session-folder.js';
import { barsAgain } from '../progress.js';
import { sessionsDirOf } from '../run-args.js';

export interface JournalArgs {
  readonly session: string;
  readonly sessions?: string;
  readonly json: boolean;
}

/** What no chain can show, said with each verdict. */
const LIMIT =
  'A rewrite of the whole journal together with its anchor in session.json cannot be seen here: ' +
  'keep the head hash elsewhere to notice that.';

export async function runJournalVerifyCommand(args: JournalArgs): Promise<number> {
  const work = (folder: SessionFolder) => verify(folder, args);
  return withJournaledSession(sessionsDirOf(args.sessions), args.session, work, barsAgain());
}

async function verify(folder: SessionFolder, args: JournalArgs): Promise<number> {
  const verdict = await verifySession(folder, (rows) => {
    if (process.stderr.isTTY && !args.json) process.stderr.write(`\r${rows} rows`);
  });
  const document = { schema: 'runner.journal-verify/1', session_id: folder.id, ...verdict };
  const shown = { ...document, limit: LIMIT };
  process.stdout.write(args.json ? `${JSON.stringify(shown)}\n` : textOf(folder.id, verdict));
  return verdict.isSound ? EXIT.ok : EXIT.checkFailed;
}

function textOf(id: string, { finding, rows, head }: SessionVerdict): string {
  if (finding !== undefined) {
    const where = finding.seq === null ? '' : `row ${finding.seq}: `;
    return `${id}  NOT sound: ${finding.part}: ${where}${finding.what}\n`;
  }
  return [
    `${id}  sound: ${rows} rows, chain, anchor, telemetry, ledger and tables agree`,
    `head ${head?.seq ?? 0}  ${head?.hash ?? 'none'}`,
    `${LIMIT}`,
    '',
  ].join('\n');
}
