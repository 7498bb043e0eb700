// Everything a plugin author or the host imports from the contract, except the validators
// (`@strategy-runner/contracts/validators`) and the harness (`@strategy-runner/contracts/testing`).
export type * from './generated/intent-body.js';
export type {
  AmendProtectionIntent,
  AsOf,
  BarRef,
  CancelIntent,
  CloseIntent,
  DcaIntent,
  FieldOrigin,
  HoldIntent,
  Intent,
  OpenIntent,
  PartialCloseIntent,
  Provenance,
  StrategyRef,
} from './generated/intent.js';
export type * from './generated/plugin-manifest.js';
export type * from './generated/report.js';
export type * from './generated/session.js';
export type * from './intent-events.js';
export * from './codes.js';
export * from './strategy.js';
export * from './version.js';
