// What holds entries back. Exits never come here: nothing that blocks an entry may block an exit
// (R12).
import { checkBlackout } from './blackout.js';
import { holdOn } from './holds.js';
import { type Denial, deny } from '../outcome.js';
import type { Turn } from '../turn.js';

/** `asOfMs`: time of the event that the entry answers; omitted = it answers the present. */
export function checkEntryGates(
  turn: Turn,
  instance: string,
  symbol: string,
  asOfMs: number = turn.now,
): Denial | undefined {
  const { state, now } = turn;
  if (state.gates.killed) return deny('KILLED', '', 'the kill switch is up; reset it by command');
  if (state.gates.stopped) return deny('ENTRIES_STOPPED', '', 'the run is stopping');
  if (state.gates.paused) return deny('ENTRIES_PAUSED', '', 'entries are paused by command');
  if (state.instances.get(instance)?.isHalted === true) {
    return deny('INSTANCE_HALTED', '', 'the plugin failed too often; only exits are managed');
  }
  const withheld =
    checkBlackout(turn, symbol, asOfMs) ??
    checkVenue(turn, symbol) ??
    checkDataAge(turn, instance, symbol);
  if (withheld !== undefined) return withheld;
  if (now < state.backoffUntilMs) {
    return deny('BACKOFF_ACTIVE', '', 'the venue rejected entries; new ones wait', {
      until_ms: state.backoffUntilMs,
      rejects: state.backoffRejects,
    });
  }
  for (const order of state.orders.values()) {
    if (order.status === 'unknown' && order.symbol === symbol) {
      return deny('UNKNOWN_ORDER_PENDING', '', `nobody has said yet what became of ${order.key}`);
    }
  }
  return undefined;
}

// Nobody takes risk on an account that has not been read, or that differs from the ledger.
function checkVenue(turn: Turn, symbol: string): Denial | undefined {
  const { connection } = turn.state;
  if (connection !== 'ready') {
    const why = `the venue is ${connection}; entries wait until it has been read`;
    return deny('VENUE_NOT_READY', '', why, { connection });
  }
  const hold = holdOn(turn, symbol);
  if (hold === undefined) return undefined;
  const { ref, code } = hold;
  const why = `entries are held by ${code} (${ref}); look, then: runner resume --ack ${ref}`;
  return deny('SYMBOL_HELD', '', why, { ref, code, symbol: hold.symbol });
}

function checkDataAge(turn: Turn, instance: string, symbol: string): Denial | undefined {
  const { maxDataAgeBars } = turn.config.policy;
  if (maxDataAgeBars === null) return undefined;
  const timeframeMs = turn.config.instances.find(({ id }) => id === instance)?.timeframeMs;
  if (timeframeMs === undefined) return undefined;
  const closeMs = turn.state.market.get(symbol)?.closeMs;
  const ageMs = closeMs === undefined ? Infinity : turn.now - closeMs;
  const maxMs = maxDataAgeBars * timeframeMs;
  if (ageMs <= maxMs) return undefined;
  return deny('DATA_STALE', '', 'the last bar is too old; entries wait for a newer one', {
    age_ms: ageMs,
    max_ms: maxMs,
  });
}
