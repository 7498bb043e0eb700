// One run as a process of its own: `runner live --run <name>`. The channel to it is how it tells
// its session, and how it learns that its supervisor is gone.
import { type ChildProcess, spawn } from 'node:child_process';
import { TaggedLines } from './child-lines.js';
import type { ProcessEnd } from './restart-rule.js';

export interface RunEnd extends ProcessEnd {
  /** Code and sentence of the error that it ended with. */
  readonly error: string | null;
  /** The document that it printed at its end. */
  readonly document: object | null;
}

export interface StartedRun {
  readonly pid: number | null;
  readonly ended: Promise<RunEnd>;
  signal(name: NodeJS.Signals): void;
}

export interface ChildCommand {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly isJson: boolean;
  readonly write: (line: string) => void;
  readonly onSession: (session: string) => void;
  /** The program itself; default: this one. */
  readonly program?: readonly string[];
  readonly lingerMs?: number;
}

/** How long its last lines are waited for: what it has started may hold its pipes for ever. */
const LINGER_MS = 2000;

export function startChild(command: ChildCommand): StartedRun {
  const { program = [...process.execArgv, process.argv[1] ?? ''] } = command;
  const child = spawn(process.execPath, [...program, ...command.args], {
    env: command.env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl-C reaches the supervisor alone, which passes it on once.
    detached: true,
  });
  child.on('message', (message) => {
    const session = sessionIn(message);
    if (session !== null) command.onSession(session);
  });
  return {
    pid: child.pid ?? null,
    ended: endOf(child, command),
    signal: (name) => void child.kill(name),
  };
}

/** A plugin can say anything there, and must not end the others by it. */
export function sessionIn(message: unknown): string | null {
  if (typeof message !== 'object' || message === null || !('session' in message)) return null;
  return typeof message.session === 'string' ? message.session : null;
}

function endOf(child: ChildProcess, command: ChildCommand): Promise<RunEnd> {
  const lines = new TaggedLines(command);
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => lines.take(text));
  return new Promise((resolve) => {
    // It could not be started, or not be signalled: the latter is followed by its end.
    child.on('error', (error) => {
      if (child.pid !== undefined) return;
      resolve({ status: 1, signal: null, error: `INTERNAL: ${error.message}`, document: null });
    });
    const over = (): void => {
      lines.end();
      const { exitCode, signalCode: signal } = child;
      const status = exitCode ?? (signal === null ? 1 : null);
      resolve({ status, signal, error: lines.error, document: documentIn(stdout) });
    };
    const cut = (): void => {
      over();
      for (const pipe of [child.stdout, child.stderr]) pipe?.destroy();
    };
    let linger: NodeJS.Timeout | undefined;
    child.once('exit', () => {
      // What has arrived is read before it is cut, however late the timer is.
      linger = setTimeout(() => setImmediate(cut), command.lingerMs ?? LINGER_MS);
    });
    child.once('close', () => {
      clearTimeout(linger);
      over();
    });
  });
}

function documentIn(text: string): object | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
