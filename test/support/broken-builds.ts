// Builds that are broken on purpose, each in the way of a known naive client: a sweep of faults is
// worth what it catches of them. A build lasts until `vi.restoreAllMocks()`.
import { setTimeout as sleep } from 'node:timers/promises';
import { format } from '@strategy-runner/core';
import type { Order as CcxtOrder } from 'ccxt';
import { vi } from 'vitest';
import type { CallResult } from '../../adapters/src/venue/ccxt/exchange-client.js';
import { OrderCalls } from '../../adapters/src/venue/ccxt/order-calls.js';
import { OrderInquiry } from '../../adapters/src/venue/ccxt/order-inquiry.js';
import { OrderProgress } from '../../adapters/src/venue/ccxt/order-progress.js';
import type { TrackedOrder } from '../../adapters/src/venue/ccxt/our-orders.js';

const RETRY_MS = 200;
const RETRIES = 40;

/** An order whose answer was lost is sent again, with its id, without looking for it (C4). */
export function retriesWithoutQuery(): void {
  const create = OrderCalls.prototype.create;
  vi.spyOn(OrderCalls.prototype, 'create').mockImplementation(async function (
    this: OrderCalls,
    ...sent
  ) {
    const first = await create.apply(this, sent);
    const isLost = !first.ok && first.failure.verdict === 'unknown';
    return isLost ? create.apply(this, sent) : first;
  });
}

/** An order that the venue refuses to cancel because it is no more counts as cancelled (C13). */
export function takesRefusedCancelForGone(): void {
  const cancel = OrderCalls.prototype.cancel;
  vi.spyOn(OrderCalls.prototype, 'cancel').mockImplementation(async function (
    this: OrderCalls,
    tracked,
  ) {
    const result = await cancel.call(this, tracked);
    const isGone = !result.ok && result.failure.verdict === 'not_found';
    return isGone && !tracked.isStop ? answered(cancelled(tracked)) : result;
  });
}

/** A fill is what arrives, not what the venue numbers: told again, it counts again (W2). */
export function countsFillsByArrival(): void {
  const trade = OrderProgress.prototype.trade;
  const seen = new Set<string>();
  vi.spyOn(OrderProgress.prototype, 'trade').mockImplementation(function (
    this: OrderProgress,
    tracked,
    told,
    heard,
  ) {
    const tradeId = seen.has(told.tradeId) ? `${told.tradeId}-${seen.size}` : told.tradeId;
    seen.add(tradeId);
    trade.call(this, tracked, { ...told, tradeId }, heard);
  });
}

/** The desk forgets which fills it has told. */
export function forgetsToldFills(): void {
  const trade = OrderProgress.prototype.trade;
  vi.spyOn(OrderProgress.prototype, 'trade').mockImplementation(function (
    this: OrderProgress,
    tracked,
    told,
    heard,
  ) {
    tracked.seenTrades.clear();
    trade.call(this, tracked, told, heard);
  });
}

/** Nobody finds out what became of an order. */
export function neverAsks(): void {
  vi.spyOn(OrderInquiry.prototype, 'start').mockResolvedValue();
  vi.spyOn(OrderInquiry.prototype, 'once').mockResolvedValue({ kind: 'known' });
}

/** What did not arrive is sent again and again, whatever an operator says meanwhile. */
export function retriesPastKill(): void {
  const create = OrderCalls.prototype.create;
  vi.spyOn(OrderCalls.prototype, 'create').mockImplementation(async function (
    this: OrderCalls,
    request,
    options,
  ) {
    // Nor is it asked at the wire whether the order may still leave.
    const deaf = { ...options, heldBy: () => undefined };
    let result = await create.call(this, request, deaf);
    for (let left = RETRIES; left > 0 && !result.ok; left -= 1) {
      await sleep(RETRY_MS);
      result = await create.call(this, request, deaf);
    }
    return result;
  });
}

/** A stop counts as placed although it was never sent. */
export function claimsStopsPlaced(): void {
  const create = OrderCalls.prototype.create;
  let algoId = 1;
  vi.spyOn(OrderCalls.prototype, 'create').mockImplementation(async function (
    this: OrderCalls,
    ...sent
  ) {
    const [{ params, symbol, side, amount }] = sent;
    if (params['stopLossPrice'] === undefined) return create.apply(this, sent);
    algoId += 1;
    return answered({
      algoId: String(algoId),
      clientAlgoId: params['clientOrderId'],
      algoStatus: 'NEW',
      orderType: 'STOP_MARKET',
      symbol: this.market(symbol)!.id,
      side: side.toUpperCase(),
      positionSide: 'BOTH',
      quantity: amount,
      price: '0',
      triggerPrice: params['stopLossPrice'],
      reduceOnly: true,
      actualOrderId: '',
      createTime: 0,
      updateTime: 0,
    });
  });
}

function answered(info: object): CallResult<CcxtOrder> {
  return { ok: true, value: { info } as CcxtOrder, sentMs: 0, ackedMs: 0 };
}

function cancelled({ order, clientOrderId, venueOrderId }: TrackedOrder): object {
  return {
    symbol: order.symbol.replace('/USDT:USDT', 'USDT'),
    orderId: venueOrderId,
    clientOrderId,
    status: 'CANCELED',
    side: order.side.toUpperCase(),
    positionSide: 'BOTH',
    type: 'LIMIT',
    origQty: format(order.quantity),
    executedQty: '0',
    price: '0',
    reduceOnly: order.reduceOnly,
    updateTime: 0,
  };
}
