// What a run may need of an exchange, and which exchange has it: shown to work against the local
// exchange with the real client, mapped onto ccxt's unified calls and never tried with real orders,
// or not there. A need that is not there ends a run at its start, not at its first order.
import { EXIT, RunnerError } from '../../errors.js';

export const NEEDS = {
  orders: 'create, cancel, query and list orders',
  order_by_client_id: 'find an order by our own id after a lost answer',
  trades: "read the account's trades",
  balances: 'read balances',
  positions: 'read positions',
  order_stream: 'order updates by stream',
  bar_stream: 'bars by stream',
  bar_history: 'past bars',
  stop_orders: 'stops that rest at the exchange',
  hedge_mode: 'long and short of one symbol at a time',
  leverage: 'set leverage',
  funding: 'funding payments and other cash flows',
} as const;

export type Need = keyof typeof NEEDS;
export type Support = 'proven' | 'mapped' | 'unsupported';

export interface Capabilities {
  readonly exchange: string;
  readonly support: Readonly<Record<Need, Support>>;
  /** The exchange's own name of our order id, and how long it may be. */
  readonly clientOrderId: string;
  readonly note: string;
}

interface Row {
  readonly level: 'proven' | 'mapped';
  readonly without: readonly Need[];
  readonly clientOrderId: string;
  readonly note?: string;
}

const ROWS: Readonly<Record<string, Row>> = {
  binanceusdm: {
    level: 'proven',
    without: [],
    clientOrderId: 'newClientOrderId, stops clientAlgoId (36)',
    note: 'USD-M perpetuals, one-way and hedge mode',
  },
  binance: {
    level: 'proven',
    without: ['positions', 'hedge_mode', 'leverage', 'funding'],
    clientOrderId: 'newClientOrderId (36)',
    note: 'spot only',
  },
  okx: {
    level: 'mapped',
    without: [],
    clientOrderId: 'clOrdId, stops algoClOrdId (32, letters and digits)',
  },
  bitget: { level: 'mapped', without: [], clientOrderId: 'clientOid (64)' },
  kucoinfutures: { level: 'mapped', without: [], clientOrderId: 'clientOid (40)' },
  bybit: {
    level: 'mapped',
    without: ['order_by_client_id'],
    clientOrderId: 'orderLinkId (36)',
    note: 'the unified query takes no client id',
  },
  gate: {
    level: 'mapped',
    without: ['order_by_client_id'],
    clientOrderId: 'text (28, prefix t-)',
    note: 'our id has 30 characters',
  },
  hyperliquid: {
    level: 'mapped',
    without: ['order_by_client_id', 'hedge_mode'],
    clientOrderId: 'cloid (0x and 32 hex digits)',
    note: 'our id is no hex number',
  },
  kraken: {
    level: 'mapped',
    without: ['order_by_client_id', 'hedge_mode', 'leverage'],
    clientOrderId: 'cl_ord_id (18, or a UUID)',
    note: 'the unified query asks by userref, a number',
  },
  krakenfutures: {
    level: 'mapped',
    without: ['order_by_client_id', 'bar_stream', 'hedge_mode'],
    clientOrderId: 'cliOrdId (100)',
    note: 'the unified query takes no client id',
  },
};

export const LISTED_EXCHANGES: readonly string[] = Object.keys(ROWS);

/** Undefined = not in the table: nobody has looked. */
export function capabilitiesOf(exchange: string): Capabilities | undefined {
  const row = Object.hasOwn(ROWS, exchange) ? ROWS[exchange] : undefined;
  if (row === undefined) return undefined;
  const names = Object.keys(NEEDS) as readonly Need[];
  const support = Object.fromEntries(
    names.map((need) => [need, row.without.includes(need) ? 'unsupported' : row.level]),
  ) as Record<Need, Support>;
  return { exchange, support, clientOrderId: row.clientOrderId, note: row.note ?? '' };
}

/** Said before anything else is asked for. Errors: EXCHANGE_UNKNOWN (64). */
export function assertListed(exchange: string): void {
  if (capabilitiesOf(exchange) !== undefined) return;
  throw new RunnerError({
    code: 'EXCHANGE_UNKNOWN',
    exitCode: EXIT.usage,
    message: `there is no exchange ${exchange} here`,
    next: `name one of ${LISTED_EXCHANGES.join(', ')}, or sim to play a file`,
  });
}

/** Errors: CAPABILITY_UNSUPPORTED, which names every need that is missing. */
export function checkNeeds(exchange: string, needs: readonly Need[]): Capabilities {
  const found = capabilitiesOf(exchange);
  if (found === undefined) {
    throw unsupported(exchange, `${exchange} is not in the table of exchanges`, [
      `listed: ${LISTED_EXCHANGES.join(', ')}`,
    ]);
  }
  const missing = needs.filter((need) => found.support[need] === 'unsupported');
  if (missing.length === 0) return found;
  const why = missing.map((need) => `${need} (${NEEDS[need]})`);
  throw unsupported(exchange, `${exchange} lacks ${missing.join(', ')}`, [
    ...why,
    ...(found.note === '' ? [] : [found.note]),
  ]);
}

function unsupported(exchange: string, message: string, why: readonly string[]): RunnerError {
  return new RunnerError({
    code: 'CAPABILITY_UNSUPPORTED',
    message,
    why: `${why.join('; ')}.`,
    next: 'choose an exchange that has it (docs/VENUES.md), or a strategy that does without',
    exitCode: EXIT.configuration,
    context: { exchange },
  });
}
