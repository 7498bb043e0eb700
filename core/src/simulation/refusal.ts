// What the simulated venue refuses: what a shock says live was refused, and what is too large.
import { format } from '../decimal.js';
import type { OrderRejected } from '../events.js';
import type { Instrument } from '../market/instrument.js';
import { maximumOf } from '../order/maximum.js';
import type { Order } from '../order/order.js';
import type { LegShock } from './shocks.js';

export type Refusal = Pick<OrderRejected, 'code' | 'reason' | 'detail'>;

export function refusalOf(
  { symbol, type, quantity }: Order,
  shock: LegShock | undefined,
  instruments: ReadonlyMap<string, Instrument>,
): Refusal | undefined {
  if (shock?.rejected !== undefined) return { ...shock.rejected, detail: 'refused by the venue' };
  const maximum = maximumOf(instruments.get(symbol)!, type);
  if (maximum === null || quantity <= maximum) return undefined;
  const detail = `quantity ${format(quantity)}, max ${format(maximum)}`;
  return { code: 'VENUE_REJECTED', reason: 'other', detail };
}
