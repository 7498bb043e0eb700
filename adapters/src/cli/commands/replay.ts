// `runner replay <session>`: exit status 0 when engine and plugin do the same again, 2 with the
// first place where they do not.
import { withJournaledSession } from '../../api/backtest-journal.js';
import { type ReplayReport, replaySession } from '../../api/replay-session.js';
import { EXIT } from '../../errors.js';
import type { SessionFolder } from '../../store/session-folder.js';
import { barsAgain } from '../progress.js';
import { sessionsDirOf } from '../run-args.js';

export interface ReplayArgs {
  readonly session: string;
  readonly sessions?: string;
  readonly level: 'engine' | 'strategy' | 'both';
  readonly strategy?: string;
  readonly json: boolean;
}

export async function runReplayCommand(args: ReplayArgs): Promise<number> {
  const work = (folder: SessionFolder) => replay(folder, args);
  return withJournaledSession(sessionsDirOf(args.sessions), args.session, work, barsAgain());
}

async function replay(folder: SessionFolder, args: ReplayArgs): Promise<number> {
  const { strategy: spec } = args;
  const report = await replaySession({
    folder,
    levels: args.level === 'both' ? ['engine', 'strategy'] : [args.level],
    ...(spec === undefined ? {} : { strategy: { spec, cwd: process.cwd() } }),
  });
  const document = { schema: 'runner.replay/1', session_id: folder.id, ...report };
  process.stdout.write(args.json ? `${JSON.stringify(document)}\n` : textOf(folder.id, report));
  return report.isSame ? EXIT.ok : EXIT.checkFailed;
}

const CAUSES = {
  plugin_code: 'the plugin is not the one that the session ran (its code hash differs)',
  host_version: 'another version of the host decides otherwise',
  nondeterminism:
    'the same code answers otherwise: it uses a clock, chance or something outside of its inputs',
} as const;

function textOf(id: string, { divergence, rows, plugin, comparison }: ReplayReport): string {
  if (divergence === undefined) {
    const how = comparison === 'bytes' ? 'byte for byte' : 'in meaning';
    return `${id}  the same again, ${how}: ${rows} rows, ${plugin.id} ${plugin.version}\n`;
  }
  const { level, seq, cause, instance, hook, trigger } = divergence;
  const where = instance === null ? '' : ` of ${plugin.id}, ${instance} ${hook} at ${trigger}`;
  return [
    `${id}  NOT the same: ${level}, row ${seq}${where}`,
    `  cause     ${CAUSES[cause]}`,
    `  recorded  ${JSON.stringify(divergence.recorded)}`,
    `  produced  ${JSON.stringify(divergence.produced)}`,
    '',
  ].join('\n');
}
