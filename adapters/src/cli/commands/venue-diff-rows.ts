// What the comparison of a session with the venue's truth speaks of: rows, differences, names.
import { decimal } from '@strategy-runner/core';

export type SessionRow = Readonly<Record<string, string | number | null>>;

export interface SessionTables {
  readonly orders: readonly SessionRow[];
  readonly fills: readonly SessionRow[];
  readonly funding: readonly SessionRow[];
  readonly moves: readonly SessionRow[];
  readonly positions: readonly SessionRow[];
  readonly equity: readonly SessionRow[];
}

export interface SessionNames {
  /** The client order id of one of the session's order keys. */
  readonly clientIdOf: (orderKey: string) => string;
  /** Whether a client order id was made by the session. */
  readonly isOurs: (clientOrderId: string) => boolean;
}

export type DiffAbout =
  'order' | 'open_order' | 'trade' | 'funding' | 'cash_move' | 'position' | 'wallet';

export interface Difference {
  readonly about: DiffAbout;
  readonly what: 'only_at_venue' | 'only_in_session' | 'differs';
  readonly id: string;
  readonly field?: string;
  readonly venue?: string;
  readonly session?: string;
}

/** Of nobody's order in the session: told, and whether the session has booked it. */
export interface External {
  readonly about: 'order' | 'trade';
  readonly id: string;
  readonly symbol: string;
  readonly is_booked: boolean;
  /** Before the session began, which therefore need not know of it. */
  readonly is_earlier: boolean;
}

/** The venue's name of a unified symbol. */
export function venueSymbol(symbol: string): string {
  return symbol.split(':', 1)[0]!.replace('/', '').toUpperCase();
}

export function isSame(venue: string, session: string): boolean {
  return decimal(venue || '0') === decimal(session || '0');
}

export function said(row: SessionRow, name: string): string {
  const value = row[name];
  return value === null || value === undefined ? '' : String(value);
}
