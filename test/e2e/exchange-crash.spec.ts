// The short form of `npm run crash-test`: one SIGKILL in each of the six places, against the local
// exchange as a process of its own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const RUN = fileURLToPath(new URL('../crash/run.mjs', import.meta.url));
const SLOW_MS = 240_000;

interface CrashTest {
  readonly schema: string;
  readonly kills: number;
  readonly places: Readonly<Record<string, { readonly kills: number }>>;
  readonly failures: readonly object[];
}

function crashTest(args: readonly string[]): Promise<{ status: unknown; stdout: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [RUN, '--json', ...args], (error, stdout) => {
      resolve({ status: error === null ? 0 : error.code, stdout });
    });
  });
}

test(
  'a session killed once in each place loses nothing and does nothing twice [L4] [R9]',
  async () => {
    const worlds = ['--per-world', '2', '--jobs', '3'];
    const { status, stdout } = await crashTest(['--kills', '6', '--seed', '4', ...worlds]);
    const said = JSON.parse(stdout) as CrashTest;
    expect(said.failures).toEqual([]);
    expect([status, said.schema, said.kills]).toEqual([0, 'runner.crash-test/1', 6]);
    const counts = Object.entries(said.places).map(([place, { kills }]) => [place, kills]);
    expect(counts).toEqual([
      ['before commit', 1],
      ['committed and unsent', 1],
      ['sent and unacknowledged', 1],
      ['partly filled', 1],
      ['cancel in flight', 1],
      ['protection being replaced', 1],
    ]);
  },
  SLOW_MS,
);
