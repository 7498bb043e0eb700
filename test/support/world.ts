// A whole host in memory: engine, simulated venue, inline plugin. A test feeds bars and looks at
// records. Entries are copied as they pass, since the engine reuses its objects.
import {
  type BarEvent,
  BarSeries,
  type CommandGiven,
  Engine,
  type EngineEvent,
  type EngineRecord,
  type EngineState,
  type FundingRow,
  type Instrument,
  type InstrumentFilters,
  type LegShock,
  type Order,
  type Position,
  SimDriver,
  SimVenue,
  decode,
  encode,
} from '@strategy-runner/core';
import { InlineRuntime } from '../../adapters/src/plugin-runtime/inline.js';
import { ManualVenue } from './manual-venue.js';
import {
  type ConfigOptions,
  type InstanceOptions,
  MINUTE_MS,
  START_MS,
  SYMBOL,
  aConfig,
  anInstance,
  anInstrument,
} from './world-config.js';
import { type Heard, type WorldStrategy, definitionOf, nothingHeard } from './world-strategy.js';

export { type Body, cancel, dca, hold, limitAt, partialClose, quantity, stopAt } from './bodies.js';
export {
  amendProtection,
  closeLong,
  closeShort,
  closeSide,
  openLong,
  openShort,
} from './bodies.js';
export { ALL_CAPABILITIES, MINUTE_MS, START_MS, SYMBOL, anInstrument } from './world-config.js';

export type RecordOf<Type extends EngineRecord['type']> = Extract<EngineRecord, { type: Type }>;

export interface WorldOptions extends Omit<ConfigOptions, 'instances' | 'instruments'> {
  readonly strategy?: WorldStrategy;
  /** Fed at once, one after the other. */
  readonly bars?: readonly BarInput[];
  readonly instrument?: Partial<InstrumentFilters>;
  readonly execution?: InstanceOptions['execution'];
  readonly capabilities?: InstanceOptions['capabilities'];
  readonly warmupBars?: number;
  /** Further settings of the first instance. */
  readonly instance?: InstanceOptions;
  /** Further instances; one with another symbol gets an instrument of that symbol. */
  readonly also?: readonly (InstanceOptions & { readonly strategy: WorldStrategy })[];
  readonly sim?: {
    readonly fillOnTouch?: boolean;
    readonly volumeShareBps?: number;
    /** Keyed by `<intent id>/<leg>`; see `idOf`. */
    readonly shocks?: Readonly<Record<string, LegShock>>;
  };
  /** `manual`: nothing answers by itself; the test plays the venue (`world.venue`). */
  readonly venue?: 'sim' | 'manual';
  /** A state to go on from, as a restarted host would. */
  readonly state?: EngineState;
}

/** Prices as float64, as bars carry them; one number is a bar that never moved. */
export type BarInput = number | readonly [number, number, number, number];

export interface BarOptions {
  readonly volume?: number;
  readonly symbol?: string;
  readonly funding?: readonly FundingRow[];
  /** Bars to leave out before this one. */
  readonly skip?: number;
}

export function aWorld(options: WorldOptions = {}): World {
  return new World(options);
}

/** The id of the n-th intent of that kind and side that the first instance returned at a bar. */
export function idOf(
  barIndex: number,
  what: string,
  nth = 1,
  instance = `${SYMBOL}:sample`,
): string {
  return `${instance}@bar:1m:${START_MS + (barIndex + 1) * MINUTE_MS}#${what}.${nth}`;
}

export function aBar(change: Partial<BarEvent> = {}): BarEvent {
  const openMs = change.openMs ?? START_MS;
  const closeMs = change.closeMs ?? openMs + MINUTE_MS;
  const close = change.close ?? 100;
  const prices = { open: close, high: close, low: close, close };
  const base = { kind: 'bar', symbol: SYMBOL, timeframe: '1m', volume: 1000 } as const;
  return { ...base, ts: closeMs, openMs, closeMs, ...prices, ...change };
}

export class World {
  readonly engine: Engine;
  readonly records: EngineRecord[] = [];
  readonly events: EngineEvent[] = [];
  readonly alerts: { readonly code: string; readonly text: string }[] = [];
  readonly logs: { readonly message: string; readonly fields: unknown }[] = [];
  /** What the first instance's plugin was told. */
  readonly heard: Heard = nothingHeard();
  /** What each further instance's plugin was told. */
  readonly heardByOthers: readonly Heard[];
  /** Set with `venue: 'manual'` only. */
  readonly venue: ManualVenue;
  readonly #driver: SimDriver | ManualVenue;
  readonly #timeframeMs: number;
  readonly #timeframe: string;
  readonly #nextOpenMs = new Map<string, number>();

