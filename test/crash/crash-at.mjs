// Loaded into the session's process before the command (`node --import`). It listens at the two
// doors that everything goes through, the journal's append and the exchange client's requests,
// tells the parent what it sees, and kills its own process at the place that it was armed for. The
// product has no seam for this and does not know of it.
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { Exchange } from '../../node_modules/ccxt/js/src/base/Exchange.js';
import { SqliteStore } from '../../adapters/dist/store/sqlite/sqlite-store.js';
import { ClientOrderIds } from '../../adapters/dist/venue/ccxt/client-order-id.js';
import { RECOVERING } from './places.mjs';

/** Long after a request that nobody answers has left, long before its deadline. */
const UNANSWERED_MS = 250;

const seen = {
  appends: 0,
  isReady: false,
  inFlight: 0,
  /** Client order id → order, of orders made by this process. */
  orders: new Map(),
  /** Keys of orders of which the exchange has said anything. */
  acked: new Set(),
  /** Client order ids of stops that a newer one replaces. */
  superseded: new Set(),
};

let armed = null;

/** The process ends inside this call. */
function die(detail) {
  writeFileSync(process.env.CRASH_HIT_FILE, JSON.stringify({ ...armed, ...detail }));
  process.kill(process.pid, 'SIGKILL');
}

function isArmed(place, variant) {
  return armed?.place === place && (variant === undefined || armed.variant === variant);
}

function tell(message) {
  if (process.connected) process.send({ ...message, inFlight: seen.inFlight });
}

const ACKS = new Set(['order_accepted', 'order_rejected', 'order_ended', 'fill_reported']);

/** What the rows of one commit say about orders; they are looked at before they are committed. */
function factsOf(rows) {
  const facts = { created: [], cancels: [], fills: [], partial: [], barMs: null, isReady: false };
  for (const { kind, payload } of rows) {
    if (kind === 'bar') facts.barMs = JSON.parse(payload).closeMs;
    else if (kind === 'connection') facts.isReady ||= JSON.parse(payload).state === 'ready';
    else if (kind === 'order_created') facts.created.push(JSON.parse(payload).order);
    else if (kind === 'order_moved') noteMove(facts, JSON.parse(payload));
    else if (kind === 'fill') noteFill(facts, JSON.parse(payload));
    else if (ACKS.has(kind)) seen.acked.add(JSON.parse(payload).order);
  }
  return facts;
}

function noteMove(facts, { order: key, status, cancelReason }) {
  if (status === 'pending_cancel') facts.cancels.push({ key, cancelReason });
}

function noteFill(facts, { order: key, isComplete, liquidity }) {
  facts.fills.push({ key });
  if (!isComplete && liquidity === 'maker') facts.partial.push({ key });
}

const ids = (store, orders) => {
  const names = new ClientOrderIds(store.meta.sessionId);
  return orders.map(({ key }) => ({ key, clientId: names.of(key) }));
};

function note(store, facts) {
  const names = new ClientOrderIds(store.meta.sessionId);
  for (const order of facts.created) {
    const { key, leg, attempt } = order;
    seen.orders.set(names.of(key), { key, leg, attempt });
  }
  for (const { key, cancelReason } of facts.cancels) {
    if (cancelReason === 'superseded' && key.includes('/sl/')) seen.superseded.add(names.of(key));
  }
}

const BEFORE = [
  ['before commit', 'order', 'created'],
  ['before commit', 'cancel', 'cancels'],
  ['before commit', 'fill', 'fills'],
  ['partly filled', 'fill uncommitted', 'partial'],
];
const AFTER = [
  ['committed and unsent', 'order', 'created'],
  ['committed and unsent', 'cancel', 'cancels'],
  ['partly filled', 'fill committed', 'partial'],
];

function dieAmong(places, store, rows, facts) {
  for (const [place, variant, what] of places) {
    if (!isArmed(place, variant) || facts[what].length === 0) continue;
    die({ orders: ids(store, facts[what]), firstSeq: rows[0].seq, lastSeq: rows.at(-1).seq });
  }
}

