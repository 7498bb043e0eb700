// What the spot user stream says about the events of the exchange.
import { ZERO, plain } from './amount.js';
import type { SpotEvent, SpotState } from './spot-state.js';
import type { StreamEvent } from './stream-event.js';

export function spotUserEvent(state: SpotState, event: SpotEvent): StreamEvent | undefined {
  const { nowMs } = state;
  switch (event.kind) {
    case 'order':
      return named('executionReport', nowMs, reportFields(event));
    case 'account':
      return named('outboundAccountPosition', nowMs, {
        u: nowMs,
        B: event.assets.map((asset) => ({
          a: asset,
          f: plain(state.wallet.free(asset)),
          l: plain(state.wallet.locked(asset)),
        })),
      });
    case 'transfer': {
      const { asset, amount, timeMs } = event.transfer;
      return named('balanceUpdate', nowMs, { a: asset, d: plain(amount), T: timeMs });
    }
    default:
      return undefined;
  }
}

/** Events of an account come wrapped in the id of their subscription. */
export function wrapped(event: object): Readonly<Record<string, unknown>> {
  return { subscriptionId: 0, event };
}

function named(
  name: string,
  nowMs: number,
  fields: Readonly<Record<string, unknown>>,
): StreamEvent {
  return { name, payload: wrapped({ e: name, E: nowMs, ...fields }) };
}

function reportFields(event: Extract<SpotEvent, { kind: 'order' }>) {
  const { order, execution, trade, cancelId } = event;
  return {
    s: order.symbol,
    // A cancel comes under its own id, and the order's moves to `C`.
    c: cancelId ?? order.clientOrderId,
    S: order.side,
    o: order.type,
    f: order.timeInForce,
    q: plain(order.quantity),
    p: plain(order.price),
    P: plain(order.stopPrice),
    F: '0',
    g: -1,
    C: cancelId === undefined ? '' : order.clientOrderId,
    x: execution,
    X: order.status,
    r: 'NONE',
    i: order.id,
    l: plain(trade?.quantity ?? ZERO),
    z: plain(order.executed),
    L: plain(trade?.price ?? ZERO),
    n: plain(trade?.commission ?? ZERO),
    N: trade?.commissionAsset ?? null,
    T: order.updatedMs,
    t: trade?.id ?? -1,
    w: order.isWorking,
    m: trade?.isMaker ?? false,
    M: false,
    O: order.createdMs,
    Z: plain(order.quote),
    Y: plain(trade?.quoteQuantity ?? ZERO),
    Q: plain(order.quoteQuantity),
    W: order.isWorking ? order.createdMs : -1,
    V: 'EXPIRE_MAKER',
  };
}
