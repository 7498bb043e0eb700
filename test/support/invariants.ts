// What must hold of every live session, whatever the exchange did to it: named, so that a failure
// says which promise was broken. The exchange's own state and log, and the session's journal, are
// the evidence; nothing is taken from the code under test.
import {
  type EngineEvent,
  type EngineRecord,
  type Order,
  ZERO,
  decimal,
  format,
} from '@strategy-runner/core';
import type { LiveWorld } from './live-world.js';

export const INVARIANTS = [
  'client-id-executed-once',
  'same-id-same-body',
  'intent-executed-once',
  'protected',
  'unknowns-resolved',
  'ledger-equals-venue',
  'no-exposure-after-kill',
  'comes-to-rest',
] as const;

export type Invariant = (typeof INVARIANTS)[number];

export interface Violation {
  readonly invariant: Invariant;
  readonly detail: string;
}

/** What was seen while the session ran. */
export interface Watched {
  /** Longest market time that a position lacked its stop at the exchange, ms. */
  readonly uncoveredMs: number;
  readonly uncoveredMaxMs: number;
  /** Undefined = both sides came to rest, flat. */
  readonly unrest?: string | undefined;
}

export async function violationsOf(
  world: LiveWorld,
  watched: Watched,
): Promise<readonly Violation[]> {
  const journal = await world.journal();
  const differences = await world.differences();
  const { uncoveredMs, uncoveredMaxMs, unrest } = watched;
  return [
    ...named('client-id-executed-once', executedTwice(world)),
    ...named('same-id-same-body', changedBodies(journal)),
    ...named('intent-executed-once', overExecuted(world, journal)),
    ...named('protected', [
      ...(uncoveredMs > uncoveredMaxMs ? [`no stop at the venue for ${uncoveredMs} ms`] : []),
      ...longGaps(journal, uncoveredMaxMs),
    ]),
    ...named('unknowns-resolved', unresolved(world)),
    ...named(
      'ledger-equals-venue',
      differences.map((each) => JSON.stringify(each)),
    ),
    ...named('no-exposure-after-kill', exposureAfterKill(journal)),
    ...named('comes-to-rest', unrest === undefined ? [] : [unrest]),
  ];
}

type Entry = EngineEvent | EngineRecord;

function named(invariant: Invariant, details: readonly string[]): readonly Violation[] {
  return details.map((detail) => ({ invariant, detail }));
}

function executedTwice({ venue }: LiveWorld): readonly string[] {
  const executed = [...venue.state.orders.values()].filter((order) => order.executed.gt(0));
  const seen = new Set<string>();
  return executed.flatMap(({ clientOrderId, id }) => {
    const isSecond = seen.has(clientOrderId);
    seen.add(clientOrderId);
    return isSecond ? [`${clientOrderId} again by order ${id}`] : [];
  });
}

interface Sent {
  readonly id: string;
  readonly text: string;
  readonly isReducing: boolean;
}

/** A request that places an order, as the session has written it down before it left. */
function sentIn(entry: Entry): Sent | undefined {
  const isMessage = !('type' in entry) && entry.kind === 'venue_message';
  if (!isMessage || entry.channel !== 'request') return;
  const matched = /^POST \/fapi\/v1\/(?:order|algoOrder)[? ](.*)$/s.exec(entry.body);
  if (matched === null) return;
  const params = new URLSearchParams(matched[1]);
  const id = params.get('newClientOrderId') ?? params.get('clientAlgoId');
  if (id === null) return;
  const [side, held] = [params.get('side'), params.get('positionSide')];
  const isReducing =
    params.get('reduceOnly') === 'true' ||
    (held === 'LONG' && side === 'SELL') ||
    (held === 'SHORT' && side === 'BUY');
  for (const changing of ['timestamp', 'signature', 'recvWindow']) params.delete(changing);
  params.sort();
  return { id, text: params.toString(), isReducing };
}

function changedBodies(journal: readonly Entry[]): readonly string[] {
  const bodies = new Map<string, string>();
  return journal.flatMap((entry) => {
    const sent = sentIn(entry);
    if (sent === undefined) return [];
    const before = bodies.get(sent.id) ?? sent.text;
    bodies.set(sent.id, before);
    return before === sent.text ? [] : [`${before} became ${sent.text}`];
  });
}

function exposureAfterKill(journal: readonly Entry[]): readonly string[] {
  const killed = journal.findIndex(
    (entry) => 'type' in entry && entry.type === 'gate' && entry.gate === 'killed',
  );
  if (killed === -1) return [];
  return journal.slice(killed).flatMap((entry) => {
    const sent = sentIn(entry);
    return sent === undefined || sent.isReducing ? [] : [sent.text];
  });
}

/**
 * What an intent has executed at the exchange, over all of its orders and attempts: an entry no
 * more than its first order asked for, an exit's leg no more than its largest.
 */
function overExecuted(world: LiveWorld, journal: readonly Entry[]): readonly string[] {
  const groups = new Map<string, { allowed: bigint; executed: bigint }>();
  for (const entry of journal) {
    if (!('type' in entry) || entry.type !== 'order_created') continue;
    const { order } = entry;
    const isEntry = order.action === 'entry';
    const name = `${order.intentId}/${isEntry ? 'entry' : order.leg}`;
    const group = groups.get(name) ?? { allowed: order.quantity, executed: ZERO };
    if (!isEntry && order.quantity > group.allowed) group.allowed = order.quantity;
    group.executed += executedOf(world, order);
    groups.set(name, group);
  }
  return [...groups].flatMap(([name, { allowed, executed }]) =>
    executed > allowed ? [`${name} executed ${format(executed)} of ${format(allowed)}`] : [],
  );
}

function executedOf(world: LiveWorld, { key }: Pick<Order, 'key'>): bigint {
  const { state } = world.venue;
  const clientId = world.clientIdOf(key);
  const children = [...state.algos.values()]
    .filter((algo) => algo.clientAlgoId === clientId)
    .map((algo) => algo.actualOrderId);
  let executed = ZERO;
  for (const order of state.orders.values()) {
    const isOf = order.clientOrderId === clientId || children.includes(order.id);
    if (isOf) executed += decimal(order.executed.toFixed());
  }
  return executed;
}

function longGaps(journal: readonly Entry[], maxMs: number): readonly string[] {
  return journal.flatMap((entry) => {
    const isGap = 'type' in entry && entry.type === 'protection_gap';
    if (!isGap || entry.unprotectedMs <= maxMs) return [];
    return [`${entry.positionId} was unprotected for ${entry.unprotectedMs} ms`];
  });
}

function unresolved({ state }: LiveWorld): readonly string[] {
  return [...state.orders.values()]
    .filter(({ status }) => ['created', 'submitted', 'unknown', 'pending_cancel'].includes(status))
    .map(({ key, status }) => `${key} is ${status}`);
}
