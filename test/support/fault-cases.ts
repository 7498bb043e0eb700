// Every way in which the local exchange can misbehave, as a table: each fault of a request on the
// endpoints of orders, of stops and of readings; each fault of a stream on each kind of event; and
// the conditions of an exchange that are no single request's.
import type { FaultRule } from '../../adapters/src/venue-server/faults.js';
import { REQUEST_FAULTS, STREAM_FAULTS } from '../../adapters/src/venue-server/faults.js';
import { forceClose, settleFunding, transfer } from '../../adapters/src/venue-server/forced.js';
import { amount } from '../../adapters/src/venue-server/amount.js';
import { closeSide, openLong, quantity, stopAt } from './bodies.js';
import type { FaultCase, FaultSession } from './fault-session.js';
import { FAULT_BAR } from './fault-strategy.js';
import type { OnBar } from './world-strategy.js';

const ENDPOINTS = {
  orders: ['POST /fapi/v1/order', 'DELETE /fapi/v1/order', 'GET /fapi/v1/order'],
  stops: ['POST /fapi/v1/algoOrder', 'DELETE /fapi/v1/algoOrder', 'GET /fapi/v1/algoOrder'],
  readings: [
    'GET /fapi/v1/openOrders',
    'GET /fapi/v1/openAlgoOrders',
    'GET /fapi/v1/userTrades',
    'GET /fapi/v3/positionRisk',
    'GET /fapi/v3/account',
    'GET /fapi/v1/income',
    'POST /fapi/v1/listenKey',
  ],
} as const;

type Group = keyof typeof ENDPOINTS;
type Variant = Omit<FaultRule, 'endpoint'>;

/** What a kind needs beside its name; several are tried one after the other. */
const VARIANTS: Partial<Record<FaultRule['kind'], readonly Omit<Variant, 'kind'>[]>> = {
  delay: [{ ms: 400 }, { ms: 1800 }],
  html: [{}, { http: 502 }],
  reject: [
    { http: 400, code: -1000 },
    { http: 503, code: -1001 },
    { http: 503, code: -1001, executes: true },
    { http: 408, code: -1007, executes: true },
    { http: 503, code: -1008 },
    { http: 400, code: -1021 },
    { http: 400, code: -2019 },
    { http: 400, code: -4116 },
  ],
  delay_frame: [{ ms: 300 }, { ms: 2000 }],
};

function variantsOf(kind: FaultRule['kind']): readonly Variant[] {
  return (VARIANTS[kind] ?? [{}]).map((variant) => ({ kind, ...variant }));
}

function words({ kind, http, code, executes, ms }: Variant): string {
  const more = [http, code, executes === true ? 'executed' : undefined, ms];
  return [kind, ...more.filter((word) => word !== undefined)].join(' ');
}

export const REQUEST_CASES: readonly FaultCase[] = REQUEST_FAULTS.flatMap(variantsOf).flatMap(
  (variant) =>
    (Object.keys(ENDPOINTS) as Group[]).map((group): FaultCase => {
      const isSlow = /silent|stall|delay/.test(variant.kind);
      const times = group === 'readings' && isSlow ? 1 : 2;
      return {
        name: `${words(variant)} on ${group}`,
        rules: ENDPOINTS[group].map((endpoint) => ({ endpoint, times, ...variant })),
        // Most readings are made after a loss only.
        ...(group === 'readings' ? { begin: closeStreams('user', 1006) } : {}),
      };
    }),
);

const EVENTS = ['ORDER_TRADE_UPDATE', 'ACCOUNT_UPDATE', 'ALGO_UPDATE', 'kline', '*'] as const;

export const STREAM_CASES: readonly FaultCase[] = STREAM_FAULTS.flatMap(variantsOf).flatMap(
  (variant) =>
    EVENTS.map((event): FaultCase => {
      const rule = { endpoint: `stream ${event}`, times: 0, ...variant };
      return { name: `${words(variant)} of ${event}`, rules: [rule] };
    }),
);

const SYMBOL = 'BTCUSDT';

function closeStreams(which: 'user' | 'all', code: number) {
  return ({ venue }: FaultSession): void => venue.hub.each(which, (each) => each.close(code));
}

