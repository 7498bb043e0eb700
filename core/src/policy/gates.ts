// What holds entries back. Exits never come here: nothing that blocks an entry may block an exit
// (R12).
import { type Denial, deny } from '../outcome.js';
import type { Turn } from '../turn.js';

export function checkEntryGates(turn: Turn, instance: string, symbol: string): Denial | undefined {
  const { state, now } = turn;
  if (state.gates.killed) return deny('KILLED', '', 'the kill switch is up; reset it by command');
  if (state.gates.stopped) return deny('ENTRIES_STOPPED', '', 'the run is stopping');
  if (state.gates.paused) return deny('ENTRIES_PAUSED', '', 'entries are paused by command');
  if (state.instances.get(instance)?.isHalted === true) {
    return deny('INSTANCE_HALTED', '', 'the plugin failed too often; only exits are managed');
  }
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
