// A seeded live session of fifteen bars that a fault falls upon in its middle third; then, without
// it, bars go on until both sides are flat and at rest. What is asked of it afterwards are the
// invariants. Market time moves by bars only, so every bound on it is exact.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccountStore } from '../../adapters/src/account-store/account-store.js';
import type { FaultRule } from '../../adapters/src/venue-server/faults.js';
import { type RunningVenue, startVenue } from '../../adapters/src/venue-server/start-venue.js';
import type { MarketBar } from '../../adapters/src/venue-server/venue-state.js';
import { faultStrategy, wanderingCloses } from './fault-strategy.js';
import { type Violation, violationsOf } from './invariants.js';
import { LIVE_START_MS, LIVE_SYMBOL, LiveWorld } from './live-world.js';
import type { OnBar } from './world-strategy.js';

export interface FaultCase {
  readonly name: string;
  readonly rules?: readonly FaultRule[];
  /** What else is done when the fault begins, and taken back when it ends. */
  readonly begin?: (session: FaultSession) => void | Promise<void>;
  readonly end?: (session: FaultSession) => void | Promise<void>;
  /** Killed by the operator while the fault is there. */
  readonly isKilled?: boolean;
  /** In the place of the seeded one. */
  readonly strategy?: OnBar;
  /** How many bars both sides have to come to rest in. */
  readonly restBars?: number;
  /** How long a bar waits for the order desk to come to rest, wall ms. */
  readonly calmMs?: number;
}

const MINUTE_MS = 60_000;
const HISTORY = 5;
const THIRD = 5;
const REST_BARS = 25;
const MAX_UNPROTECTED_MS = MINUTE_MS;
/** One bar may pass while an unknown outcome is found out, one while what follows is sent. */
const GRACE_MS = 2 * MINUTE_MS;
const BAR_WAIT_MS = 500;
const CALM_MS = 6000;
const END_WAIT_MS = 1200;

export interface Outcome {
  readonly violations: readonly Violation[];
  /** How often a rule was met; undefined = the fault has no rules. */
  readonly met: number | undefined;
}

