// Operator commands and the start of a run. STOP and KILL hold entries back; KILL also takes back
// what could still raise exposure. Neither touches protection or an exit (R13).
import type { CommandGiven, RunStarted } from '../events.js';
import { EXTERNAL } from '../ledger/external.js';
import type { Order } from '../order/order.js';
import { requestCancel } from '../order/place.js';
import { releaseHolds } from '../policy/holds.js';
import type { GateName } from '../records.js';
import type { Turn } from '../turn.js';

const GATES: Readonly<Record<CommandGiven['command'], { gate: GateName; isClosed: boolean }>> = {
  pause: { gate: 'paused', isClosed: true },
  resume: { gate: 'paused', isClosed: false },
  stop: { gate: 'stopped', isClosed: true },
  kill: { gate: 'killed', isClosed: true },
  reset_kill: { gate: 'killed', isClosed: false },
};

export function onCommand(turn: Turn, event: CommandGiven): void {
  const { gate, isClosed } = GATES[event.command];
  const reason = `${event.by}: ${event.reason}`;
  // An acknowledgement releases what it names and nothing else; a pause stays.
  if (event.command === 'resume' && event.ack !== undefined) {
    releaseHolds(turn, event.ack, reason);
    return;
  }
  turn.emit({ type: 'gate', ts: turn.now, gate, isClosed, untilMs: null, reason });
  // Who lets entries go again takes back a stop as well; a kill only by its own word.
  if (event.command === 'resume' && turn.state.gates.stopped) {
    const opened = { gate: 'stopped', isClosed: false, untilMs: null } as const;
    turn.emit({ type: 'gate', ts: turn.now, ...opened, reason });
  }
  if (event.command === 'kill') cancelEntries(turn, 'kill');
}

export function cancelEntries(turn: Turn, reason: string, instance?: string): void {
  for (const order of [...turn.state.orders.values()] as Order[]) {
    if (instance !== undefined && order.instance !== instance) continue;
    if (order.action === 'entry') requestCancel(turn, order, reason);
  }
}

/**
 * Effects of an earlier run are never performed again: an order whose submission has no outcome is
 * unknown until the venue has been asked; a cancel that was under way is asked for again.
 */
export function onRunStarted(turn: Turn, event: RunStarted): void {
  if (event.start === 'cold') return;
  // A stop that is still under way outlives a crash or a restart; one that is complete does not.
  const held = [...turn.state.positions.values()].filter(({ instance }) => instance !== EXTERNAL);
  const isComplete = held.length === 0 && turn.state.orders.size === 0;
  if (turn.state.gates.stopped && isComplete) {
    const reason = 'a new run starts';
    turn.emit({
      type: 'gate',
      ts: turn.now,
      gate: 'stopped',
      isClosed: false,
      untilMs: null,
      reason,
    });
  }
  for (const order of [...turn.state.orders.values()] as Order[]) {
    if (order.status === 'pending_cancel') turn.effect({ kind: 'cancel', order });
    if (order.status === 'unknown') turn.effect({ kind: 'query', order });
    if (order.status !== 'created' && order.status !== 'submitted') continue;
    const moved = { status: 'unknown', venueOrderId: null, cancelReason: null } as const;
    const base = { type: 'order_moved', ts: turn.now, order: order.key } as const;
    turn.emit({ ...base, ...moved, code: 'UNKNOWN_ORDER_PENDING' });
    const unknown = turn.state.orders.get(order.key) as Order;
    turn.effect({ kind: 'query', order: unknown });
  }
}
