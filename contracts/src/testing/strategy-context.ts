// The context a strategy sees in a test. Reads are live: a strategy that keeps `ctx` sees the event
// being handled, never a later one, and can change nothing but its timers and logs.
import type { StrategyContext } from '../strategy.js';
import type { HarnessState } from './harness-state.js';
import { seededRandom } from './seeded-random.js';

export function createContext<Config>(state: HarnessState): StrategyContext<Config> {
  const bars = state.bars.view();
  return Object.freeze({
    get now() {
      return state.now;
    },
    get phase() {
      return state.phase;
    },
    instrument: state.instrument,
    config: state.config as Config,
    bars,
    series: (timeframe: string) => {
      const series = state.seriesOf(timeframe);
      return series === state.bars ? bars : series.view();
    },
    get positions() {
      return state.positions;
    },
    position: (side) => state.positions.find((position) => position.side === side),
    get open_intents() {
      return state.openIntents;
    },
    get account() {
      return state.account;
    },
    random: () => {
      state.calls += 1;
      return seededRandom(state.seed, state.event, state.calls);
    },
    setTimer: (name, due_ms) => state.setTimer(Object.freeze({ name, due_ms })),
    log: (message, fields = {}) => {
      state.logs.push({ time_ms: state.now, message, fields: { ...fields } });
    },
  } satisfies StrategyContext<Config>);
}
