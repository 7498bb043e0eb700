// The admin port: steps the market, sets faults and conditions, shows the log and the truth. It is
// for the person or the test that runs the exchange; clients do not use it.
import { type Amount, amount } from './amount.js';
import { type FaultRule, REQUEST_FAULTS, STREAM_FAULTS } from './faults.js';
import type { FaultBook } from './faults.js';
import { feeCoin } from './fee-coin.js';
import { type ForcedKind, forceClose, settleFunding, transfer } from './forced.js';
import { exchangeSymbol, isSpotSymbol } from './instrument.js';
import { movePrice } from './market-play.js';
import type { Playback } from './playback.js';
import type { RateLimit } from './rate-limit.js';
import type { SpotState } from './spot-state.js';
import { transferSpot } from './spot-trading.js';
import type { StreamHub } from './stream-hub.js';
import { type TruthLog, truthOf } from './truth-log.js';
import { type MarketState, type VenueState, instrumentOf, marketOf } from './venue-state.js';

export interface AdminParts {
  readonly state: VenueState;
  readonly spot: SpotState;
  readonly playback: Playback;
  readonly faults: FaultBook;
  readonly rateLimits: readonly RateLimit[];
  readonly hub: StreamHub;
  readonly truth: TruthLog;
  readonly serverMs: () => number;
  readonly setSkew: (skewMs: number) => void;
}

type Body = Readonly<Record<string, unknown>>;
type Act = (parts: AdminParts, body: Body, query: URLSearchParams) => unknown;

/** What the caller of the admin port got wrong. */
export class AdminError extends Error {
  override readonly name = 'AdminError';
}

const ACTS: Readonly<Record<string, Act>> = {
  'POST /admin/step': step,
  'POST /admin/price': (parts, body) => {
    const { market, symbol } = marketIn(parts, body);
    movePrice(market, symbol, positive(body, 'price'));
    return { symbol, last: marketOf(market, symbol).last.toFixed() };
  },
  'GET /admin/faults': ({ faults }) => faults.list(),
  'POST /admin/faults': ({ faults }, body) => ({ id: faults.add(ruleIn(body)) }),
  'DELETE /admin/faults': ({ faults }, _, query) => {
    const id = query.get('id');
    faults.remove(id === null ? undefined : Number(id));
    return faults.list();
  },
  'GET /admin/log': ({ truth }, _, query) => truth.text(Number(query.get('after') ?? 0)),
  'GET /admin/truth': ({ state, spot }) => truthOf(state, spot),
  'POST /admin/clock': ({ setSkew, serverMs }, body) => {
    setSkew(whole(body, 'skew_ms'));
    return { server_ms: serverMs() };
  },
  'POST /admin/ban': ({ rateLimits, serverMs }, body) => {
    const untilMs = serverMs() + whole(body, 'ms');
    const http = body['http'] === 429 ? 429 : 418;
    for (const rateLimit of rateLimits) rateLimit.ban(http, untilMs);
    return { until_ms: untilMs };
  },
  'POST /admin/stream': stream,
  'POST /admin/funding': ({ state, spot }, body) => {
    settleFunding(state, symbolIn(state, body), signed(body, 'rate'));
    return truthOf(state, spot);
  },
  'POST /admin/transfer': ({ state, spot }, body) => {
    const asset = body['asset'] === undefined ? state.account.asset : text(body, 'asset');
    if (body['wallet'] === 'spot') moveSpot(spot, asset, signed(body, 'amount'));
    else transfer(state, signed(body, 'amount'), asset);
    return truthOf(state, spot);
  },
  'POST /admin/fees': ({ state }, body) => {
    const isOff = body['asset'] === null;
    state.fees.coin = isOff ? undefined : feeCoin(text(body, 'asset'), positive(body, 'price'));
    return { asset: state.fees.coin?.asset ?? null };
  },
  'POST /admin/force-close': ({ state, spot }, body) => {
    const kind = text(body, 'kind');
    if (!['liquidation', 'adl', 'settlement'].includes(kind)) throw wrong('kind');
    forceClose(state, symbolIn(state, body), kind as ForcedKind);
    return truthOf(state, spot);
  },
  'POST /admin/instrument': changeInstrument,
  'POST /admin/liquidity': (parts, body) => {
    const { market, symbol } = marketIn(parts, body);
    const known = marketOf(market, symbol);
    known.liquidity = positive(body, 'quantity');
    movePrice(market, symbol, known.last);
    return { symbol, liquidity: known.liquidity.toFixed() };
  },
};

