// A backtest beside a live session: the same bars, config and plugin code, with an engine and a
// plugin of its own. It knows nothing of what live does, so the gap between both is live's own.
import type { EngineConfig } from '../config.js';
import type { Decimal } from '../decimal.js';
import { Engine } from '../engine.js';
import type { BarEvent, FundingPaid } from '../events.js';
import { equity } from '../ledger/account.js';
import { emptySeries } from '../market/bar-book.js';
import { type FundingRow, SimVenue, type SimVenueParts } from '../simulation/sim-venue.js';
import { emptyState } from '../state/engine-state.js';
import type { RuntimeFactory } from '../state/recover.js';
import { SimDriver } from './sim-driver.js';

export interface ShadowParts {
  readonly config: EngineConfig;
  readonly sim: Omit<SimVenueParts, 'instruments' | 'cash' | 'shocks'>;
  /** A plugin of its own. */
  readonly runtime: RuntimeFactory;
}

export class Shadow {
  readonly #engine: Engine;
  readonly #driver: SimDriver;
  /** Rates that live has been paid at, for the bar in which they fall. */
  #rates: FundingRow[] = [];

  constructor({ config, sim, runtime }: ShadowParts) {
    const ids = config.instances.map(({ id }) => id);
    const state = emptyState(config.initialCash, ids);
    const series = emptySeries(config);
    const sink = { event: () => undefined, record: () => undefined };
    const engine = new Engine({ config, sink, series, state });
    const { instruments } = config;
    const venue = new SimVenue({ ...sim, instruments, cash: () => state.cash });
    const plugins = runtime({ config, state, series });
    this.#engine = engine;
    this.#driver = new SimDriver(engine, venue, plugins, () => undefined);
  }

  /** Funding is a fact of the market: the shadow pays the same rate on its own position. */
  fund({ ts, rate }: FundingPaid): void {
    this.#rates.push({ timeMs: ts, rate, markPrice: null });
  }

  /** Equity at the bar's close. Bars come once each and in order. */
  step(bar: BarEvent): Decimal {
    const due = this.#rates.filter(({ timeMs }) => timeMs <= bar.closeMs);
    this.#rates = this.#rates.filter(({ timeMs }) => timeMs > bar.closeMs);
    // A backtest takes a bar as it closes, however late live had it.
    this.#driver.step({ ...bar, ts: bar.closeMs }, due);
    return equity(this.#engine);
  }
}
