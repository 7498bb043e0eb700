// A PostgreSQL of its own for a spec: a cluster in a temporary folder, on a free port of loopback,
// ended by its process number. A server refuses to run as root, so that it then runs as nobody.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const USER = 'runner';
const PASSWORD = 'a password/with:signs';
const NOBODY = 65_534;
const SETTINGS = ['fsync=off', 'unix_socket_directories=', 'listen_addresses=127.0.0.1'];

export interface TestPostgres {
  /** With the password, escaped as an address needs it. */
  readonly url: string;
  readonly password: string;
  /** Ends every connection; what was written stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its folder. */
  end(): Promise<void>;
}

/** Where initdb and postgres are: on the path, or where Debian has them; undefined = nowhere. */
export function postgresBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const newest = versions.toSorted((a, b) => Number(b) - Number(a));
  const folders = [
    ...newest.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':'),
  ];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => isIn(folder, name)));
}

function isIn(folder: string, name: string): boolean {
  return folder !== '' && existsSync(join(folder, name));
}

export async function startPostgres(): Promise<TestPostgres> {
  const binaries = postgresBinaries();
  if (binaries === undefined) throw new Error('there is no PostgreSQL server on this machine');
  const folder = mkdtempSync(join(tmpdir(), 'runner-postgres-'));
  const owner = ownerOf(folder);
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD);
  initialise({ binaries, data, passwordFile, owner });
  const port = await freePort();
  const args = ['-D', data, '-p', String(port)];
  const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const command = join(binaries, 'postgres');
    server = spawn(command, [...args, ...settings], {
      ...owner,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await saysReady(server);
  };
  const stop = async (): Promise<void> => {
    const running = server;
    server = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const exited = new Promise((resolve) => running.once('exit', resolve));
    // A fast shutdown: connections are ended, the cluster is left whole.
    running.kill('SIGINT');
    await exited;
  };
  const end = async (): Promise<void> => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  };
  await start();
  const password = encodeURIComponent(PASSWORD);
  const url = `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`;
  return { url, password: PASSWORD, start, stop, end };
}

interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

function ownerOf(folder: string): Owner {
  if (process.getuid?.() !== 0) return {};
  chownSync(folder, NOBODY, NOBODY);
  return { uid: NOBODY, gid: NOBODY };
}

interface Cluster {
  readonly binaries: string;
  readonly data: string;
  readonly passwordFile: string;
  readonly owner: Owner;
}

function initialise({ binaries, data, passwordFile, owner }: Cluster): void {
  const login = ['-U', USER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const cheap = ['--no-sync', '--no-instructions', '--no-locale', '-E', 'UTF8'];
  const args = ['-D', data, ...login, ...cheap];
  execFileSync(join(binaries, 'initdb'), args, { ...owner, stdio: 'pipe' });
}

function saysReady(server: ChildProcess): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`postgres ended: ${said}`)));
  });
}

function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
