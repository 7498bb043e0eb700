// A report of the venue arrives: what differs is recorded and holds entries at once, what is
// missing is asked for, and a hold whose difference has gone is released by itself. Nothing is ever
// traded back, and nothing holds an exit.
import { raiseAlert } from '../alert.js';
import type { VenueSnapshot } from '../events.js';
import type { Order } from '../order/order.js';
import { ALL_SYMBOLS, releaseHolds } from '../policy/holds.js';
import type { DivergenceItem } from '../records.js';
import type { Turn } from '../turn.js';
import { canOpenExposure, untrackedOrders } from './compare-orders.js';
import { type Reading, compareWithVenue, isCashCompared, isHoldingCompared } from './compare.js';
import { isInScope, unsettledIn } from './unsettled.js';

export function onVenueSnapshot(turn: Turn, snapshot: VenueSnapshot): void {
  const items = compareWithVenue(turn.state, turn.config, snapshot);
  const unsettled = unsettledIn(turn.state, turn.config, snapshot);
  const harmless = harmlessOrders(turn, snapshot);
  const serious = items.filter(({ kind, ref }) => kind !== 'order_untracked' || !harmless.has(ref));
  turn.emit({
    type: 'reconciled',
    ts: turn.now,
    takenMs: snapshot.takenMs,
    isClear: serious.length === 0,
    isInconclusive: unsettled.size > 0,
    items,
  });
  const held = new Set<string>();
  for (const item of serious) {
    if (item.kind === 'order_missing') askFor(turn, item);
    else held.add(hold(turn, item));
  }
  releaseOthers(turn, { snapshot, unsettled }, held);
}

/** Venue order ids of foreign orders that can only close: noted, never held. */
function harmlessOrders(turn: Turn, snapshot: VenueSnapshot): ReadonlySet<string> {
  const closing = untrackedOrders(turn.state, snapshot).filter(
    (order) => !canOpenExposure(order, turn.config),
  );
  return new Set(closing.map(({ venueOrderId }) => venueOrderId));
}

function askFor(turn: Turn, { ref }: DivergenceItem): void {
  const order = turn.state.orders.get(ref) as Order | undefined;
  if (order !== undefined) turn.effect({ kind: 'query', order });
}

/** Holds once per kind and symbol; answers the hold's name in the state. */
function hold(turn: Turn, item: DivergenceItem): string {
  const ref = `${item.kind}:${item.symbol}`;
  const symbol = item.kind === 'cash' ? ALL_SYMBOLS : item.symbol;
  const name = `${symbol}|${ref}`;
  if (turn.state.holds.has(name)) return name;
  const code = item.kind === 'order_untracked' ? 'UNTRACKED_ORDER' : 'DIVERGED';
  const reason = `${tell(item)}; entries are held, exits go on`;
  turn.emit({ type: 'symbol_hold', ts: turn.now, symbol, code, ref, isHeld: true, reason });
  raiseAlert(turn, code, `${reason}. Next: runner reconcile --dry-run`);
  return name;
}

function tell({ kind, symbol, ref, ours, theirs }: DivergenceItem): string {
  switch (kind) {
    case 'order_untracked':
      return `order ${ref} (${theirs}) on ${symbol} is not ours`;
    case 'order_missing':
      return `order ${ref} is not at the venue`;
    case 'position':
      return `${symbol} (${ref}): the ledger holds ${ours}, the venue ${theirs}`;
    case 'entry_price':
      return `${symbol} (${ref}): the ledger entered at ${ours}, the venue says ${theirs}`;
    case 'cash':
      return `cash in ${symbol}: the ledger has ${ours}, the venue ${theirs}`;
  }
}

const ORDERS = 'order_untracked';
const HOLDINGS: readonly string[] = ['position', 'entry_price'];

function releaseOthers(turn: Turn, reading: Reading, held: ReadonlySet<string>): void {
  for (const name of turn.state.holds.keys()) {
    const ref = name.slice(name.indexOf('|') + 1);
    if (held.has(name) || !wasCompared(turn, reading, ref)) continue;
    releaseHolds(turn, ref, 'ledger and venue agree again');
  }
}

/** Whether the report says anything about what the hold stands for; false for others' holds. */
function wasCompared(turn: Turn, reading: Reading, ref: string): boolean {
  const kind = ref.slice(0, ref.indexOf(':'));
  const symbol = ref.slice(ref.indexOf(':') + 1);
  if (kind === 'cash') return isCashCompared(turn.config, reading);
  if (HOLDINGS.includes(kind)) return isHoldingCompared(symbol, turn.config, reading);
  const { snapshot, unsettled } = reading;
  return kind === ORDERS && isInScope(snapshot, symbol) && !unsettled.has(symbol);
}
