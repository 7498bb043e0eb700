// The public surface of core: the engine, its drivers and ports, and the pure models around them.
export * from './comparison/attribution/index.js';
export * from './comparison/result-collector.js';
export * from './comparison/result-rows.js';
export * from './config.js';
export * from './decimal.js';
export * from './driver/backtest.js';
export * from './driver/live-driver.js';
export * from './driver/replay.js';
export * from './driver/replay-strategy.js';
export * from './driver/shadow.js';
export * from './driver/sim-driver.js';
export * from './driver/turn-runner.js';
export * from './effects.js';
export * from './engine.js';
export * from './events.js';
export type * from './host-events.js';
export { capture, isUncapturable } from './intent/capture.js';
export { equity, freeBalance } from './ledger/account.js';
export { EXTERNAL, externalIntentId, isDust, isExternalIntent } from './ledger/external.js';
export {
  type Lot,
  type LotsMethod,
  type Position,
  averageEntry,
  unrealized,
} from './ledger/position.js';
export { appendBar, emptySeries } from './market/bar-book.js';
export * from './market/bar-series.js';
export { timeframeMsOf } from './market/timeframe.js';
export * from './market/instrument.js';
export {
  type ApprovedOrder,
  type Order,
  type OrderStatus,
  isProtectionLeg,
  isStopLeg,
  orderKey,
  outstanding,
  remaining,
} from './order/order.js';
export { canMove, isTerminal } from './order/order-state.js';
export type { Denial, Outcome } from './outcome.js';
export { type StandingBlackout, blackoutAt } from './policy/blackout.js';
export * from './ports/alarm.js';
export * from './ports/clock.js';
export * from './ports/emergency-log.js';
export * from './ports/feed.js';
export * from './ports/session-store.js';
export * from './ports/venue.js';
export * from './ports/strategy-runtime.js';
export type * from './protection/protection.js';
export * from './readiness.js';
export { compareWithVenue } from './reconciliation/compare.js';
export { type ApplyContext, eventsOf, foreignOrderOf } from './reconciliation/events-of.js';
export * from './reconciliation/plan.js';
export type { Booking } from './reconciliation/bookings.js';
export * from './records.js';
export * from './risk/risk-margins.js';
export type { CostModel } from './simulation/costs.js';
export { type LegShock, NO_SHOCKS, type ShockTable } from './simulation/shocks.js';
export { FundingSchedule } from './simulation/funding-schedule.js';
export { type FundingRow, SimVenue, type SimVenueParts } from './simulation/sim-venue.js';
export {
  type SlippageCoefficients,
  type SlippageErrors,
  type SlippageModel,
  type TakerMoment,
  VOLATILITY_BARS,
  predictedBps,
} from './simulation/slippage-model.js';
export { applyEvent, applyRecord } from './state/apply.js';
export { decode, encode } from './state/codec.js';
export { type EngineState, emptyState } from './state/engine-state.js';
export * from './state/recover.js';
export type { Frozen } from './state/frozen.js';
export * from './statistics/index.js';
export { type EngineView, LiveContext } from './strategy/context.js';
export { randomAt } from './strategy/random.js';
export { shortKey } from './strategy/short-key.js';
export * from './telemetry/audit.js';
export * from './telemetry/fit-slippage.js';
export * from './telemetry/leg-slippage.js';
export * from './telemetry/leg-telemetry.js';
export * from './telemetry/predicted-slippage.js';
export * from './telemetry/quantiles.js';
export * from './telemetry/robust-fit.js';
export * from './telemetry/slippage-table.js';
export type { Turn } from './turn.js';