function stalled(which: 'user' | 'all'): Omit<FaultCase, 'name'> {
  return {
    begin: ({ venue }) => venue.hub.each(which, (each) => each.stall()),
    end: ({ venue }) => venue.hub.each('all', (each) => each.resume()),
  };
}

function changed(now: object, before: object): Omit<FaultCase, 'name'> {
  return {
    begin: (session) => session.admin('instrument', { symbol: SYMBOL, ...now }),
    end: (session) => session.admin('instrument', { symbol: SYMBOL, ...before }),
  };
}

function skewed(ms: number): Omit<FaultCase, 'name'> {
  return {
    begin: (session) => session.admin('clock', { skew_ms: ms }),
    end: (session) => session.admin('clock', { skew_ms: 0 }),
  };
}

function everywhere(kind: FaultRule['kind'], chance: number): Omit<FaultCase, 'name'> {
  const endpoints = ['GET /fapi/*', 'POST /fapi/*', 'DELETE /fapi/*'];
  return { rules: endpoints.map((endpoint) => ({ endpoint, kind, times: 0, chance })) };
}

export const CONDITION_CASES: readonly FaultCase[] = [
  { name: 'user stream closed (1006)', begin: closeStreams('user', 1006) },
  { name: 'user stream closed (1008)', begin: closeStreams('user', 1008) },
  { name: 'all streams closed (1006)', begin: closeStreams('all', 1006) },
  { name: 'user stream stalled', ...stalled('user') },
  { name: 'all streams stalled', ...stalled('all') },
  { name: 'listen key expired', begin: ({ venue }) => venue.hub.expireListenKey() },
  { name: 'rate limited (429)', begin: (session) => session.admin('ban', { http: 429, ms: 1500 }) },
  { name: 'banned (418)', begin: (session) => session.admin('ban', { http: 418, ms: 1500 }) },
  { name: 'clock of the venue ahead', ...skewed(20_000) },
  { name: 'clock of the venue behind', ...skewed(-20_000) },
  ...(['liquidation', 'adl', 'settlement'] as const).map((kind) => ({
    name: `closed by force (${kind})`,
    begin: ({ venue }: FaultSession) => forceClose(venue.state, SYMBOL, kind),
  })),
  { name: 'coarser tick and lot', ...changed({ tick: '1', step: '0.01' }, {}) },
  { name: 'market halted', ...changed({ status: 'HALT' }, { status: 'TRADING' }) },
  { name: 'funding', begin: ({ venue }) => settleFunding(venue.state, SYMBOL, amount('0.001')) },
  { name: 'withdrawal', begin: ({ venue }) => transfer(venue.state, amount('-1000')) },
  { name: 'a quarter of all requests dropped before', ...everywhere('drop_before', 0.25) },
  { name: 'a quarter of all answers dropped', ...everywhere('drop_after', 0.25) },
  { name: 'a quarter of all answers truncated', ...everywhere('truncate', 0.25) },
];

/** Opens as soon as the fault is there, and whenever it holds nothing from then on. */
const opensAgain: OnBar = (_bar, { positions: [held] }, index) => {
  if (index < FAULT_BAR) return undefined;
  if (index >= 15) return held === undefined ? undefined : closeSide(held.side, { target: {} });
  const protection = { place: 'exchange_required', ...stopAt('45000') };
  return held === undefined ? openLong({ sizing_policy: quantity('0.2'), protection }) : undefined;
};

/** An operator kills the session while the outcome of entries is in doubt. */
export const KILL_CASES: readonly FaultCase[] = (
  [
    { kind: 'drop_before' },
    { kind: 'drop_after' },
    { kind: 'silent_before' },
    { kind: 'reject', http: 503, code: -1008 },
    { kind: 'reject', http: 400, code: -1021 },
  ] as const
).map((variant): FaultCase => {
  const rules = ENDPOINTS.orders.map((endpoint) => ({ endpoint, ...variant, times: 3 }));
  const name = `killed under ${words(variant)} on orders`;
  return { name, rules, isKilled: true, strategy: opensAgain };
});
