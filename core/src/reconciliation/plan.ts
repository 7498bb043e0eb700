// What reconciliation would do about each difference, as plain JSON with decimals as text: what
// `runner reconcile --dry-run` prints and `--apply` follows. Making a plan changes nothing.
import type { EngineConfig } from '../config.js';
import { type Decimal, ZERO, decimal, format } from '../decimal.js';
import type { VenueOrder, VenueSnapshot } from '../events.js';
import { uncoveredQuantity } from '../protection/cover.js';
import type { DivergenceItem } from '../records.js';
import type { EngineState } from '../state/engine-state.js';
import type { Frozen } from '../state/frozen.js';
import { type Booking, bookingsFor, cashEffectOf } from './bookings.js';
import { cashItem } from './compare-cash.js';
import { canOpenExposure, untrackedItem, untrackedOrders } from './compare-orders.js';
import { type HoldingPair, pairedHoldings } from './compare-positions.js';
import { compareWithVenue, isCashCompared } from './compare.js';
import { unsettledIn } from './unsettled.js';

export type UntrackedPolicy = 'block' | 'adopt' | 'cancel';

export type ReconcileAction =
  | 'none'
  | 'block'
  | 'adopt'
  | 'cancel'
  | 'query'
  | 'book_external_fill'
  | 'book_cash'
  | 'rearm_protection';

export interface ReconcileItem {
  readonly kind: DivergenceItem['kind'] | 'protection';
  readonly symbol: string;
  readonly ref: string;
  readonly ours: string;
  readonly theirs: string;
  readonly action: ReconcileAction;
  readonly why: string;
  /** The next command or step. */
  readonly next: string;
  /** What `book_external_fill` and `book_cash` book. */
  readonly bookings?: readonly Booking[];
}

export interface ReconcilePlan {
  readonly schema: 'runner.reconcile/1';
  readonly takenMs: number;
  /** Nothing differs but what can only close. */
  readonly isClear: boolean;
  /** Something needs the operator's word before entries may go on. */
  readonly isBlocked: boolean;
  /** Symbols and currencies that moved while the venue was read: compared next time. */
  readonly unsettled: readonly string[];
  readonly items: readonly ReconcileItem[];
}

export interface PlanOptions {
  readonly onUntracked: UntrackedPolicy;
}

type State = Frozen<EngineState>;

export function planReconciliation(
  state: State,
  config: EngineConfig,
  snapshot: VenueSnapshot,
  { onUntracked }: PlanOptions,
): ReconcilePlan {
  const found = compareWithVenue(state, config, snapshot);
  const unsettled = unsettledIn(state, config, snapshot);
  const pairs = pairedHoldings(state, config, snapshot);
  const holdings = found
    .filter(({ kind }) => kind === 'position' || kind === 'entry_price')
    .map((item) => planHolding(item, pairs, { state, config, snapshot }));
  const effect = holdings.reduce((sum, { bookings }) => sum + cashEffectOf(bookings, config), ZERO);
  // Booking a spot position costs cash: where the wallet shows no such cost, that is a flow too.
  const isCashKnown = isCashCompared(config, { snapshot, unsettled });
  const cash =
    effect !== ZERO && isCashKnown
      ? [cashItem(state, config, snapshot)]
      : found.filter(({ kind }) => kind === 'cash');
  const missing = found.filter(({ kind }) => kind === 'order_missing');
  const untracked = untrackedOrders(state, snapshot);
  const items: readonly ReconcileItem[] = [
    ...untracked.map((order) => planUntracked(order, config, onUntracked)),
    ...missing.map(planMissing),
    ...holdings,
    ...cash.map((item) => planCash(item, snapshot, effect)),
    ...planProtection(state, config),
  ];
  return {
    schema: 'runner.reconcile/1',
    takenMs: snapshot.takenMs,
    isClear: items.every(isHarmless),
    isBlocked: items.some(({ action }) => action === 'block'),
    unsettled: [...unsettled].sort(),
    items,
  };
}

/** A foreign order that can only close is told and left alone. */
function isHarmless({ kind, action }: ReconcileItem): boolean {
  return kind === 'order_untracked' && action === 'none';
}

