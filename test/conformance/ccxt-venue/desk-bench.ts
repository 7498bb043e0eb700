// An order desk on the real client at a local exchange, with a ledger that only counts the fills
// that the desk has told. What the exchange did is read from its own books.
import type { Side } from '@strategy-runner/contracts';
import type { AccountEvent, EngineEvent, Order, VenueEvent } from '@strategy-runner/core';
import { decimal, format } from '@strategy-runner/core';
import type { CcxtClient } from '../../../adapters/src/venue/ccxt/client.js';
import { createClient } from '../../../adapters/src/venue/ccxt/create-client.js';
import type { OrderDeskParts } from '../../../adapters/src/venue/ccxt/desk-parts.js';
import { OrderDesk } from '../../../adapters/src/venue/ccxt/order-desk.js';
import type { FaultRule } from '../../../adapters/src/venue-server/faults.js';
import type { RunningVenue } from '../../../adapters/src/venue-server/start-venue.js';
import { SYMBOL, aSymbol, aVenue, admin } from '../ccxt-client.js';

export type DeskEvent = VenueEvent | AccountEvent;
export type EventOf<Kind extends EngineEvent['kind']> = Extract<DeskEvent, { kind: Kind }>;

/** What follows from the tries that are shown, and not from what they say of themselves. */
const QUIET = ['venue_message', 'api_error', 'cursor'];

export const FAST = {
  absenceWindowMs: 400,
  retryFirstMs: 20,
  retryGraceMs: 60,
  retryMaxMs: 100,
  heldMs: 100,
  settleMs: 10,
} as const;

export interface Bench {
  readonly venue: RunningVenue;
  readonly client: CcxtClient;
  readonly desk: OrderDesk;
  readonly events: readonly DeskEvent[];
  /** Events of orders, account and connection, without the raw messages. */
  told(order?: Order): readonly string[];
  of<Kind extends DeskEvent['kind']>(kind: Kind): readonly EventOf<Kind>[];
  fault(rule: FaultRule): Promise<unknown>;
  /** Signed position by the fills that were told. */
  held(symbol: string, side: Side | null): bigint;
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly venue?: RunningVenue;
  readonly callDeadlineMs?: number;
  readonly hasStream?: boolean;
  readonly isHedged?: boolean;
  readonly sessionId?: string;
  readonly exchange?: 'binanceusdm' | 'binance';
  readonly parts?: Partial<OrderDeskParts>;
}

export async function aBench(options: BenchOptions = {}): Promise<Bench> {
  const venue = options.venue ?? (await aVenue({ symbols: [aSymbol(CLOSES)] }));
  const events: DeskEvent[] = [];
  const emit = (event: DeskEvent): void => void events.push(event);
  const client = await createClient({
    account: {
      exchange: options.exchange ?? 'binanceusdm',
      rest_url: venue.url,
      stream_url: venue.url.replace('http', 'ws'),
      call_deadline_ms: options.callDeadlineMs ?? 10_000,
      recv_window_ms: 5000,
      reconcile_interval_ms: 30_000,
      outage_kill_after_ms: null,
    },
    credentials: venue.credentials,
    emit,
  });
  await connect(client);
  const held = (symbol: string, side: Side | null): bigint => heldIn(events, orders, symbol, side);
  const orders = new Map<string, Order>();
  const desk = new OrderDesk({
    client,
    emit,
    sessionId: options.sessionId ?? 'session-1',
    symbols: [SYMBOL],
    recvWindowMs: 5000,
    wallMs: () => Date.now(),
    isHedged: () => options.isHedged === true,
    quote: () => ({ bid: decimal('49999.9'), ask: decimal('50000.1'), atMs: Date.now() }),
    held,
    limits: FAST,
    ...options.parts,
  });
  const submit = desk.submit.bind(desk);
  desk.submit = (order) => {
    orders.set(order.key, order);
    submit(order);
  };
  desk.onConnection('ready');
  client.onRaw((raw) => desk.onUserMessage(raw));
  if (options.hasStream !== false) await openStream(client, venue);
  const close = async (): Promise<void> => {
    await desk.stop();
    await client.close();
    if (options.venue === undefined) await venue.stop();
  };
  return {
    venue,
    client,
    desk,
    events,
    told: (order) => toldOf(events, order),
    of: <Kind extends DeskEvent['kind']>(kind: Kind) =>
      events.filter((event): event is EventOf<Kind> => event.kind === kind),
    fault: (rule) => admin(venue, 'POST', 'faults', rule),
    held,
    close,
  };
}

export const CLOSES = ['50000', '50100', '49900', '50000', '50000', '49000', '49000', '49000'];

function toldOf(events: readonly DeskEvent[], order?: Order): readonly string[] {
  const told: string[] = [];
  let filled = 0n;
  for (const event of events) {
    if (QUIET.includes(event.kind)) continue;
    if (order !== undefined && (!('order' in event) || event.order !== order.key)) continue;
    // A fill may come in several prints: neighbours count as one.
    const isMore = event.kind === 'fill_reported' && filled > 0n;
    if (isMore) told.pop();
    filled = event.kind === 'fill_reported' ? filled + event.quantity : 0n;
    told.push(filled > 0n ? `fill ${format(filled)}` : describeEvent(event));
  }
  return told;
}

function describeEvent(event: DeskEvent): string {
  switch (event.kind) {
    case 'order_ended': {
      const filled = event.filled === undefined ? '' : ` ${format(event.filled)}`;
      return `${event.status}${filled}${event.code === '' ? '' : ` ${event.code}`}`;
    }
    case 'order_rejected':
      return `rejected ${event.code}`;
    case 'external_fill':
      return `external ${event.cause} ${event.side} ${format(event.quantity)}`;
    default:
      return event.kind.replace('order_', '');
  }
}

function heldIn(
  events: readonly DeskEvent[],
  orders: ReadonlyMap<string, Order>,
  symbol: string,
  side: Side | null,
): bigint {
  let held = 0n;
  for (const event of events) {
    const fill = event.kind === 'fill_reported' || event.kind === 'external_fill';
    if (!fill) continue;
    const about = event.kind === 'fill_reported' ? orders.get(event.order) : event;
    if (about?.symbol !== symbol) continue;
    const signed = about.side === 'buy' ? event.quantity : -event.quantity;
    if (side === null) held += signed;
    else if (about.positionSide === side) held += side === 'long' ? signed : -signed;
  }
  return held;
}

/** A short deadline is the test's, and may be too short for the first reading of the markets. */
async function connect(client: CcxtClient): Promise<void> {
  let detail = '';
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const connected = await client.connect();
    if (connected.ok) return;
    ({ detail } = connected.failure);
  }
  throw new Error(detail);
}

async function openStream(client: CcxtClient, venue: RunningVenue): Promise<void> {
  void keep(client);
  const until = Date.now() + 5000;
  while (venue.hub.count === 0) {
    if (Date.now() > until) throw new Error('the user stream did not open');
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

async function keep(client: CcxtClient): Promise<void> {
  const exchange = client.exchange as unknown as { watchOrders(): Promise<unknown> };
  try {
    for (;;) await exchange.watchOrders();
  } catch {
    // Closed by the test.
  }
}
