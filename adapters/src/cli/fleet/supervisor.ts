// Runs beside each other, each a process of its own: what becomes of one is nothing to the others.
// It starts them, restarts what has crashed, passes signals on, and ends with the last of them.
import type { Logger } from 'pino';
import type { RunEnd, StartedRun } from './child-process.js';
import { type EarlierEnd, RESTARTS, afterEnd, statusOf, worstOf } from './restart-rule.js';
import type { PlannedRun } from './run-plan.js';

export type RunState =
  'starting' | 'running' | 'waiting' | 'ended' | 'refused' | 'crashed' | 'gave_up';

export interface RunStanding extends PlannedRun {
  readonly state: RunState;
  readonly pid: number | null;
  readonly session: string | null;
  readonly restarts: number;
  /** How its last process ended; null while it has not. */
  readonly end: RunEnd | null;
}

export interface SupervisorParts {
  readonly start: (run: PlannedRun, onSession: (session: string) => void) => StartedRun;
  /** Milliseconds that no setting of the clock moves. */
  readonly now: () => number;
  /** False where it was cut short. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<boolean>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #standings = new Map<string, RunStanding>();
  readonly #children = new Map<string, StartedRun>();
  readonly #stopping = new AbortController();

  constructor(runs: readonly PlannedRun[], parts: SupervisorParts) {
    this.#parts = parts;
    const fresh = { state: 'starting', pid: null, session: null, restarts: 0, end: null } as const;
    for (const run of runs) this.#standings.set(run.name, { ...run, ...fresh });
  }

  get standings(): readonly RunStanding[] {
    return [...this.#standings.values()];
  }

  /** Exit status of the whole: that of the worst run. A crash that nothing healed is one. */
  get status(): number {
    return worstOf(this.standings.map(({ end }) => (end === null ? 0 : statusOf(end))));
  }

  /** Resolves when nothing runs any more and nothing is to be restarted. */
  async run(): Promise<void> {
    await Promise.all(this.standings.map((run) => this.#keep(run)));
  }

  /** Each process is told once for each call; nothing is restarted any more. */
  stop(signal: NodeJS.Signals): void {
    this.#stopping.abort();
    for (const child of this.#children.values()) child.signal(signal);
  }

  async #keep(run: RunStanding): Promise<void> {
    const { now, pause } = this.#parts;
    const earlier: EarlierEnd[] = [];
    while (!this.#stopping.signal.aborted) {
      const end = await this.#once(run);
      const verdict = afterEnd(end, { earlier, nowMs: now() });
      if (verdict.kind !== 'restart') return this.#over(run, verdict.kind, end);
      earlier.push({ status: end.status, signal: end.signal, atMs: now() });
      if (this.#stopping.signal.aborted) return this.#over(run, 'crashed', end);
      const { waitMs } = verdict;
      this.#note(run, { state: 'waiting' });
      const told = { ...fieldsOf(run, end), wait_ms: waitMs };
      this.#parts.log.error({ event: 'run_crashed', ...told }, 'a run crashed and is restarted');
      if (!(await pause(waitMs, this.#stopping.signal))) return this.#over(run, 'crashed', end);
      this.#note(run, { restarts: this.#standing(run).restarts + 1 });
    }
    this.#note(run, { state: 'ended' });
  }

  async #once(run: RunStanding): Promise<RunEnd> {
    const child = this.#started(run);
    this.#children.set(run.name, child);
    this.#note(run, { state: 'starting', pid: child.pid });
    const { restarts } = this.#standing(run);
    const told = { run_name: run.name, pid: child.pid, restarts };
    this.#parts.log.info({ event: 'run_process', ...told }, 'the process of a run has started');
    const end = await child.ended;
    this.#children.delete(run.name);
    this.#note(run, { pid: null, end });
    return end;
  }

  // What cannot be started is a run that crashed at once: the others have nothing to do with it.
  #started(run: RunStanding): StartedRun {
    try {
      return this.#parts.start(run, (session) => this.#note(run, { session, state: 'running' }));
    } catch (failure) {
      const error = `INTERNAL: ${String(failure)}`;
      const ended = Promise.resolve({ status: 1, signal: null, error, document: null });
      return { pid: null, ended, signal: () => undefined };
    }
  }

  #over(run: RunStanding, state: 'ended' | 'refused' | 'gave_up' | 'crashed', end: RunEnd): void {
    this.#note(run, { state });
    const { log } = this.#parts;
    const told = { event: 'run_over', state, ...fieldsOf(run, end) };
    if (state === 'ended') return log.info(told, 'a run has ended');
    if (state !== 'gave_up') return log.error(told, 'a run has ended; the others go on');
    const { max, withinMs } = RESTARTS;
    const limit = { ...told, restarts: max, within_ms: withinMs };
    log.error(limit, 'a run crashed too often and stays down: what rests at its venue stays there');
  }

  #note(run: RunStanding, change: Partial<RunStanding>): void {
    this.#standings.set(run.name, { ...this.#standing(run), ...change });
  }

  #standing(run: RunStanding): RunStanding {
    return this.#standings.get(run.name) ?? run;
  }
}

function fieldsOf({ name }: RunStanding, { status, signal, error }: RunEnd) {
  return { run_name: name, status, signal, ...(error === null ? {} : { error }) };
}
