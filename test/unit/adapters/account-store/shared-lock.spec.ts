import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { AccountHolder } from '../../../../adapters/src/account-store/account-lock.js';
import type {
  LockConnection,
  LockServer,
  Taking,
} from '../../../../adapters/src/account-store/lock-server.js';
import { SharedLock } from '../../../../adapters/src/account-store/shared-lock.js';
import { ID } from './an-account.js';

const HOLDER: AccountHolder = {
  ...ID,
  pid: 9,
  host: 'beta',
  since: '2024-01-01T00:00:00.000Z',
  session: 'other',
  epoch: 2,
};
const SIGNAL = new AbortController().signal;

type Proof = Awaited<ReturnType<LockConnection['prove']>>;

/** A server whose answers the test gives, and whose connections it cuts. */
class HandServer implements LockServer {
  proof: () => Promise<Proof> = () => Promise.resolve('held');
  again: () => Taking = () => this.taken();
  readonly said: string[] = [];
  cut: (why: string) => void = () => undefined;
  retakes = 0;

  take(): Promise<Taking> {
    return Promise.resolve(this.taken());
  }

  retake(): Promise<Taking> {
    this.retakes += 1;
    return Promise.resolve().then(() => this.again());
  }

  taken(): Taking {
    const broken = new Promise<string>((resolve) => {
      this.cut = resolve;
    });
    const connection: LockConnection = {
      broken,
      prove: () => this.proof(),
      release: () => Promise.resolve(void this.said.push('released')),
      close: () => void this.said.push('closed'),
    };
    return { kind: 'taken', epoch: 3, connection };
  }
}

async function aLock(server: HandServer, timing = {}) {
  let elapsed = 0;
  const logged: Record<string, unknown>[] = [];
  const lines = { write: (line: string) => void logged.push(JSON.parse(line) as never) };
  const lock = await SharedLock.take({
    server,
    id: ID,
    lostAfterMs: 60_000,
    elapsedMs: () => elapsed,
    log: pino({ level: 'info' }, lines),
    timing: { beatMs: 1, withinMs: 20_000, firstPauseMs: 1, longestPauseMs: 1, ...timing },
  });
  onTestFinished(() => lock.release());
  const withdrawn: string[] = [];
  lock.onWithdrawn((why) => withdrawn.push(why));
  const states = (): unknown[] => logged.map(({ state }) => state);
  const pass = (ms: number): void => {
    elapsed += ms;
  };
  return { lock, withdrawn, states, pass };
}

const fails = (why: string) => (): never => {
  throw new Error(why);
};

test('[P2] entries are held as soon as the connection ends, until it is ours again', async () => {
  const server = new HandServer();
  const { lock, withdrawn, states } = await aLock(server, { beatMs: 600_000 });
  server.again = fails('no route');
  server.cut('reset by peer');
  await expect.poll(() => server.retakes).toBeGreaterThan(2);
  expect(withdrawn).toEqual(['the lock across machines is not proven: reset by peer']);
  expect(lock.denial).toBe(withdrawn[0]);
  server.again = () => server.taken();
  await lock.given(SIGNAL);
  expect(lock.denial).toBeNull();
  expect(states()).toEqual(['taken', 'doubt', 'proven']);
});

test('[P2] somebody else who has it ends it, and is named', async () => {
  const server = new HandServer();
  const { lock, states } = await aLock(server);
  server.again = () => ({ kind: 'held', holder: HOLDER });
  server.cut('reset by peer');
  await expect(lock.lost).rejects.toMatchObject({
    code: 'ACCOUNT_LOCK_LOST',
    exitCode: 75,
    message: 'the lock of account binanceusdm main has been taken by process 9 on beta',
  });
  expect(lock.denial).not.toBeNull();
  expect(states()).toEqual(['taken', 'doubt', 'lost']);
  expect(server.said).toEqual(['closed']);
});

test('[P2] what stays unproven for too long ends it, and not a moment before', async () => {
  const server = new HandServer();
  const { lock, pass } = await aLock(server);
  let isLost = false;
  lock.lost.catch(() => (isLost = true));
  server.again = fails('no route');
  server.cut('reset by peer');
  pass(59_999);
  const tries = server.retakes;
  await expect.poll(() => server.retakes).toBeGreaterThan(tries + 2);
  expect(isLost).toBe(false);
  pass(1);
  await expect(lock.lost).rejects.toMatchObject({
    code: 'ACCOUNT_LOCK_LOST',
    message: 'the lock of account binanceusdm main could not be proven for 60 s: no route',
    next: expect.stringContaining('lock.postgres_url_env'),
  });
});

test('a machine that has slept tries once before it gives up', async () => {
  const server = new HandServer();
  const { lock, pass, states } = await aLock(server);
  server.proof = () => Promise.reject(new Error('no answer'));
  pass(3_600_000);
  await expect.poll(() => server.retakes).toBeGreaterThan(0);
  server.proof = () => Promise.resolve('held');
  await lock.given(SIGNAL);
  expect(states().includes('lost')).toBe(false);
});

