// One reading of the whole account: what happened since the last one first (as events), then
// orders, positions, balances and payments. A reading that failed in part is no snapshot; one into
// which a payment fell is taken again, so that cash and payments agree.
import type {
  ConnectionState,
  VenueBalance,
  VenueOrder,
  VenueSnapshot,
} from '@strategy-runner/core';
import type { AccountReader } from './account-reader.js';
import type { ExchangeClient, RawMessage } from './exchange-client.js';
import type { IncomeReader } from './income.js';
import { type Reading, read } from './reading.js';
import { wallMs } from './pause.js';

/** What the connection needs of the order desk. */
export interface Desk {
  /**
   * Trades since the cursors, the state of live orders, all open orders: told as events before it
   * resolves. `full` asks for each order by itself.
   */
  resync(depth: 'full' | 'light'): Promise<Reading<unknown>>;
  /** To be told where the connection stands. */
  onConnection(state: ConnectionState): void;
  onUserMessage(message: RawMessage): void;
  /** Orders of the last full reading. */
  openOrders(): readonly VenueOrder[];
  /** Whether something was sent, heard or in flight since that market time. */
  isBusySince(marketMs: number): boolean;
  /** Rises with everything that is sent or told. */
  readonly changes: number;
}

export interface SnapshotParts {
  readonly client: ExchangeClient;
  readonly desk: Pick<Desk, 'resync' | 'openOrders'>;
  readonly reader: AccountReader;
  readonly income: IncomeReader;
  /** Configured, watched, ever traded (R25). */
  readonly symbols: () => readonly string[];
}

const TRIES = 3;
/** Payments are the dearest of these readings: without a changed balance they wait this long. */
const INCOME_EVERY_MS = 300_000;

/** What the last reading showed, so that the next one need not read what cannot have changed. */
export interface SnapshotMemory {
  balances: string;
  incomeReadMs: number;
}

export function takeSnapshot(
  parts: SnapshotParts,
  depth: 'full' | 'light',
  memory: SnapshotMemory,
): Promise<Reading<VenueSnapshot>> {
  return parts.client.together(() => readAccount(parts, depth, memory));
}

async function readAccount(
  parts: SnapshotParts,
  depth: 'full' | 'light',
  memory: SnapshotMemory,
): Promise<Reading<VenueSnapshot>> {
  const { client, desk, reader, income } = parts;
  for (let left = TRIES; ; left -= 1) {
    await income.settled();
    const takenMs = client.clock.now();
    const resynced = await desk.resync(depth);
    if (!resynced.ok) return resynced;
    const positions = await reader.positions();
    if (!positions.ok) return positions;
    const balances = await reader.balances();
    if (!balances.ok) return balances;
    const payments = await readPayments(income, balances.value, depth, memory);
    if (!payments.ok) return payments;
    // Booked now, after the balance was read: what of it was in that balance, nobody can say.
    if (payments.value > 0 && left > 1) continue;
    return read({
      kind: 'venue_snapshot',
      ts: client.clock.now(),
      takenMs,
      scope: reader.scope,
      symbols: [...parts.symbols()],
      orders: desk.openOrders(),
      positions: positions.value,
      balances: balances.value,
    });
  }
}

async function readPayments(
  income: IncomeReader,
  balances: readonly VenueBalance[],
  depth: 'full' | 'light',
  memory: SnapshotMemory,
): Promise<Reading<number>> {
  const shown = balances.map(({ currency, total }) => `${currency}:${total}`).join();
  const isOld = wallMs() - memory.incomeReadMs >= INCOME_EVERY_MS;
  if (depth === 'light' && shown === memory.balances && !isOld) return read(0);
  const payments = await income.read();
  if (payments.ok) {
    memory.balances = shown;
    memory.incomeReadMs = wallMs();
  }
  return payments;
}