export async function runFaultCase(fault: FaultCase, seed: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'runner-fault-'));
  const venue = await startVenue({
    symbols: [
      {
        symbol: LIVE_SYMBOL,
        timeframeMs: MINUTE_MS,
        history: HISTORY,
        liquidity: '0.2',
        bars: bars(seed),
      },
    ],
    cash: '100000',
    seed,
    clock: { now: () => Date.now() },
  });
  const session = new FaultSession(fault, { seed, venue, folder });
  try {
    return await session.play();
  } finally {
    await session.world.end();
    await venue.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function* bars(seed: number): Generator<MarketBar, undefined> {
  const closes = wanderingCloses(seed, 3 * THIRD + REST_BARS);
  let last = '50000';
  for (let at = 0; ; at += 1) {
    const close = at < HISTORY ? '50000' : String(closes[at - HISTORY] ?? last);
    const ends = [Number(last), Number(close)];
    const [high, low] = [String(Math.max(...ends)), String(Math.min(...ends))];
    yield { openMs: LIVE_START_MS + at * MINUTE_MS, open: last, high, low, close, volume: '100' };
    last = close;
  }
}

export class FaultSession {
  readonly world: LiveWorld;
  readonly venue: RunningVenue;
  readonly #fault: FaultCase;
  readonly #folder: string;
  readonly #limitMs: number = MAX_UNPROTECTED_MS + GRACE_MS;
  #uncoveredSinceMs: number | undefined;
  #uncoveredMs = 0;
  #met: number | undefined;

  constructor(
    fault: FaultCase,
    { seed, venue, folder }: { seed: number; venue: RunningVenue; folder: string },
  ) {
    this.#fault = fault;
    this.venue = venue;
    this.#folder = folder;
    this.world = new LiveWorld(
      {
        strategy: fault.strategy ?? faultStrategy(seed, 3 * THIRD),
        account: { call_deadline_ms: 1500, reconcile_interval_ms: 2000 },
        config: { policy: { max_unprotected_ms: MAX_UNPROTECTED_MS, backoff_after_rejects: 50 } },
        limits: { userStream: { pingMs: 150, probeMs: 600, deadAfterMs: 700 } },
      },
      venue,
      folder,
    );
  }

  async play(): Promise<Outcome> {
    await this.world.begin();
    await this.#bars(THIRD);
    await this.#begin();
    await this.#bars(1);
    if (this.#fault.isKilled === true) await this.#kill();
    await this.#bars(THIRD - 1);
    await this.#end();
    await this.#bars(THIRD);
    const unrest = await this.#untilRest();
    const watched = { uncoveredMs: this.#uncoveredMs, uncoveredMaxMs: this.#limitMs, unrest };
    return { violations: await violationsOf(this.world, watched), met: this.#met };
  }

  /** The exchange's admin port. */
  async admin(path: string, body: object): Promise<void> {
    const answer = await fetch(`${this.venue.url}/admin/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`/admin/${path}: ${await answer.text()}`);
  }

  async #begin(): Promise<void> {
    for (const rule of this.#fault.rules ?? []) this.venue.faults.add(rule);
    await this.#fault.begin?.(this);
  }

  async #end(): Promise<void> {
    const rules = this.venue.faults.list() as readonly { readonly met: number }[];
    if (rules.length > 0) this.#met = rules.reduce((sum, { met }) => sum + met, 0);
    this.venue.faults.remove();
    await this.#fault.end?.(this);
  }

  async #kill(): Promise<void> {
    const id = { exchange: 'binanceusdm', account: 'test' };
    const clock = { now: () => Date.now() };
    const store = new AccountStore({ stateDir: join(this.#folder, 'state'), id, clock });
    await store.setFlag('kill', { by: 'test', reason: 'in the middle of it' });
    await this.world.until(() => this.world.state.gates.killed);
  }

  async #bars(count: number): Promise<void> {
    for (let at = 0; at < count; at += 1) {
      const taken = this.#taken();
      this.venue.playback.playBar();
      await this.#wait(BAR_WAIT_MS, () => this.#taken() > taken);
      await this.#calm();
      this.#watchCover();
    }
  }

  #taken(): number {
    return this.world.state.market.get(LIVE_SYMBOL)?.bars ?? 0;
  }

  async #wait(limitMs: number, isTrue: () => boolean): Promise<boolean> {
    const endMs = Date.now() + limitMs;
    while (!isTrue()) {
      if (Date.now() > endMs) return false;
      await sleep(10);
    }
    return true;
  }

  // While a fault lasts there may be no calm: then the market goes on without it.
  async #calm(): Promise<void> {
    const endMs = Date.now() + (this.#fault.calmMs ?? CALM_MS);
    for (let calm = 0; calm < 3 && Date.now() < endMs;) {
      await sleep(15);
      await this.world.run.idle();
      calm = this.world.run.isQuiet ? calm + 1 : 0;
    }
  }

  /** Plays on until nothing is open on either side. What is missing, if that does not come. */
  async #untilRest(): Promise<string | undefined> {
    let unrest: string | undefined;
    const bars = this.#fault.restBars ?? REST_BARS;
    for (let bar = 0; bar < bars; bar += 1) {
      await this.#wait(END_WAIT_MS, () => this.#unrest() === undefined);
      unrest = this.#unrest();
      if (unrest === undefined) {
        const differences = await this.world.differences();
        if (differences.length === 0) return undefined;
        // A comparison of the host's own finds what no stream has told.
        await sleep(END_WAIT_MS);
        unrest = undefined;
      }
      await this.#bars(1);
    }
    return unrest;
  }

  #unrest(): string | undefined {
    const { state, run } = this.world;
    const { account, openOrders, openAlgos } = this.venue.state;
    if (!run.isReady) return `the connection is ${state.connection}`;
    if (state.positions.size > 0) return 'the session holds a position';
    if (account.openPositions().length > 0) return 'the venue holds a position';
    if (state.orders.size > 0) return `orders of the session: ${[...state.orders.keys()].join()}`;
    if (openOrders.size + openAlgos.size > 0) return 'the venue has open orders';
    return run.isQuiet ? undefined : 'the order desk is busy';
  }

  // The truth of the exchange: how much of the position no stop of it covers, since when.
  #watchCover(): void {
    const { account, openAlgos, nowMs } = this.venue.state;
    const isUncovered = account.openPositions().some(({ quantity, side }) => {
      const closing = quantity.isNegative() ? 'BUY' : 'SELL';
      let open = quantity.abs();
      for (const algo of openAlgos.values()) {
        if (algo.side === closing && algo.positionSide === side) open = open.minus(algo.quantity);
      }
      return open.gt(0);
    });
    this.#uncoveredSinceMs = isUncovered ? (this.#uncoveredSinceMs ?? nowMs) : undefined;
    const sinceMs = this.#uncoveredSinceMs ?? nowMs;
    this.#uncoveredMs = Math.max(this.#uncoveredMs, nowMs - sinceMs);
  }
}
