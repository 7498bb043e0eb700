// What must hold at the end of every case of orders, fills and positions, however the exchange
// behaved: nothing was executed twice, nothing is left unknown, and ledger and venue have the same
// orders, trades, payments and positions.
import { type Decimal, ZERO, decimal, isProtectionLeg } from '@strategy-runner/core';
import { expect } from 'vitest';
import { ClientOrderIds } from '../../../adapters/src/venue/ccxt/client-order-id.js';
import type { LiveWorld } from '../../support/live-world.js';

export interface Request {
  readonly endpoint: string;
  readonly params: Readonly<Record<string, string>>;
  readonly http: number;
  readonly code?: number;
}

/** Everything that reached the exchange under an endpoint, in order; refused and dropped too. */
export function requestsTo({ venue }: LiveWorld, endpoint: string): readonly Request[] {
  return venue.truth
    .text()
    .split('\n')
    .filter((line) => line.includes('"kind":"request"'))
    .map((line) => JSON.parse(line) as Request)
    .filter((request) => request.endpoint === endpoint);
}

/** What the exchange answered to each of them: its code, or the HTTP status. */
export function answersTo(world: LiveWorld, endpoint: string): readonly number[] {
  return requestsTo(world, endpoint).map(({ code, http }) => code ?? http);
}

export const heldBy = ({ state }: LiveWorld): readonly bigint[] =>
  [...state.positions.values()].map(({ quantity }) => quantity);

/** The invariants of the failure catalogue. `differences` are those that the case itself makes. */
export async function expectSound(
  world: LiveWorld,
  differences: readonly object[] = [],
): Promise<void> {
  await world.settle();
  const executed = executedByClientId(world);
  const twice = [...executed].filter(([, parts]) => parts.length > 1).map(([id]) => id);
  expect(twice, 'client order ids that were executed twice').toEqual([]);
  expect(await overExecuted(world), 'intents executed for more than was approved').toEqual([]);
  const unknown = [...world.state.orders.values()].filter(({ status }) => status === 'unknown');
  expect(unknown, 'orders of which nobody knows').toEqual([]);
  const found = await world.differences();
  expect(found).toMatchObject(differences);
  expect(found).toHaveLength(differences.length);
}

function executedByClientId({ venue, session }: LiveWorld): ReadonlyMap<string, Decimal[]> {
  const ids = new ClientOrderIds(session.id);
  const executed = new Map<string, Decimal[]>();
  const add = (id: string, quantity: { toFixed(): string }): void => {
    const amount = decimal(quantity.toFixed());
    if (amount !== ZERO && ids.isOfSession(id)) {
      executed.set(id, [...(executed.get(id) ?? []), amount]);
    }
  };
  for (const order of venue.state.orders.values()) add(order.clientOrderId, order.executed);
  for (const order of venue.spot.orders.values()) add(order.clientOrderId, order.executed);
  return executed;
}

// Attempts, fallbacks and top-ups of an intent share what was approved first; a close may take what
// entries have filled after it as well.
async function overExecuted(world: LiveWorld): Promise<readonly string[]> {
  const executed = executedByClientId(world);
  const approved = new Map<string, Decimal>();
  const done = new Map<string, Decimal>();
  const approve = (name: string, more: Decimal): void => {
    approved.set(name, (approved.get(name) ?? ZERO) + more);
  };
  let close = '';
  for (const record of await world.journal()) {
    if (!('type' in record)) continue;
    if (record.type === 'intent_accepted') {
      const { intent_id: id, kind } = record.intent;
      if (kind === 'close') close = `${id} exit`;
      else if (kind === 'open' || kind === 'dca') close = '';
    }
    if (record.type === 'fill' && record.action === 'entry' && close !== '') {
      approve(close, record.quantity);
    }
    if (record.type !== 'order_created' || isProtectionLeg(record.order.leg)) continue;
    const { order } = record;
    const name = `${order.intentId} ${order.action}`;
    if (!done.has(name)) approve(name, order.quantity + (order.rest ?? ZERO));
    const parts = executed.get(world.clientIdOf(order.key)) ?? [];
    const sum = parts.reduce((total, part) => total + part, ZERO);
    done.set(name, (done.get(name) ?? ZERO) + sum);
  }
  return [...done].filter(([name, sum]) => sum > approved.get(name)!).map(([name]) => name);
}

/** The user stream says nothing about orders from now on; everything else goes on. */
export function muteOrders({ venue }: LiveWorld): void {
  for (const name of ['ORDER_TRADE_UPDATE', 'ACCOUNT_UPDATE', 'ALGO_UPDATE']) {
    venue.faults.add({ endpoint: `stream ${name}`, kind: 'drop_frame', times: 0 });
  }
}
