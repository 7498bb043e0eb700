// A whole life of a session against the exchange: it runs, dies, recovers and runs again until the
// market is over, first with faults, then without. Everything follows from the seed and the crash
// points.
import type { StrategyDefinition } from '@strategy-runner/contracts';
import {
  type CommandGiven,
  Engine,
  type EngineParts,
  type EngineView,
  LiveDriver,
  type VenueEvent,
  format,
  recover,
} from '@strategy-runner/core';
import { InlineRuntime } from '../../../adapters/src/plugin-runtime/inline.js';
import { JournalSink } from '../../../adapters/src/store/journal.js';
import {
  type MemoryContents,
  emptyContents,
} from '../../../adapters/src/store/memory/memory-store.js';
import { START_MS, aConfig, anInstance, anInstrument } from '../../support/world-config.js';
import { CHURN } from './churn.js';
import { Boundaries, Crash, CrashingStore } from './crash.js';
import { ExchangeSim } from './exchange-sim.js';
import type { TickBar } from './exchange-truth.js';
import { leaving } from './leaving.js';
import { aMarket } from './market.js';
import { type Random, aRandom } from './random.js';
import { SteppedFeed } from './stepped-feed.js';
import { quantityOf } from './units.js';
import { must } from './violation.js';
import { type Coverage, Watcher, noCoverage } from './watcher.js';

/** What a deliberately broken build does otherwise. */
export interface Build {
  readonly engine?: new (parts: EngineParts) => Engine;
  readonly onDeliver?: (event: VenueEvent) => VenueEvent;
  readonly outlivesProcess?: boolean;
  readonly alwaysCold?: boolean;
}

export interface SimulationOptions {
  readonly seed: number;
  /** Bars with faults. */
  readonly bars?: number;
  /** Bars without faults after those. */
  readonly calmBars?: number;
  readonly isFaulty?: boolean;
  /** Whether an order's end says how much was filled. Without that, no follow-ups. */
  readonly tellsFilled?: boolean;
  readonly crashAt?: Iterable<number>;
  /** Default: churn, which does everything. */
  readonly strategy?: { readonly definition: StrategyDefinition; readonly config: unknown };
  readonly build?: Build;
  /** Most lots of one order at market; larger exits leave in parts. */
  readonly maxMarketLots?: number;
}

export interface Simulated {
  readonly contents: MemoryContents;
  readonly config: ReturnType<typeof configOf>;
  readonly engine: Engine;
  readonly boundaries: number;
  readonly crashes: readonly string[];
  readonly runs: number;
  readonly coverage: Coverage;
}

const FAULTY_BARS = 60;
const CALM_BARS = 24;
const STEPS_PER_BAR = 3;
const CASH = '1000000';
const MOST_RUNS = 100;

/** Throws a Violation that names seed and crash points, or tells how it went. */
export async function simulate(options: SimulationOptions): Promise<Simulated> {
  const simulation = new Simulation(options);
  try {
    return await simulation.live();
  } catch (error) {
    const crashAt = [...(options.crashAt ?? [])].join(', ');
    if (error instanceof Error) error.message += ` [seed ${options.seed}, crashes at ${crashAt}]`;
    throw error;
  }
}

export function configOf({ seed, strategy, maxMarketLots }: SimulationOptions) {
  const limits =
    maxMarketLots === undefined ? {} : { max_market_quantity: format(quantityOf(maxMarketLots)) };
  return aConfig({
    instruments: [anInstrument(limits)],
    instances: [anInstance({ execution: strategy?.definition.execution ?? {} })],
    cash: CASH,
    policy: { backoffInitialMs: 240_000 },
    costs: { takerFeeBps: '5', makerFeeBps: '2' },
    config: { seed, historyBars: 100, sessionId: `sim-${seed}` },
  });
}