/** Errors: AdminError with what was wrong. */
export function answerAdmin(parts: AdminParts, endpoint: string, query: string, body: string) {
  const act = ACTS[endpoint];
  if (act === undefined) {
    throw new AdminError(`no ${endpoint}; there are ${Object.keys(ACTS).join(', ')}`);
  }
  return act(parts, parseBody(body), new URLSearchParams(query));
}

function step({ playback, state }: AdminParts, body: Body): object {
  const bars = body['bars'] === undefined ? 0 : whole(body, 'bars');
  const ticks = body['ticks'] === undefined ? (bars > 0 ? 0 : 1) : whole(body, 'ticks');
  let played = 0;
  for (let bar = 0; bar < bars && playback.playBar(); bar++) played += 1;
  let ticked = 0;
  for (let tick = 0; tick < ticks && playback.playTick(); tick++) ticked += 1;
  return { bars: played, ticks: ticked, time_ms: state.nowMs, is_done: playback.isDone };
}

function stream({ hub }: AdminParts, body: Body): object {
  const which = body['which'] === 'all' ? 'all' : 'user';
  const action = text(body, 'action');
  switch (action) {
    case 'close': {
      const code = body['code'] === undefined ? 1006 : whole(body, 'code');
      hub.each(which, (connection) => connection.close(code));
      break;
    }
    case 'stall':
      hub.each(which, (connection) => connection.stall());
      break;
    case 'resume':
      hub.each(which, (connection) => connection.resume());
      break;
    case 'expire_listen_key':
      hub.expireListenKey();
      break;
    case 'end_subscription':
      hub.endSubscriptions();
      break;
    default:
      throw wrong('action');
  }
  return { connections: hub.count };
}

function changeInstrument(parts: AdminParts, body: Body): object {
  const { market, symbol } = marketIn(parts, body);
  const known = instrumentOf(market, symbol);
  const changed = {
    ...known,
    ...(body['max_quantity'] === undefined ? {} : { maxQuantity: positive(body, 'max_quantity') }),
    ...(body['max_market_quantity'] === undefined
      ? {}
      : { maxMarketQuantity: positive(body, 'max_market_quantity') }),
    ...(body['status'] === undefined ? {} : { status: text(body, 'status') }),
    ...(body['tick'] === undefined ? {} : { tick: positive(body, 'tick') }),
    ...(body['step'] === undefined ? {} : { step: positive(body, 'step') }),
    ...(body['min_notional'] === undefined ? {} : { minNotional: positive(body, 'min_notional') }),
  };
  market.instruments.set(symbol, changed);
  return { symbol, status: changed.status, tick: changed.tick.toFixed() };
}

function ruleIn(body: Body): FaultRule {
  const kinds: readonly string[] = [...REQUEST_FAULTS, ...STREAM_FAULTS];
  if (typeof body['endpoint'] !== 'string') throw wrong('endpoint');
  if (!kinds.includes(text(body, 'kind'))) throw wrong(`kind (one of ${kinds.join(', ')})`);
  for (const name of ['nth', 'times', 'http', 'code', 'ms', 'limit']) {
    if (body[name] !== undefined) whole(body, name);
  }
  return body as unknown as FaultRule;
}

function parseBody(body: string): Body {
  if (body === '') return {};
  try {
    const value = JSON.parse(body) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body;
  } catch {
    // Said below, as for any other body that is no object.
  }
  throw new AdminError('the body is not a JSON object');
}

function moveSpot(spot: SpotState, asset: string, change: Amount): void {
  if (spot.wallet.free(asset).plus(change).isNegative()) throw wrong('amount');
  transferSpot(spot, asset, change);
}

/** `BTC/USDT` names the spot market, `BTCUSDT` and `BTC/USDT:USDT` the perpetual. */
function marketIn({ state, spot }: AdminParts, body: Body) {
  const name = text(body, 'symbol');
  const market: MarketState = isSpotSymbol(name) ? spot : state;
  return { market, symbol: instrumentOf(market, exchangeSymbol(name)).symbol };
}

function symbolIn(state: VenueState, body: Body): string {
  return instrumentOf(state, exchangeSymbol(text(body, 'symbol'))).symbol;
}

function text(body: Body, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw wrong(name);
  return value;
}

function whole(body: Body, name: string): number {
  const value = body[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrong(name);
  return value;
}

function positive(body: Body, name: string): Amount {
  const value = text(body, name);
  if (!/^\d+(?:\.\d+)?$/.test(value) || amount(value).isZero()) throw wrong(name);
  return amount(value);
}

function signed(body: Body, name: string): Amount {
  const value = text(body, name);
  if (!/^-?\d+(?:\.\d+)?$/.test(value)) throw wrong(name);
  return amount(value);
}

function wrong(name: string): AdminError {
  return new AdminError(`${name} is missing or not what it must be`);
}