test('[P2] a proof that is old counts no more, though nothing is known to be wrong', async () => {
  const server = new HandServer();
  const { lock, pass } = await aLock(server, { beatMs: 600_000 });
  pass(10_000);
  expect(lock.denial).toBeNull();
  pass(1);
  expect(lock.denial).toBe('the lock across machines was last proven 10 s ago');
});

test('a proof counts from when it was asked for', async () => {
  const server = new HandServer();
  const { lock, pass } = await aLock(server);
  let answer: (proof: Proof) => void = () => undefined;
  let asked = 0;
  server.proof = () => {
    asked += 1;
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  await expect.poll(() => asked).toBe(1);
  pass(10_001);
  answer('held');
  await expect.poll(() => asked).toBe(2);
  expect(lock.denial).not.toBeNull();
  answer('held');
});

test('a lock that is not with its connection any more is taken again', async () => {
  const server = new HandServer();
  const { lock, withdrawn } = await aLock(server);
  const proofs: Proof[] = ['gone'];
  server.proof = () => Promise.resolve(proofs.shift() ?? 'held');
  await expect.poll(() => server.retakes).toBe(1);
  await lock.given(SIGNAL);
  expect(withdrawn).toHaveLength(1);
  expect(server.said).toEqual(['closed']);
});

test('a proof without an answer is none, and what comes too late is dropped', async () => {
  const server = new HandServer();
  const { withdrawn } = await aLock(server, { withinMs: 1 });
  server.proof = () => new Promise(() => undefined);
  const late: ((taking: Taking) => void)[] = [];
  server.retake = () => new Promise((resolve) => late.push(resolve));
  await expect.poll(() => late.length).toBeGreaterThan(1);
  expect(withdrawn).toEqual([expect.stringContaining('no answer within 0.001 s')]);
  const closed = server.said.length;
  late[0]?.(server.taken());
  await expect.poll(() => server.said.slice(closed)).toEqual(['closed']);
});

test('a raised epoch is somebody else, though the connection is whole', async () => {
  const server = new HandServer();
  const { lock } = await aLock(server);
  server.proof = () => Promise.resolve('taken');
  await expect(lock.lost).rejects.toMatchObject({ code: 'ACCOUNT_LOCK_LOST', exitCode: 75 });
  expect(server.retakes).toBe(0);
});

test('a connection of before says nothing about the one that has replaced it', async () => {
  const server = new HandServer();
  await aLock(server);
  const { cut } = server;
  let proofs = 0;
  server.proof = () => {
    proofs += 1;
    return Promise.resolve(proofs === 1 ? 'gone' : 'held');
  };
  await expect.poll(() => proofs).toBeGreaterThan(1);
  cut('reset by peer');
  const before = proofs;
  await expect.poll(() => proofs).toBeGreaterThan(before + 2);
  expect(server.retakes).toBe(1);
});

test('a lock that is taken again counts from when it was asked for', async () => {
  const server = new HandServer();
  const { lock, pass } = await aLock(server, { beatMs: 600_000 });
  server.again = () => {
    pass(10_001);
    return server.taken();
  };
  server.cut('reset by peer');
  await expect.poll(() => lock.denial).toMatch(/was last proven 10 s ago$/);
});

test('whoever waits for it is let go when it is not wanted any more', async () => {
  const server = new HandServer();
  const { lock } = await aLock(server);
  server.again = fails('no route');
  server.cut('reset by peer');
  await expect.poll(() => lock.denial).not.toBeNull();
  const stop = new AbortController();
  const waiting = lock.given(stop.signal);
  stop.abort();
  await waiting;
  expect(lock.denial).not.toBeNull();
});

test('one that is held is refused, with the name of its holder', async () => {
  const server = new HandServer();
  server.taken = () => ({ kind: 'held', holder: HOLDER });
  await expect(aLock(server)).rejects.toMatchObject({
    code: 'ACCOUNT_BUSY',
    exitCode: 75,
    message: 'account binanceusdm main is being run by process 9 on beta',
  });
});

test('a release lets go, once, and ends whatever is under way', async () => {
  const server = new HandServer();
  const { lock } = await aLock(server);
  server.again = fails('no route');
  server.cut('reset by peer');
  await expect.poll(() => server.retakes).toBeGreaterThan(0);
  await lock.release();
  await lock.release();
  const { retakes } = server;
  expect(server.said).toEqual(['closed', 'released', 'closed']);
  expect(server.retakes).toBe(retakes);
});

test('whoever acts once waits for the proof, or hears that it is lost', async () => {
  const server = new HandServer();
  const { lock } = await aLock(server);
  await lock.proven();
  server.again = () => ({ kind: 'held', holder: undefined });
  server.cut('reset by peer');
  await expect.poll(() => lock.denial).not.toBeNull();
  await expect(lock.proven()).rejects.toMatchObject({ code: 'ACCOUNT_LOCK_LOST' });
});
