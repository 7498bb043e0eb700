// `runner explain <id>`: why there is this intent, order, fill or position, from the bar and the
// strategy's input over each check to orders, fills and cash.
import { explain } from '../../api/explain.js';
import { explainText } from '../../api/explain-text.js';
import { EXIT } from '../../errors.js';
import { barsAgain } from '../progress.js';
import { sessionsDirOf } from '../run-args.js';

export interface ExplainArgs {
  readonly id: string;
  readonly session?: string;
  readonly sessions?: string;
  readonly json: boolean;
}

export async function runExplainCommand(args: ExplainArgs): Promise<number> {
  const { id, session, json } = args;
  const sessionsDir = sessionsDirOf(args.sessions);
  const named = session === undefined ? {} : { session };
  const told = await explain({ sessionsDir, id, ...named, onBars: barsAgain() });
  process.stdout.write(json ? `${JSON.stringify(told)}\n` : explainText(told));
  return EXIT.ok;
}