  constructor(options: WorldOptions) {
    const { config, instance } = configOf(options);
    this.#timeframe = instance.timeframe;
    this.#timeframeMs = instance.timeframeMs;
    this.heardByOthers = (options.also ?? []).map(() => nothingHeard());
    const series = new Map(
      config.instances.map(({ symbol, timeframe }) => [
        `${symbol}|${timeframe}`,
        new BarSeries(symbol, timeframe, 5000),
      ]),
    );
    const sink = {
      event: (event: EngineEvent) => void this.events.push(copyOf(event)),
      record: (record: EngineRecord) => void this.records.push(copyOf(record)),
    };
    const { state } = options;
    this.engine = new Engine({ config, sink, series, ...(state === undefined ? {} : { state }) });
    const view = { config, state: this.engine.state, series };
    const strategies = [options, ...(options.also ?? [])].map(({ strategy }) => strategy ?? {});
    const plugins = config.instances.map(({ id }, place) => {
      const heard = place === 0 ? this.heard : this.heardByOthers[place - 1]!;
      return { instance: id, definition: definitionOf(strategies[place]!, heard), config: {} };
    });
    const runtime = new InlineRuntime(view, plugins, (_id, message, fields) => {
      this.logs.push({ message, fields });
    });
    const onAlert = (code: string, text: string): void => void this.alerts.push({ code, text });
    this.venue = new ManualVenue(this.engine, runtime, onAlert);
    const { sim } = options;
    const { instruments, costs } = config;
    this.#driver =
      options.venue === 'manual'
        ? this.venue
        : new SimDriver(
            this.engine,
            new SimVenue({
              instruments,
              costs,
              cash: () => this.engine.state.cash,
              fillOnTouch: sim?.fillOnTouch ?? false,
              volumeShareBps: sim?.volumeShareBps ?? null,
              shocks: new Map(Object.entries(sim?.shocks ?? {})),
            }),
            runtime,
            onAlert,
          );
    this.bars(options.bars ?? []);
  }

  /** Steps one bar, right after the one before. `bar(100)` is a bar that never moved. */
  bar(open: number, high = open, low = open, close = open, options: BarOptions = {}): this {
    const symbol = options.symbol ?? SYMBOL;
    const skipped = (options.skip ?? 0) * this.#timeframeMs;
    const openMs = (this.#nextOpenMs.get(symbol) ?? START_MS) + skipped;
    const closeMs = openMs + this.#timeframeMs;
    this.#nextOpenMs.set(symbol, closeMs);
    const prices = { open, high, low, close, volume: options.volume ?? 1000 };
    const times = { symbol, timeframe: this.#timeframe, openMs, closeMs };
    this.#driver.step(aBar({ ...times, ...prices }), options.funding ?? []);
    return this;
  }

  bars(inputs: readonly BarInput[]): this {
    for (const input of inputs) {
      if (typeof input === 'number') this.bar(input);
      else this.bar(...input);
    }
    return this;
  }

  take(event: EngineEvent): this {
    this.#driver.take(event);
    return this;
  }

  command(command: CommandGiven['command'], reason = 'a test asks'): this {
    return this.take({ kind: 'command', ts: this.now, command, by: 'operator', reason });
  }

  get now(): number {
    return this.engine.now;
  }

  get state(): EngineState {
    return this.engine.state as EngineState;
  }

  recordsOf<Type extends EngineRecord['type']>(type: Type): readonly RecordOf<Type>[] {
    return this.records.filter((record) => record.type === type) as RecordOf<Type>[];
  }

  fills(): readonly RecordOf<'fill'>[] {
    return this.recordsOf('fill');
  }

  denied(): readonly RecordOf<'intent_denied'>[] {
    return this.recordsOf('intent_denied');
  }

  codes(): readonly string[] {
    return this.denied().map(({ code }) => code);
  }

  accepted(): readonly RecordOf<'intent_accepted'>[] {
    return this.recordsOf('intent_accepted');
  }

  /** The open position of a side, or undefined. */
  position(side: 'long' | 'short' = 'long'): Position | undefined {
    return [...this.state.positions.values()].find((position) => position.side === side);
  }

  /** Orders that are not over. */
  orders(): readonly Order[] {
    return [...this.state.orders.values()];
  }

  /** Every order ever created, as it was created. */
  created(): readonly Order[] {
    return this.recordsOf('order_created').map(({ order }) => order);
  }

  /** Working orders of a leg. */
  leg(leg: string): readonly Order[] {
    return this.orders().filter((order) => order.leg === leg);
  }

  /** How an intent ended, a denial's code included; undefined while it works. */
  outcome(intentId: string): string | undefined {
    for (const record of [...this.records].reverse()) {
      if (record.type === 'intent_denied' && record.intentId === intentId) return record.code;
      if (record.type === 'intent_done' && record.intentId === intentId) return record.outcome;
    }
    return undefined;
  }
}

function copyOf<Entry>(entry: Entry): Entry {
  return decode(encode(entry)) as Entry;
}

function configOf(options: WorldOptions) {
  const { execution, capabilities, warmupBars, also = [] } = options;
  const instance = anInstance({
    ...(execution === undefined ? {} : { execution }),
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(warmupBars === undefined ? {} : { warmupBars }),
    ...options.instance,
  });
  const others = also.map((other, place) =>
    anInstance({ id: `${other.symbol ?? SYMBOL}:other-${place + 1}`, ...other }),
  );
  const instruments = new Map<string, Instrument>();
  for (const { symbol } of others) {
    instruments.set(symbol, anInstrument({ ...options.instrument, symbol }));
  }
  const first = anInstrument({ symbol: instance.symbol, ...options.instrument });
  instruments.set(first.symbol, first);
  const instances = [instance, ...others];
  return {
    instance,
    config: aConfig({ ...options, instances, instruments: [...instruments.values()] }),
  };
}
