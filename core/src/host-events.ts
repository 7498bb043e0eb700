// What the host tells the engine of itself and of the run around it, so that the session holds it.
// The engine decides nothing about any of these.
import type { Decimal } from './decimal.js';

/** Rows of an earlier run that the journal lacks, because it could not be written then. */
export interface JournalGap {
  readonly kind: 'journal_gap';
  readonly ts: number;
  readonly rows: number;
  /** Where they are kept for people. */
  readonly keptAt: string;
}

/** What the host has noticed around the engine and people must be told of; it changes nothing. */
export interface HostAlert {
  readonly kind: 'host_alert';
  readonly ts: number;
  readonly code: string;
  readonly text: string;
}

/** How far live is from the backtest that runs beside it, after a bar (X4). */
export interface DriftMeasured {
  readonly kind: 'drift';
  readonly ts: number;
  /** Close of the bar. */
  readonly closeMs: number;
  readonly liveEquity: Decimal;
  readonly shadowEquity: Decimal;
  /** Live less shadow, in bps of the starting cash. */
  readonly driftBps: number;
}
