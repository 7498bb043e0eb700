// What the user stream says about the events of the exchange.
import { ZERO, plain } from './amount.js';
import { averagePrice } from './order.js';
import { unrealizedOf } from './margin.js';
import type { VenueEvent, VenueState } from './venue-state.js';

export interface StreamEvent {
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export function userEvent(state: VenueState, event: VenueEvent): StreamEvent | undefined {
  const times = { E: state.nowMs, T: state.nowMs };
  switch (event.kind) {
    case 'order':
      return named('ORDER_TRADE_UPDATE', { ...times, o: orderFields(event) });
    case 'account':
      return named('ACCOUNT_UPDATE', { ...times, a: accountFields(state, event) });
    case 'algo':
      return named('ALGO_UPDATE', { ...times, o: algoFields(event) });
    case 'leverage': {
      const ac = { s: event.symbol, l: event.leverage };
      return named('ACCOUNT_CONFIG_UPDATE', { ...times, ac });
    }
    default:
      return undefined;
  }
}

function named(name: string, fields: Readonly<Record<string, unknown>>): StreamEvent {
  return { name, payload: { e: name, ...fields } };
}

function orderFields({ order, execution, trade }: Extract<VenueEvent, { kind: 'order' }>) {
  return {
    s: order.symbol,
    c: order.clientOrderId,
    S: order.side,
    o: order.origType === 'LIQUIDATION' ? 'LIQUIDATION' : order.type,
    f: order.timeInForce,
    q: plain(order.quantity),
    p: plain(order.price),
    ap: plain(averagePrice(order)),
    sp: '0',
    x: execution,
    X: order.status,
    i: order.id,
    l: plain(trade?.quantity ?? ZERO),
    z: plain(order.executed),
    L: plain(trade?.price ?? ZERO),
    ...(trade === undefined ? {} : { N: trade.commissionAsset, n: plain(trade.commission) }),
    T: order.updatedMs,
    t: trade?.id ?? 0,
    b: '0',
    a: '0',
    m: trade?.isMaker ?? false,
    R: order.isReduceOnly,
    wt: 'CONTRACT_PRICE',
    ot: order.origType,
    ps: order.positionSide,
    cp: order.isClosePosition ?? false,
    rp: plain(trade?.realizedPnl ?? ZERO),
    pP: false,
    si: 0,
    ss: 0,
    V: 'EXPIRE_MAKER',
    pm: 'NONE',
    gtd: 0,
  };
}

function accountFields(state: VenueState, event: Extract<VenueEvent, { kind: 'account' }>) {
  const { account } = state;
  const { asset = account.asset } = event;
  const wallet = plain(asset === account.asset ? account.wallet : account.coin(asset));
  const change = event.reason === 'ORDER' ? ZERO : event.change;
  // Funding of a cross position comes without the position.
  const positions = event.reason === 'FUNDING_FEE' ? [] : event.positions;
  return {
    m: event.reason,
    B: [{ a: asset, wb: wallet, cw: wallet, bc: plain(change) }],
    P: positions.map((position) => ({
      s: position.symbol,
      pa: plain(position.quantity),
      ep: plain(position.entry, 12),
      bep: plain(position.entry, 12),
      cr: plain(position.realized),
      up: plain(unrealizedOf(state, position)),
      mt: state.account.marginTypeOf(position.symbol) === 'CROSSED' ? 'cross' : 'isolated',
      iw: '0',
      ps: position.side,
    })),
  };
}

function algoFields({ algo }: Extract<VenueEvent, { kind: 'algo' }>) {
  return {
    caid: algo.clientAlgoId,
    aid: algo.algoId,
    at: 'CONDITIONAL',
    o: algo.type,
    s: algo.symbol,
    S: algo.side,
    ps: algo.positionSide,
    f: algo.timeInForce,
    q: plain(algo.quantity),
    X: algo.status,
    // A string here, although orders carry it as a number.
    ai: algo.actualOrderId?.toString() ?? '',
    ap: '0',
    aq: '0',
    act: algo.actualOrderId === undefined ? '0' : algo.type.endsWith('MARKET') ? 'MARKET' : 'LIMIT',
    tp: plain(algo.triggerPrice),
    p: plain(algo.price),
    V: 'EXPIRE_MAKER',
    wt: algo.workingType,
    pm: 'NONE',
    cp: algo.isClosePosition,
    pP: false,
    R: algo.isReduceOnly,
    tt: algo.actualOrderId === undefined ? 0 : algo.updatedMs,
    gtd: 0,
    rm: algo.rejectReason,
  };
}
