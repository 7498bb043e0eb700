// What the order desk is made of, and how patient it is. All times are wall time: deadlines, waits
// and proofs go on while market time stands still.
import type { Side } from '@strategy-runner/contracts';
import { absenceLimits } from './absence-proof.js';
import type { EntryPermit } from './entry-permit.js';
import type { Emit, ExchangeClient, RawMessage } from './exchange-client.js';
import { GATE_LIMITS, type GateLimits, type Quote } from './last-gate.js';

export interface DeskLimits {
  readonly gate: GateLimits;
  /** Wall ms over which an order must stay unfound to be absent. */
  readonly absenceWindowMs: number;
  readonly retryFirstMs: number;
  /** Longest wait while an order may still appear. */
  readonly retryGraceMs: number;
  readonly retryMaxMs: number;
  readonly heldMs: number;
  readonly settleMs: number;
}

export interface OrderDeskParts {
  readonly client: ExchangeClient;
  readonly emit: Emit;
  readonly sessionId: string;
  /** Symbols of the config, read at every resync. */
  readonly symbols: readonly string[];
  readonly recvWindowMs: number;
  readonly wallMs: () => number;
  /** The account's position mode, as the connection has read it. */
  readonly isHedged: () => boolean;
  readonly quote: (symbol: string) => Quote | null;
  /** The ledger's position: signed and netted (`side` null), or of one side of a hedged account. */
  readonly held: (symbol: string, side: Side | null) => bigint;
  readonly onAccountMessage?: (raw: RawMessage) => void;
  readonly onResyncNeeded?: (why: string) => void;
  /** What entries need beside the connection. */
  readonly permit?: EntryPermit | undefined;
  readonly limits?: Partial<DeskLimits>;
}

export function defaultLimits(recvWindowMs: number): DeskLimits {
  return {
    gate: GATE_LIMITS,
    absenceWindowMs: absenceLimits(recvWindowMs).windowMs,
    retryFirstMs: 250,
    retryGraceMs: 2000,
    retryMaxMs: 30_000,
    heldMs: 1000,
    settleMs: 50,
  };
}
