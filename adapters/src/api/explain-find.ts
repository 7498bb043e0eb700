// What an id stands for in a session, and which intents, orders and journal rows belong to it. The
// tables for people say where to look; what is told is read from the journal.
import { ClientOrderIds } from '../venue/ccxt/client-order-id.js';
import type { SessionLookup } from '../store/sqlite/session-lookup.js';
import type { ProjectionRow } from '../store/sqlite/projection-tables.js';

export type ExplainedKind = 'intent' | 'order' | 'fill' | 'position';

/** Something that was asked about, and all that belongs to its story. */
export interface Found {
  readonly kind: ExplainedKind;
  /** As the engine has it: order key, intent id, position id; of a fill its trade id. */
  readonly id: string;
  /** Intents whose decision is told, in order. */
  readonly intentIds: readonly string[];
  readonly positionId: string | null;
  /** As far as the tables know no later row belongs to it; its turn is read to the end. */
  readonly lastSeq: number;
  /** The position is over, and so is every intent. */
  readonly isOver: boolean;
}

export async function findInSession(
  lookup: SessionLookup,
  sessionId: string,
  id: string,
): Promise<Found | undefined> {
  const intents = await lookup.rowsWith('intents', 'intent_id', id);
  if (intents.length > 0) {
    const positionId = intents.map(({ position_id }) => textOf(position_id)).find(Boolean) ?? null;
    return completed(lookup, { kind: 'intent', id, intentIds: [id], positionId });
  }
  const order = await orderOf(lookup, sessionId, id);
  if (order !== undefined) return completed(lookup, { kind: 'order', ...partsOf(order) });
  const [fill] = await lookup.rowsWith('fills', 'trade_id', id);
  if (fill !== undefined) {
    const intentIds = [String(fill.intent_id)];
    const positionId = textOf(fill.position_id) || null;
    return completed(lookup, { kind: 'fill', id, intentIds, positionId });
  }
  const [position] = await lookup.rowsWith('positions', 'position_id', id);
  if (position === undefined) return undefined;
  const intentIds = await intentsOf(lookup, position);
  return completed(lookup, { kind: 'position', id, intentIds, positionId: id });
}

type OrderRow = ProjectionRow<'orders'>;

async function orderOf(
  lookup: SessionLookup,
  sessionId: string,
  id: string,
): Promise<OrderRow | undefined> {
  const [byKey] = await lookup.rowsWith('orders', 'order_key', id);
  if (byKey !== undefined) return byKey;
  const [byVenue] = await lookup.rowsWith('orders', 'venue_order_id', id);
  if (byVenue !== undefined) return byVenue;
  // An order that became another one has had another id before.
  const [event] = await lookup.rowsWith('orderEvents', 'venue_order_id', id);
  const key = event?.order_key ?? (await keyOfClientId(lookup, sessionId, id));
  if (key === undefined) return undefined;
  return (await lookup.rowsWith('orders', 'order_key', key))[0];
}

// A client order id is made of the key and cannot be taken apart: the keys are tried.
async function keyOfClientId(
  lookup: SessionLookup,
  sessionId: string,
  id: string,
): Promise<string | undefined> {
  const ids = new ClientOrderIds(sessionId);
  if (!ids.isOfSession(id)) return undefined;
  for await (const key of lookup.valuesOf('orders', 'order_key')) {
    if (ids.of(key) === id) return key;
  }
  return undefined;
}

function partsOf(order: OrderRow) {
  return {
    id: String(order.order_key),
    intentIds: [String(order.intent_id)],
    positionId: textOf(order.position_id) || null,
  };
}

/** Every intent that traded or was meant to trade the position. */
async function intentsOf(
  lookup: SessionLookup,
  position: ProjectionRow<'positions'>,
): Promise<readonly string[]> {
  const id = String(position.position_id);
  const rows = [
    ...(await lookup.rowsWith('intents', 'position_id', id)),
    ...(await lookup.rowsWith('orders', 'position_id', id)),
    ...(await lookup.rowsWith('fills', 'position_id', id)),
  ];
  const first = new Map<string, number>();
  for (const { intent_id, seq } of rows) {
    const intent = String(intent_id);
    first.set(intent, Math.min(first.get(intent) ?? Infinity, Number(seq)));
  }
  return [...first].sort(([, a], [, b]) => a - b).map(([intent]) => intent);
}

async function completed(
  lookup: SessionLookup,
  found: Omit<Found, 'lastSeq' | 'isOver'>,
): Promise<Found> {
  const { intentIds, positionId } = found;
  let lastSeq = 0;
  let isOver = true;
  for (const intentId of intentIds) {
    for (const { seq, done_ms, status } of await lookup.rowsWith(
      'intents',
      'intent_id',
      intentId,
    )) {
      lastSeq = Math.max(lastSeq, Number(seq));
      isOver &&= done_ms !== null || status === 'denied';
    }
    for (const order of await lookup.rowsWith('orders', 'intent_id', intentId)) {
      lastSeq = Math.max(lastSeq, await lastOf(lookup, order));
      isOver &&= order.ended_ms !== null;
    }
  }
  if (positionId !== null) {
    const [position] = await lookup.rowsWith('positions', 'position_id', positionId);
    isOver &&= position === undefined || position.status === 'closed';
    const sums = [
      await lookup.lastSeqWith('fills', 'position_id', positionId),
      await lookup.lastSeqWith('funding', 'position_id', positionId),
    ];
    lastSeq = Math.max(lastSeq, ...sums);
  }
  return { ...found, lastSeq, isOver };
}

function lastOf(lookup: SessionLookup, { order_key }: OrderRow): Promise<number> {
  return lookup.lastSeqWith('orderEvents', 'order_key', order_key);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

const NEAR_MAX = 3;
const LOOKED_AT_MAX = 4000;

/** Ids that hold what was typed, latest first, and others for whoever looks for the nearest. */
export async function idsLike(
  lookup: SessionLookup,
  typed: string,
): Promise<{ readonly holding: readonly string[]; readonly others: readonly string[] }> {
  const holding: string[] = [];
  const others: string[] = [];
  const sources = [
    lookup.valuesOf('intents', 'intent_id'),
    lookup.valuesOf('orders', 'order_key'),
    lookup.valuesOf('fills', 'trade_id'),
    lookup.valuesOf('positions', 'position_id'),
  ];
  for (const source of sources) {
    let count = 0;
    for await (const id of source) {
      if (holding.length < NEAR_MAX && id.includes(typed)) holding.push(id);
      if (count < LOOKED_AT_MAX / sources.length) others.push(id);
      count += 1;
      if (count >= LOOKED_AT_MAX) break;
    }
  }
  return { holding, others };
}
