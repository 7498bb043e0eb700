// `runner bundle <session>`: one archive that somebody else can replay and explain, without keys.
import { resolve } from 'node:path';
import { withJournal } from '../../api/backtest-journal.js';
import { makeBundle } from '../../api/bundle.js';
import { EXIT, RunnerError } from '../../errors.js';
import { type SessionFolder, openSession } from '../../store/session-folder.js';
import { secretsOf } from '../known-secrets.js';
import { barsAgain } from '../progress.js';
import { sessionsDirOf } from '../run-args.js';

export interface BundleArgs {
  readonly session: string;
  readonly sessions?: string;
  readonly out?: string;
  readonly plugin: boolean;
  readonly json: boolean;
}

export async function runBundleCommand(args: BundleArgs): Promise<number> {
  const folder = await journaled(await openSession(sessionsDirOf(args.sessions), args.session));
  const out = resolve(args.out ?? `${folder.id}.tar.gz`);
  const secrets = secretsOf(process.env);
  const made = await makeBundle({ folder, out, hasPlugin: args.plugin, secrets });
  const { path, bytes, sha256, manifest } = made;
  if (args.json) {
    const document = { path, bytes, sha256, ...manifest };
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return EXIT.ok;
  }
  const removed = manifest.removed.map((setting) => `  removed  ${setting}`);
  const files = manifest.files.map(({ name, bytes: size }) => `  ${name}  ${size} bytes`);
  const head = `${path}  ${bytes} bytes, sha256 ${sha256}`;
  process.stdout.write(`${[head, ...files, ...removed, `next: ${nextOf(made)}`].join('\n')}\n`);
  return EXIT.ok;
}

// A backtest that cannot be run again is packed with its trace alone: that is not replayed.
async function journaled(folder: SessionFolder): Promise<SessionFolder> {
  try {
    return await withJournal(folder, barsAgain());
  } catch (error) {
    if (!(error instanceof RunnerError) || !WITHOUT_JOURNAL.has(error.code)) throw error;
    process.stderr.write(`packed without a journal: ${error.message}\n`);
    return folder;
  }
}

const WITHOUT_JOURNAL: ReadonlySet<string> = new Set([
  'SESSION_PREMISES_CHANGED',
  'SESSION_NOT_FOUND',
]);

function nextOf({ path, manifest }: Awaited<ReturnType<typeof makeBundle>>): string {
  const command = manifest.has_plugin ? 'replay' : 'journal verify';
  return `runner ${command} ${path}`;
}