const UNTRACKED_NEXT: Readonly<Record<UntrackedPolicy, string>> = {
  block: 'cancel it at the venue, or start again with --on-untracked adopt|cancel',
  adopt: 'runner reconcile --apply makes it an order of this session',
  cancel: 'runner reconcile --apply cancels it at the venue',
};

function planUntracked(
  order: VenueOrder,
  config: EngineConfig,
  onUntracked: UntrackedPolicy,
): ReconcileItem {
  const item = untrackedItem(order);
  if (!canOpenExposure(order, config)) {
    const why = 'an order that is not ours and can only close';
    return { ...item, action: 'none', why, next: 'nothing: it is left alone' };
  }
  const { order: key, venueOrderId, clientOrderId } = order;
  const whose = key === null ? 'is not ours' : 'is ours, and this session lost sight of it';
  const name = `order ${venueOrderId} (client id ${clientOrderId})`;
  const why = `${name} ${whose}; it can open exposure`;
  return { ...item, action: onUntracked, why, next: UNTRACKED_NEXT[onUntracked] };
}

function planMissing(item: DivergenceItem): ReconcileItem {
  const why = 'it should work at the venue and is not in the list of open orders';
  return { ...item, action: 'query', why, next: 'nothing: the venue is asked for it by its id' };
}

interface Sources {
  readonly state: State;
  readonly config: EngineConfig;
  readonly snapshot: VenueSnapshot;
}

function planHolding(
  item: DivergenceItem,
  pairs: readonly HoldingPair[],
  sources: Sources,
): ReconcileItem {
  if (item.kind === 'entry_price') {
    const why = 'the quantities agree and the entry prices do not: a fill is missing here or there';
    const ack = `runner resume --ack entry_price:${item.symbol}`;
    const next = `compare the fills with the venue's, then: ${ack}`;
    return { ...item, action: 'none', why, next };
  }
  const pair = pairs.find(
    ({ ours }) => ours.symbol === item.symbol && (ours.side ?? 'net') === item.ref,
  )!;
  const bookings = bookingsFor(pair, sources);
  if (bookings === undefined) {
    const why = 'the holding differs, and there is no price yet to book it at';
    return { ...item, action: 'none', why, next: 'wait for the first bar, then plan again' };
  }
  const why = 'the position moved at the venue without a fill that this session has seen';
  const acks = bookings.map(({ id }) => `runner resume --ack ${id}`).join(', ');
  const next = `runner reconcile --apply books it, then: ${acks}`;
  return { ...item, action: 'book_external_fill', why, next, bookings };
}

// What the positions' bookings will do to cash is no difference any more.
function planCash(item: DivergenceItem, snapshot: VenueSnapshot, effect: Decimal): ReconcileItem {
  const amount = decimal(item.theirs) - decimal(item.ours) - effect;
  const id = `adjust:cash:${item.symbol}:${snapshot.takenMs}`;
  const why = 'cash moved at the venue without an event that this session has seen';
  if (amount === ZERO) {
    return { ...item, action: 'none', why, next: 'nothing: booking the positions settles it' };
  }
  const currency = item.symbol.split('+')[0]!;
  const booking: Booking = { kind: 'cash', id, currency, amount: format(amount) };
  const next = 'runner reconcile --apply books it as a flow, not as a result';
  return { ...item, action: 'book_cash', why, next, bookings: [booking] };
}

function planProtection(state: State, config: EngineConfig): readonly ReconcileItem[] {
  const items: ReconcileItem[] = [];
  for (const position of state.positions.values()) {
    const lacking = uncoveredQuantity({ state, config }, position);
    if (lacking === ZERO) continue;
    const { symbol, id: ref, quantity, protection } = position;
    const base = { kind: 'protection', symbol, ref } as const;
    const covered = { ours: format(quantity), theirs: format(quantity - lacking) };
    const why = 'less of it is protected at the venue than intent or policy demand';
    const isArmable = protection !== null;
    const next = isArmable
      ? 'nothing: the stop is placed again'
      : 'close it at the exchange, or place a stop there by hand';
    const action = isArmable ? 'rearm_protection' : 'none';
    items.push({ ...base, ...covered, action, why, next });
  }
  return items;
}
