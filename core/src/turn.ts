// What a stage of the pipeline gets to work with: read the state, emit records, ask for effects.
import type { EngineConfig, InstanceConfig } from './config.js';
import { type Decimal, fromNumber } from './decimal.js';
import type { Effect } from './effects.js';
import type { EngineEvent } from './events.js';
import type { Instrument } from './market/instrument.js';
import type { EngineRecord } from './records.js';
import type { EngineState } from './state/engine-state.js';
import type { Frozen } from './state/frozen.js';

export interface Turn {
  readonly config: EngineConfig;
  readonly state: Frozen<EngineState>;
  /** The engine's clock in epoch ms: the time of the event being processed. */
  readonly now: number;
  /** Kind of the event being processed. */
  readonly cause: EngineEvent['kind'];
  /** Applies the record to the state at once and hands it to the journal. */
  emit(record: EngineRecord): void;
  effect(effect: Effect): void;
}

export function instanceOf(turn: Turn, id: string): InstanceConfig {
  const found = turn.config.instances.find((instance) => instance.id === id);
  if (found === undefined) throw new Error(`no instance ${id}`);
  return found;
}

/** The rules that the session pinned, or what the venue has made of them since. */
export function instrumentOf(turn: Turn, symbol: string): Instrument {
  const found = turn.config.instruments.get(symbol);
  if (found === undefined) throw new Error(`no instrument ${symbol}`);
  if (turn.state.filters.size === 0) return found;
  const changed = turn.state.filters.get(symbol);
  return changed === undefined ? found : { ...found, ...changed };
}

/**
 * The close of the last bar, or what the venue has shown since, as an exact decimal; undefined
 * before the first bar.
 */
export function lastPrice(turn: Turn, symbol: string): Decimal | undefined {
  const market = turn.state.market.get(symbol);
  return market === undefined ? undefined : fromNumber(market.last);
}
