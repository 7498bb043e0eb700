// The simulated venue alone: orders go in by hand, what it tells comes out as lines that a test can
// read.
import {
  type FillReported,
  type FundingRow,
  type LegShock,
  type Order,
  SimVenue,
  type SlippageModel,
  type VenueEvent,
  decimal,
  format,
  multiply,
  roundCash,
} from '@strategy-runner/core';
import { MINUTE_MS, START_MS, SYMBOL, anInstrument } from '../../../support/world.js';

export interface VenueOptions {
  readonly takerFeeBps?: string;
  readonly makerFeeBps?: string;
  readonly slippageBps?: string;
  readonly slippageModel?: SlippageModel;
  readonly fillOnTouch?: boolean;
  readonly volumeShareBps?: number;
  readonly shocks?: Readonly<Record<string, LegShock>>;
  readonly tick?: string;
  readonly lot?: string;
  /** Makes the instrument a spot one that is paid for with this cash. */
  readonly cash?: string;
}

/** Prices and quantities as decimal strings. */
export interface OrderOptions {
  readonly name?: string;
  readonly leg?: string;
  readonly type?: Order['type'];
  readonly positionSide?: Order['positionSide'];
  readonly action?: Order['action'];
  readonly quantity?: string;
  readonly price?: string;
  readonly stop?: string;
  readonly timeInForce?: Order['timeInForce'];
  readonly postOnly?: boolean;
  /** Sent by the host in reaction to the venue. */
  readonly isFollowUp?: boolean;
}

export function anOrder(options: OrderOptions = {}): Order {
  const { name = 'a', leg = 'entry', action = 'entry', positionSide = 'long' } = options;
  return {
    intentId: name,
    leg,
    attempt: 1,
    instance: `${SYMBOL}:sample`,
    symbol: SYMBOL,
    positionSide,
    action,
    type: options.type ?? 'market',
    quantity: decimal(options.quantity ?? '1'),
    price: options.price === undefined ? null : decimal(options.price),
    stopPrice: options.stop === undefined ? null : decimal(options.stop),
    timeInForce: options.timeInForce ?? 'GTC',
    postOnly: options.postOnly ?? false,
    leverage: decimal('1'),
    referencePrice: decimal('100'),
    key: name,
    side: (positionSide === 'long') === (action === 'entry') ? 'buy' : 'sell',
    reduceOnly: action === 'exit',
    isFollowUp: options.isFollowUp ?? false,
    positionId: `pos:${positionSide}`,
    createdMs: START_MS,
    status: 'created',
    isTriggered: false,
    venueOrderId: null,
    filled: 0n,
    filledNotional: 0n,
    tradeIds: [],
    acceptedMs: null,
    cancelReason: null,
  };
}

export class Desk {
  readonly venue: SimVenue;
  /** What was told last, whole. */
  events: VenueEvent[] = [];
  #openMs = START_MS;
  #cash: bigint;

  constructor(options: VenueOptions = {}) {
    const steps = { tick_size: options.tick ?? '0.1', lot_size: options.lot ?? '0.001' };
    const filters = options.cash === undefined ? steps : { ...steps, market: 'spot' as const };
    this.#cash = decimal(options.cash ?? '0');
    this.venue = new SimVenue({
      instruments: new Map([[SYMBOL, anInstrument(filters)]]),
      costs: {
        takerFeeBps: decimal(options.takerFeeBps ?? '0'),
        makerFeeBps: decimal(options.makerFeeBps ?? '0'),
        slippageBps: decimal(options.slippageBps ?? '0'),
        ...(options.slippageModel && { slippageModel: options.slippageModel }),
      },
      fillOnTouch: options.fillOnTouch ?? false,
      volumeShareBps: options.volumeShareBps ?? null,
      shocks: new Map(Object.entries(options.shocks ?? {})),
      ...(options.cash === undefined ? {} : { cash: () => this.#cash }),
    });
  }

  /** Submits and forgets the acknowledgement. */
  place(...orders: readonly OrderOptions[]): this {
    for (const order of orders) this.venue.submit(anOrder(order));
    this.#drain();
    return this;
  }

  /** A position of that size, bought or sold at this bar's open. */
  holding(side: Order['positionSide'], quantity: string, price: number): this {
    this.place({ name: 'held', positionSide: side, quantity });
    this.bar(price);
    return this;
  }

  cancel(name: string): readonly string[] {
    this.venue.cancel(name);
    return this.#drain();
  }

  query(name: string): readonly string[] {
    this.venue.query(name);
    return this.#drain();
  }

  /** Steps a bar and answers what the venue told, a line each. `react` is called for each event. */
  bar(
    open: number,
    high = open,
    low = open,
    close = open,
    more: {
      readonly volume?: number;
      readonly funding?: readonly FundingRow[];
      readonly react?: (event: VenueEvent, venue: SimVenue) => void;
    } = {},
  ): readonly string[] {
    const openMs = this.#openMs;
    this.#openMs += MINUTE_MS;
    const row = { openMs, closeMs: this.#openMs, open, high, low, close };
    this.venue.beginBar(SYMBOL, { ...row, volume: more.volume ?? 1000 }, more.funding ?? []);
    return this.#drain(more.react);
  }

  get cash(): string {
    return format(this.#cash);
  }

  #pay({ price, quantity, fee }: FillReported): void {
    this.#cash -= roundCash(multiply(price, quantity)) + fee;
  }

  #drain(react?: (event: VenueEvent, venue: SimVenue) => void): readonly string[] {
    this.events = [];
    for (let event = this.venue.next(); event !== undefined; event = this.venue.next()) {
      this.events.push(event);
      if (event.kind === 'fill_reported') this.#pay(event);
      react?.(event, this.venue);
    }
    return this.events.map(line);
  }
}

function line(event: VenueEvent): string {
  switch (event.kind) {
    case 'fill_reported':
      return `${event.order} ${format(event.quantity)} @ ${format(event.price)} ${event.liquidity}`;
    case 'order_rejected':
    case 'order_ended':
      return `${event.order} ${'status' in event ? event.status : 'rejected'} ${event.code}`.trim();
    case 'funding_paid':
      return `funding ${event.side} ${format(event.amount)}`;
    default:
      return `${event.order} ${event.kind.replace('order_', '')}`;
  }
}
