// What must hold after a kill and a restart, from both sides: nothing lost, nothing twice, the
// position protected, the journal sound. Each check answers what is wrong; an empty list is good.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { decimal, format } from '@strategy-runner/core';
import { ClientOrderIds } from '../../adapters/dist/venue/ccxt/client-order-id.js';
import { sessionIdOf, withStore } from './evidence.mjs';
import { BIN } from './exchange.mjs';

/** Proof of absence takes five seconds, a lost answer four, a slow machine the rest. */
const LIMIT_MS = 90_000;
/** Slow enough that a look may find everything at rest. */
const LOOKS_PER_TICK = 4;
const ZERO = 0n;

export function runner(folder, args) {
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

/**
 * Looks until nothing is wrong, or answers what stays wrong. What waits for market time gets it, a
 * tick at a time.
 */
export async function problemsOf(world) {
  const endMs = Date.now() + LIMIT_MS;
  for (let look = 1; ; look += 1) {
    const problems = [...(await accountProblems(world)), ...(await commandProblems(world))];
    if (problems.length === 0 || Date.now() > endMs || world.session.isDead) return problems;
    if (look % LOOKS_PER_TICK === 0) await world.tick();
    await sleep(300);
  }
}

async function accountProblems({ folder, exchange }) {
  const rows = await withStore(folder, (store) => store.rows('orders'));
  const truth = await exchange.truth();
  const names = new ClientOrderIds(sessionIdOf(folder));
  const orders = rows.map((row) => ({ ...row, clientId: names.of(row.order_key) }));
  return [
    ...twiceByClientId(truth),
    ...twiceByIntent(orders, truth),
    ...undecided(orders),
    ...unprotected(truth),
  ];
}

/** No client order id is executed twice. */
function twiceByClientId({ orders }) {
  const executed = orders.filter(({ executedQty }) => decimal(executedQty) > ZERO);
  const names = executed.map(({ clientOrderId }) => clientOrderId);
  const twice = names.filter((name, place) => names.indexOf(name) !== place);
  return twice.map((name) => `client order id ${name} was executed twice`);
}

const ONCE = new Set(['entry', 'exit']);

/** No intent is executed twice: all attempts of a leg together never exceed what was ordered. */
function twiceByIntent(orders, truth) {
  const executed = new Map(truth.orders.map((order) => [order.clientOrderId, order.executedQty]));
  const legs = new Map();
  for (const { intent_id, leg, quantity, clientId } of orders) {
    if (!ONCE.has(leg)) continue;
    const name = `${intent_id}/${leg}`;
    const { ordered = ZERO, done = ZERO } = legs.get(name) ?? {};
    const wanted = decimal(quantity);
    legs.set(name, {
      ordered: wanted > ordered ? wanted : ordered,
      done: done + decimal(executed.get(clientId) ?? '0'),
    });
  }
  return [...legs]
    .filter(([, { ordered, done }]) => done > ordered)
    .map(([name, { ordered, done }]) => {
      return `${name}: ${format(done)} executed of ${format(ordered)} ordered`;
    });
}

const UNDECIDED = new Set(['created', 'submitted', 'unknown', 'pending_cancel']);

/** Nothing is lost: of every order it is known what became of it. */
function undecided(orders) {
  return orders
    .filter(({ status }) => UNDECIDED.has(status))
    .map(({ order_key, status }) => `order ${order_key} is ${status}`);
}

/** Every position has resting stops for all of it, on the side that closes it. */
function unprotected({ positions, algo_orders }) {
  return positions.flatMap(({ symbol, position_side, quantity }) => {
    const held = decimal(quantity);
    const closing = held > ZERO ? 'SELL' : 'BUY';
    const stops = algo_orders.filter(
      ({ algoStatus, side, positionSide }) =>
        algoStatus === 'NEW' && side === closing && positionSide === position_side,
    );
    const covered = stops.reduce((sum, stop) => sum + decimal(stop.quantity), ZERO);
    const size = held < ZERO ? -held : held;
    if (covered >= size) return [];
    return [`${symbol} ${quantity} is protected for ${format(covered)} only`];
  });
}

/** Both sides equal as sets, and the journal sound, as the commands say it. */
async function commandProblems({ folder, exchange }) {
  const id = sessionIdOf(folder);
  const diff = ['venue', 'diff', '--session', id, '--truth', exchange.url];
  return [...(await failing(folder, diff)), ...(await failing(folder, ['journal', 'verify', id]))];
}

export async function failing(folder, args) {
  const { status, stdout, stderr } = await runner(folder, args);
  if (status === 0) return [];
  return [`runner ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`];
}
