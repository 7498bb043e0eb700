// Whether a session really died where it was to die: what the preload wrote in its last moment,
// held against the journal that it left and the truth of the exchange, before anything else
// happens.
import { join } from 'node:path';
import { readdirSync } from 'node:fs';
import { SqliteStore } from '../../adapters/dist/store/sqlite/sqlite-store.js';
import { RECOVERING } from './places.mjs';

const OPEN = new Set(['NEW', 'PARTIALLY_FILLED']);

export function sessionIdOf(folder) {
  return readdirSync(join(folder, 'sessions'))[0];
}

export async function withStore(folder, work) {
  const path = join(folder, 'sessions', sessionIdOf(folder), 'session.sqlite');
  const store = await SqliteStore.openReader(path);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Why it counts as no hit; null = it was hit. */
export async function missOf({ place, variant }, hit, { folder, exchange, requestsBefore }) {
  if (hit === null) return 'it died of something else';
  if (hit.place !== place) return `it died at ${hit.place}`;
  const head = (await withStore(folder, (store) => store.head()))?.seq ?? 0;
  const truth = await exchange.truth();
  const asked = (await exchange.requests()).slice(requestsBefore);
  const look = { hit, variant, head, truth, asked, orders: hit.orders ?? [] };
  return EVIDENCE[place](look);
}

const EVIDENCE = {
  'before commit': ({ hit, head }) => said(head < hit.firstSeq, 'the rows are in the journal'),
  'committed and unsent': (look) => {
    const { hit, variant, head } = look;
    if (hit.lastSeq !== undefined && head < hit.lastSeq) return 'the rows are not in the journal';
    const method = variant === 'cancel' ? 'DELETE' : 'POST';
    return said(!wasAsked(look, method), 'the request has reached the exchange');
  },
  'sent and unacknowledged': (look) => {
    if (!wasAsked(look, 'POST')) return 'the request has not reached the exchange';
    const isThere = ordersOf(look).length > 0;
    return said(isThere === (look.variant === 'executed'), `at the exchange: ${isThere}`);
  },
  'partly filled': (look) => {
    const { hit, head, variant } = look;
    const isCommitted = head >= hit.lastSeq;
    if (isCommitted !== (variant === 'fill committed')) return `committed: ${isCommitted}`;
    const isPart = ordersOf(look).some(({ status }) => status === 'PARTIALLY_FILLED');
    return said(isPart, 'no such order is filled in part at the exchange');
  },
  'cancel in flight': (look) => {
    if (!wasAsked(look, 'DELETE')) return 'the request has not reached the exchange';
    const isOpen = ordersOf(look).some(({ status }) => OPEN.has(status));
    return said(isOpen === (look.variant === 'not executed'), `open at the exchange: ${isOpen}`);
  },
  'protection being replaced': (look) => {
    const { truth, variant } = look;
    if (truth.positions.length === 0) return 'there is no position';
    const stops = truth.algo_orders.filter(({ algoStatus }) => algoStatus === 'NEW');
    const expected = STOPS[variant];
    return said(stops.length === expected, `${stops.length} stops rest instead of ${expected}`);
  },
  [RECOVERING]: ({ hit, head }) => {
    const isCommitted = head >= hit.lastSeq;
    return said(isCommitted === (hit.nth % 2 === 1), `committed: ${isCommitted}`);
  },
};

/** Stops that rest while one takes the other's place. */
const STOPS = { 'new unsent': 1, 'new unanswered': 2, 'old resting': 2, 'old unanswered': 1 };

const said = (isSo, otherwise) => (isSo ? null : otherwise);

function wasAsked({ asked, orders }, method) {
  const names = new Set(orders.map(({ clientId }) => clientId));
  return asked.some(({ endpoint, params }) => {
    const { newClientOrderId, clientAlgoId, origClientOrderId } = params;
    const name = newClientOrderId ?? clientAlgoId ?? origClientOrderId;
    return endpoint.startsWith(method) && names.has(name);
  });
}

/** Of the orders that the hit is about: those that the exchange has. */
function ordersOf({ truth, orders }) {
  const names = new Set(orders.map(({ clientId }) => clientId));
  return [
    ...truth.orders.filter(({ clientOrderId }) => names.has(clientOrderId)),
    ...truth.algo_orders
      .filter(({ clientAlgoId }) => names.has(clientAlgoId))
      .map(({ algoStatus }) => ({ status: algoStatus })),
  ];
}
