// Why live and backtest differ: a session's record, its shocks, H(K), and what each cause is worth.
export {
  type Attribution,
  type AttributionOptions,
  type AttributionParts,
  type ChannelShare,
  Comparison,
  type FirstDifference,
  attribute,
} from './attribute.js';
export { CHANNELS, type Channel, type ChannelSet } from './channels.js';
export { counterfactual } from './counterfactual.js';
export type { LegRow, LegSide } from './legs.js';
export { type JournalEntry, type LiveRecord, recordSession } from './live-record.js';
export type { Percentiles, Score } from './score.js';
export type { WorldResult } from './steered-world.js';
