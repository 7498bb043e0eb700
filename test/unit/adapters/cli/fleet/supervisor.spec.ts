import { describe, expect, test } from 'vitest';
import type { RunEnd } from '../../../../../adapters/src/cli/fleet/child-process.js';
import type { PlannedRun } from '../../../../../adapters/src/cli/fleet/run-plan.js';
import { Supervisor } from '../../../../../adapters/src/cli/fleet/supervisor.js';

const aRun = (name: string): PlannedRun => ({
  name,
  strategy: 'breakout',
  exchange: 'binanceusdm',
  account: name,
  symbol: 'BTC/USDT:USDT',
  sendsOrders: true,
});
const exited = (status: number, error: string | null = null): RunEnd => ({
  status,
  signal: null,
  error,
  document: null,
});
const KILLED: RunEnd = { status: null, signal: 'SIGKILL', error: null, document: null };

/** Processes that end when the test says so; pauses that pass when it says so. */
class World {
  readonly started: string[] = [];
  readonly signals: string[] = [];
  readonly waits: number[] = [];
  readonly logged: string[] = [];
  readonly supervisor: Supervisor;
  readonly #ends = new Map<string, (end: RunEnd) => void>();
  readonly #sessions = new Map<string, (session: string) => void>();
  #passOn: ((isWhole: boolean) => void) | undefined;

  constructor(...names: readonly string[]) {
    const log = (fields: unknown): void => {
      const { event, run_name } = fields as { readonly event: string; readonly run_name: string };
      this.logged.push(`${run_name} ${event}`);
    };
    this.supervisor = new Supervisor(names.map(aRun), {
      start: ({ name }, onSession) => {
        this.started.push(name);
        if (name === 'unstartable') throw new Error('no memory');
        this.#sessions.set(name, onSession);
        const ended = new Promise<RunEnd>((resolve) => this.#ends.set(name, resolve));
        return { pid: 1, ended, signal: (signal) => void this.signals.push(`${name} ${signal}`) };
      },
      now: () => 0,
      pause: (ms, signal) => {
        this.waits.push(ms);
        return new Promise((resolve) => {
          this.#passOn = resolve;
          signal.addEventListener('abort', () => resolve(false));
        });
      },
      log: { info: log, warn: log, error: log },
    });
  }

  async end(name: string, end: RunEnd): Promise<void> {
    this.#ends.get(name)?.(end);
    await settled();
  }

  async pass(): Promise<void> {
    this.#passOn?.(true);
    await settled();
  }

  session(name: string, session: string): void {
    this.#sessions.get(name)?.(session);
  }

  get states(): readonly string[] {
    return this.supervisor.standings.map(({ name, state }) => `${name} ${state}`);
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a supervisor', () => {
  test('[B12] restarts the run that crashed, and leaves the others as they are', async () => {
    const world = new World('a', 'b');
    const over = world.supervisor.run();
    world.session('a', 's1');
    world.session('b', 's2');
    await world.end('a', KILLED);
    expect(world.states).toEqual(['a waiting', 'b running']);
    expect(world.started).toEqual(['a', 'b']);
    await world.pass();
    expect(world.started).toEqual(['a', 'b', 'a']);
    expect(world.waits).toEqual([1000]);
    await world.end('a', exited(0));
    expect(world.states).toEqual(['a ended', 'b running']);
    await world.end('b', exited(0));
    await over;
    expect(world.supervisor.status).toBe(0);
    expect(world.supervisor.standings).toMatchObject([
      { session: 's1', restarts: 1 },
      { session: 's2', restarts: 0 },
    ]);
  });

  test('[B12] never restarts a run that was refused, and goes on with the others', async () => {
    const world = new World('a', 'b');
    const over = world.supervisor.run();
    await world.end('a', exited(77, 'KILLED: the kill switch is up.'));
    expect(world.states).toEqual(['a refused', 'b starting']);
    await world.end('b', exited(0));
    await over;
    expect(world.started).toEqual(['a', 'b']);
    expect(world.supervisor.status).toBe(77);
    expect(world.logged).toContain('a run_over');
  });

  test('tells each process of a signal once, and restarts nothing any more', async () => {
    const world = new World('a', 'b', 'c');
    const over = world.supervisor.run();
    await world.end('a', KILLED);
    world.supervisor.stop('SIGTERM');
    await settled();
    expect(world.signals).toEqual(['b SIGTERM', 'c SIGTERM']);
    expect(world.states).toEqual(['a crashed', 'b starting', 'c starting']);
    world.supervisor.stop('SIGTERM');
    await world.end('b', KILLED);
    await world.end('c', exited(0));
    await over;
    expect(world.signals).toHaveLength(4);
    expect(world.states).toEqual(['a crashed', 'b crashed', 'c ended']);
    expect(world.started).toEqual(['a', 'b', 'c']);
    expect(world.supervisor.status).toBe(1);
  });

  test('gives up on a run that crashes again and again', async () => {
    const world = new World('a');
    const over = world.supervisor.run();
    for (let crash = 0; crash < 6; crash += 1) {
      await world.end('a', KILLED);
      await world.pass();
    }
    await over;
    expect(world.waits).toEqual([1000, 2000, 4000, 8000, 16_000]);
    expect(world.states).toEqual(['a gave_up']);
    expect(world.supervisor.status).toBe(1);
  });

  test('takes a process that cannot be started for one that crashed', async () => {
    const world = new World('unstartable', 'b');
    const over = world.supervisor.run();
    await settled();
    expect(world.states).toEqual(['unstartable waiting', 'b starting']);
    world.supervisor.stop('SIGINT');
    await world.end('b', exited(0));
    await over;
    expect(world.supervisor.status).toBe(1);
  });

  test('starts nothing when it was stopped before', async () => {
    const world = new World('a');
    world.supervisor.stop('SIGTERM');
    await world.supervisor.run();
    expect({ started: world.started, status: world.supervisor.status }).toEqual({
      started: [],
      status: 0,
    });
  });
});