function dieRecovering(moment, rows) {
  if (!isArmed(RECOVERING) || seen.isReady || seen.appends < armed.nth) return;
  // Every other time the rows are lost.
  if (moment !== (armed.nth % 2 === 0 ? 'before' : 'after')) return;
  die({ kinds: rows.map(({ kind }) => kind), firstSeq: rows[0].seq, lastSeq: rows.at(-1).seq });
}

const append = SqliteStore.prototype.append;
SqliteStore.prototype.append = async function appendOrDie(rows) {
  if (rows.length === 0) return append.call(this, rows);
  seen.appends += 1;
  const facts = factsOf(rows);
  dieAmong(BEFORE, this, rows, facts);
  dieRecovering('before', rows);
  await append.call(this, rows);
  note(this, facts);
  dieAmong(AFTER, this, rows, facts);
  dieRecovering('after', rows);
  seen.isReady ||= facts.isReady;
  tell({ barMs: facts.barMs, isReady: seen.isReady, rows: rows.length });
};

const ORDERS = new Set(['/fapi/v1/order', '/fapi/v1/algoOrder']);

function requestOf(url, { method, body }) {
  const { pathname, searchParams } = new URL(url);
  if (!ORDERS.has(pathname) || method === 'GET') return null;
  const params = searchParams.size > 0 ? searchParams : new URLSearchParams(body ?? '');
  const clientId =
    params.get('newClientOrderId') ?? params.get('clientAlgoId') ?? params.get('origClientOrderId');
  const order = seen.orders.get(clientId);
  return { endpoint: `${method} ${pathname}`, clientId, key: order?.key ?? null, order };
}

/** A stop of a leg that had one already. */
function isNewStop({ endpoint, order }) {
  return endpoint === 'POST /fapi/v1/algoOrder' && order?.leg === 'sl' && order.attempt > 1;
}

function isOldStop({ endpoint, clientId }) {
  return endpoint === 'DELETE /fapi/v1/algoOrder' && seen.superseded.has(clientId);
}

const PROTECTION = 'protection being replaced';

function beforeRequest(request) {
  const { endpoint, clientId, key } = request;
  const at = { orders: [{ key, clientId }], endpoint };
  const isPost = endpoint.startsWith('POST');
  if (isPost && isArmed('committed and unsent', 'at the wire')) die(at);
  if (isNewStop(request) && isArmed(PROTECTION, 'new unsent')) die(at);
  if (isOldStop(request) && isArmed(PROTECTION, 'old resting')) die(at);
  const isSilent = endpoint === armed?.silentEndpoint && isArmed(armed.place, 'not executed');
  if (isSilent) setTimeout(() => die(at), UNANSWERED_MS);
}

function afterRequest(request, status) {
  if (status !== 200) return;
  const { endpoint, clientId, key } = request;
  const at = { orders: [{ key, clientId }], endpoint };
  if (isArmed('sent and unacknowledged', 'executed') && endpoint.startsWith('POST')) {
    // Its stream may have been faster than its answer; then it is acknowledged.
    if (key !== null && !seen.acked.has(key)) die(at);
  }
  const isCancel = endpoint === 'DELETE /fapi/v1/order';
  if (isCancel && isArmed('cancel in flight', 'executed')) die(at);
  if (isNewStop(request) && isArmed(PROTECTION, 'new unanswered')) die(at);
  if (isOldStop(request) && isArmed(PROTECTION, 'old unanswered')) die(at);
}

const undiciRequest = Exchange.prototype.undiciRequest;
Exchange.prototype.undiciRequest = async function requestOrDie(url, params) {
  const request = requestOf(url, params);
  if (request !== null) beforeRequest(request);
  seen.inFlight += 1;
  tell({});
  try {
    const answer = await undiciRequest.call(this, url, params);
    if (request !== null) afterRequest(request, answer.status);
    return answer;
  } finally {
    seen.inFlight -= 1;
    tell({});
  }
};

if (isMainThread && process.send !== undefined) {
  armed = JSON.parse(process.env.CRASH_AT ?? 'null');
  process.on('message', (message) => {
    armed = message;
    tell({ armed: true });
  });
  // What the parent may still say does not keep the session alive.
  process.channel.unref();
}
