// Runs the built `runner` command as a process of its own, in a temporary folder, as a person
// would. Nothing of the product is imported here: what a test sees is what the command prints and
// leaves.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const BIN = fileURLToPath(new URL('../../adapters/bin/runner.js', import.meta.url));
const BUILT = fileURLToPath(new URL('../../adapters/dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once stderr holds the text; rejects when the process ends without having said it. */
  says(text: string): Promise<void>;
}

/** A new folder, removed when the test that asked for it has finished. */
export function aFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'runner-e2e-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Writes a file into the folder and gives its path. */
export function aFile(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

type Variables = Readonly<Record<string, string>>;

export function startRunner(
  args: readonly string[],
  cwd: string,
  variables: Variables = {},
): Started {
  if (!existsSync(BUILT)) throw new Error('the command is not built: npm run build');
  const { RUNNER_SESSIONS: _ignored, ...env } = process.env;
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { ...env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (stderr.includes(text)) resolve();
      };
      child.stderr.on('data', look);
      look();
      child.once('close', () => reject(new Error(`it ended without "${text}": ${stderr}`)));
    });
  return { process: child, ended, says };
}

export function runRunner(
  args: readonly string[],
  cwd: string,
  variables: Variables = {},
): Promise<Ended> {
  return startRunner(args, cwd, variables).ended;
}

/** Runs a command that must succeed and print one JSON document; answers the document. */
export async function runJson<Document>(args: readonly string[], cwd: string): Promise<Document> {
  const { status, stderr, stdout } = await runRunner([...args, '--json'], cwd);
  if (status !== 0) throw new Error(`runner ${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Document;
}