/** The plugin of a life, for whoever recovers its session. */
export function runtimeOf(options: SimulationOptions) {
  const { bars = FAULTY_BARS, tellsFilled = true, strategy } = options;
  const given = strategy ?? { definition: CHURN, config: { hasFollowUps: tellsFilled } };
  const definition = leaving(given.definition as StrategyDefinition, START_MS + bars * 60_000);
  const plugin = { instance: anInstance().id, definition, config: given.config };
  return (view: EngineView): InlineRuntime => new InlineRuntime(view, [plugin], () => undefined);
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #bars: readonly TickBar[];
  readonly #calmFrom: number;
  readonly #boundaries: Boundaries;
  readonly #contents = emptyContents();
  readonly #coverage = noCoverage();
  readonly #random: Random;
  readonly #exchange: ExchangeSim;
  #watcher: Watcher | null = null;

  constructor(options: SimulationOptions) {
    const { seed, bars = FAULTY_BARS, calmBars = CALM_BARS, isFaulty = true, build } = options;
    this.#options = options;
    this.#calmFrom = bars;
    this.#bars = aMarket(seed, bars + calmBars);
    this.#boundaries = new Boundaries(options.crashAt ?? []);
    this.#random = aRandom(seed * 7 + 5);
    this.#exchange = new ExchangeSim({
      seed,
      isFaulty,
      boundaries: this.#boundaries,
      onSubmit: (order) => this.#watcher!.submitted(order),
      tellsFilled: options.tellsFilled ?? true,
      outlivesProcess: build?.outlivesProcess ?? true,
    });
  }

  async live(): Promise<Simulated> {
    for (let runs = 1; runs <= MOST_RUNS; runs += 1) {
      try {
        const engine = await this.#run();
        const { count, crashes } = this.#boundaries;
        const contents = this.#contents;
        const config = configOf(this.#options);
        const coverage = this.#coverage;
        return { contents, config, engine, boundaries: count, crashes, runs, coverage };
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
    }
    throw new Error(`still not over after ${MOST_RUNS} runs`);
  }

  async #run(): Promise<Engine> {
    const { build } = this.#options;
    const config = configOf(this.#options);
    const store = new CrashingStore(this.#contents, this.#boundaries);
    const recovered = await recover(config, store, runtimeOf(this.#options));
    const { state, series, runtime, head, diverged } = recovered;
    must(diverged.length === 0, 'plugin-remembers', () => diverged[0]!.trigger);
    const rows = new JournalSink({ sessionId: config.sessionId, head });
    const truth = this.#exchange.truth;
    const { maxMarketLots } = this.#options;
    const watched = { journal: rows, contents: this.#contents, truth, cash: CASH, maxMarketLots };
    this.#watcher = new Watcher(watched, this.#coverage);
    const engine = new (build?.engine ?? Engine)({ config, sink: this.#watcher, series, state });
    this.#watcher.checkBook(engine);
    const driver = new LiveDriver({
      engine,
      runtime,
      venue: this.#exchange,
      store,
      rows,
      clock: { now: () => this.#exchange.nowMs },
      onAlert: () => undefined,
      limits: { snapshotEveryRows: 150 + this.#random.below(400), commitWithinMs: 90_000 },
    });
    const feed = this.#feedFor(engine, driver);
    this.#exchange.connect();
    const start = head === undefined || build?.alwaysCold === true ? 'cold' : 'warm';
    const ts = Math.max(engine.now, this.#exchange.nowMs, START_MS);
    try {
      await driver.run(feed, { kind: 'run_started', ts, run: state.run + 1, start });
    } finally {
      feed.stop();
    }
    this.#watcher.checkBook(engine);
    this.#watcher.checkEnd(engine);
    return engine;
  }

  #feedFor(engine: Engine, driver: LiveDriver): SteppedFeed {
    const lastMs = [...engine.state.market.values()][0]?.closeMs ?? START_MS;
    const first = this.#bars.findIndex(({ openMs }) => openMs >= lastMs);
    let isReady = false;
    let hasSeenBar = false;
    return new SteppedFeed({
      bars: this.#bars,
      first: first < 0 ? this.#bars.length : first,
      stepsPerBar: STEPS_PER_BAR,
      isReady: () => isReady,
      onBar: (bar, index) => {
        this.#exchange.trade(bar);
        isReady = this.#random.chance(0.4);
        if (index >= this.#calmFrom) this.#calm(driver, index);
        else if (this.#options.isFaulty !== false) this.#operate(driver);
      },
      onStep: (bar) => {
        for (const event of this.#exchange.step(bar.closeMs)) {
          driver.deliver(this.#options.build?.onDeliver?.(event) ?? event);
        }
      },
      onBarDone: (index) => {
        this.#boundaries.pass('after a bar');
        this.#watcher!.checkQuiet();
        // What was under way when the process died is put right with the first bar.
        if (hasSeenBar) this.#watcher!.checkProtected(engine);
        hasSeenBar = true;
        if (index % 20 === 0) this.#watcher!.checkBook(engine);
      },
      onQuiet: () => {
        this.#boundaries.pass('before a bar');
        this.#watcher!.checkQuiet();
      },
    });
  }

  // An operator closes and opens the gates, each for some bars.
  #operate(driver: LiveDriver): void {
    if (this.#random.chance(0.04)) this.#command(driver, 'kill');
    if (this.#random.chance(0.25)) this.#command(driver, 'reset_kill');
    if (this.#random.chance(0.04)) this.#command(driver, 'pause');
    if (this.#random.chance(0.25)) this.#command(driver, 'resume');
    // Nothing takes a stop back but a restart of an account that is flat.
    if (this.#options.seed % 4 === 0 && this.#random.chance(0.02)) this.#command(driver, 'stop');
  }

  #calm(driver: LiveDriver, index: number): void {
    this.#exchange.calm();
    if (index > this.#calmFrom) return;
    this.#exchange.poll();
    this.#command(driver, 'reset_kill');
    this.#command(driver, 'resume');
  }

  #command(driver: LiveDriver, command: CommandGiven['command']): void {
    const ts = this.#exchange.nowMs;
    driver.deliver({ kind: 'command', ts, command, by: 'operator', reason: 'simulated' });
  }
}
