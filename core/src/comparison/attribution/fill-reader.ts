// Holds live's fills against the model's, order by order: which fill of the model each one answers
// to, and what price, fee and share it had beside it. Pieces beyond the model's last fill answer
// to that one.
import { type Decimal, ZERO } from '../../decimal.js';
import type { FillReported, FundingPaid } from '../../events.js';
import { feeOf } from '../../simulation/costs.js';
import type { Channel } from './channels.js';
import { lateTerms, termsOf } from './late-terms.js';
import type { LiveRecord } from './live-record.js';
import type { Arrival, Piece, ShockBook } from './shock-book.js';
import type { WorldParts } from './steered-world.js';

interface OrderFills {
  /** Live's, of the whole session. */
  readonly count: number;
  readonly total: Decimal;
  delivered: number;
  quantity: Decimal;
  readonly model: { readonly event: FillReported; readonly slot: number }[];
}

export interface Observed extends Arrival {
  readonly slot: number;
  /** Open of the bar that it falls into. */
  readonly market: number;
  readonly isInPlace: boolean;
  readonly isAway: boolean;
}

export class FillReader {
  readonly #parts: WorldParts;
  readonly #live: LiveRecord;
  readonly #book: ShockBook;
  readonly #orders = new Map<string, OrderFills>();
  readonly #fundingModelled = new Map<string, { amount: Decimal; quantity: Decimal }>();

  constructor(parts: WorldParts, live: LiveRecord, book: ShockBook) {
    this.#parts = parts;
    this.#live = live;
    this.#book = book;
    for (const { events } of live.slots) {
      for (const { event } of events) {
        if (event.kind !== 'fill_reported') continue;
        const { count = 0, total = ZERO } = this.#orders.get(event.order) ?? {};
        this.#orders.set(event.order, fillsOf(count + 1, total + event.quantity));
      }
    }
  }

  #of(key: string): OrderFills {
    let fills = this.#orders.get(key);
    if (fills === undefined) {
      fills = fillsOf(0, ZERO);
      this.#orders.set(key, fills);
    }
    return fills;
  }

  modelled(event: FillReported, slot: number): void {
    this.#of(event.order).model.push({ event, slot });
  }

  /** The fill of the model that live's next one answers to. */
  answeredBy(key: string, isModelWorking: boolean): number | undefined {
    const { model, delivered } = this.#of(key);
    if (model.length > delivered) return delivered;
    return isModelWorking || model.length === 0 ? undefined : model.length - 1;
  }

  isNeverFilled(key: string): boolean {
    return this.#of(key).count === 0;
  }

  hasMore(key: string): boolean {
    const { count, delivered } = this.#of(key);
    return count > delivered;
  }

  /** Under which cause an order's end falls that the model does not have. */
  endChannel(key: string): Channel {
    const { model, count } = this.#of(key);
    if (model.length === 0) return count > 0 ? 'extra' : 'rejected';
    return count === 0 ? 'missed' : 'partial';
  }

  piece(event: FillReported, of: number, at: Observed): void {
    const fills = this.#of(event.order);
    const { event: modelled, slot } = fills.model[of]!;
    const { slot: seenIn, market, isInPlace, isAway, ...arrival } = at;
    const delay = seenIn - slot;
    const order = this.#live.orders.get(event.order)!;
    const { costs } = this.#parts.sim;
    const instrument = this.#parts.config.instruments.get(order.symbol)!;
    const late = () => lateTerms(order, modelled.liquidity, market, costs, instrument);
    const terms = delay === 0 ? termsOf(modelled) : late();
    const modelFee = feeOf(costs, event.price, event.quantity, terms.liquidity);
    const piece: Piece = {
      ...arrival,
      of,
      channel: isAway ? 'downtime' : 'timing',
      delay,
      isInPlace,
      deltaTs: isInPlace ? event.ts - modelled.ts : 0,
      event,
      isLast: fills.quantity + event.quantity >= order.quantity,
      deltaPrice: event.price - terms.price,
      deltaBase: event.basePrice === null ? null : event.basePrice - terms.base,
      deltaFee: event.feeCurrency === instrument.settle ? event.fee - modelFee : null,
    };
    const shocks = this.#book.of(event.order);
    shocks.quantity = order.quantity;
    shocks.pieces.push(piece);
    this.#noteChannels(piece, terms.liquidity);
  }

  #noteChannels(piece: Piece, liquidity: 'maker' | 'taker'): void {
    const { channels } = this.#book;
    if (!piece.isInPlace || piece.deltaTs !== 0) channels.add(piece.channel);
    if (piece.deltaPrice !== ZERO || piece.deltaBase !== ZERO) channels.add('price');
    if (piece.deltaFee !== ZERO || piece.event.liquidity !== liquidity) channels.add('fee');
  }

  delivered(event: FillReported): void {
    const fills = this.#of(event.order);
    fills.delivered += 1;
    fills.quantity += event.quantity;
  }

  fundingModelled(id: string, event: FundingPaid, quantity: Decimal): void {
    this.#fundingModelled.set(id, { amount: event.amount, quantity });
  }

  funding(id: string, event: FundingPaid): void {
    const modelled = this.#fundingModelled.get(id);
    if (modelled === undefined) return;
    const delta = event.amount - modelled.amount;
    if (delta === ZERO) return;
    this.#book.funding.set(id, { delta, quantity: modelled.quantity });
    this.#book.channels.add('funding');
  }

  /** Shares are known when all fills are: what live filled of an order that the model fills. */
  finish(): void {
    for (const [key, { model }] of this.#orders) {
      const { pieces } = this.#book.orders.get(key) ?? { pieces: [] };
      if (pieces.length === 0) continue;
      const isShort = model.some(({ event }, n) => {
        const answers = pieces.filter(({ of }) => of === n);
        return answers.reduce((sum, one) => sum + one.event.quantity, ZERO) !== event.quantity;
      });
      if (isShort) this.#book.channels.add('partial');
    }
  }
}

function fillsOf(count: number, total: Decimal): OrderFills {
  return { count, total, delivered: 0, quantity: ZERO, model: [] };
}
