// Which cause it belongs to where the model says something of an order that live did not hear, or
// live heard something that the model does not say.
import type { FundingPaid, VenueEvent } from '../../events.js';
import type { Channel } from './channels.js';
import type { FillReader } from './fill-reader.js';
import type { LiveRecord } from './live-record.js';
import { Naming, type Refused } from './shock-book.js';
import type { Timelines } from './timeline.js';
import { isAboutOrder } from './unbound.js';

export function keyOf(event: VenueEvent): string | null {
  return event.kind === 'funding_paid' ? null : event.order;
}

/** `unheard`: ids of what live has yet to hear. */
export function suppressedCause(
  event: VenueEvent,
  unheard: ReadonlySet<string>,
  fills: FillReader,
): Channel {
  const key = keyOf(event) ?? '';
  switch (event.kind) {
    case 'funding_paid':
      return 'funding';
    case 'order_accepted':
      return unheard.has(`${key}|order_rejected|0`) ? 'rejected' : 'timing';
    case 'order_ended':
      return fills.hasMore(key) ? 'extra' : 'timing';
    case 'order_rejected':
      return fills.hasMore(key) ? 'extra' : 'rejected';
    case 'order_absent':
      return 'downtime';
    default:
      return 'timing';
  }
}

/** Of an event that is no fill. */
export function injectedCause(event: VenueEvent, fills: FillReader): Channel {
  switch (event.kind) {
    case 'funding_paid':
      return 'funding';
    case 'order_unknown':
    case 'order_absent':
      return 'downtime';
    case 'order_rejected':
      return 'rejected';
    case 'order_ended':
      return fills.endChannel(event.order);
    default:
      return 'timing';
  }
}

const NOT_SUBMITTED = 'NOT_SUBMITTED';

/** Live's rules left nothing that could be submitted. */
const TOO_SMALL: ReadonlySet<string> = new Set([
  NOT_SUBMITTED,
  'BELOW_MIN_QTY',
  'ABOVE_MAX_QTY',
  'BELOW_MIN_NOTIONAL',
  'PARTIAL_CLOSE_DUST',
]);

/** Why live did not submit an order that the model submits. */
export function refusedFor(code = NOT_SUBMITTED): Refused {
  return { code, channel: TOO_SMALL.has(code) ? 'size' : 'rejected' };
}

export function refusal(order: string, code: string, ts: number): VenueEvent {
  const detail = 'live did not submit it';
  return { kind: 'order_rejected', ts, order, code, reason: 'other', detail };
}

/** Whether both say the same of the order, whatever else they tell with it. */
export function isSameWord(a: VenueEvent, b: VenueEvent): boolean {
  if (a.kind === 'order_ended' && b.kind === 'order_ended') {
    return a.status === b.status && a.code === b.code;
  }
  if (a.kind === 'order_rejected' && b.kind === 'order_rejected') {
    return a.code === b.code && a.reason === b.reason && a.marketPrice === b.marketPrice;
  }
  return a.kind === b.kind;
}

/** A payment's name by the row of the schedule that it answers to. */
export function fundingName(event: FundingPaid, { rowOf }: Timelines): string {
  return `funding:${event.symbol}:${event.side}:${rowOf.get(event) ?? event.id}`;
}

/** Ids of everything that live hears of the venue, as the model would name it. */
export function heardIds({ slots }: LiveRecord, timelines: Timelines): Set<string> {
  const naming = new Naming();
  const ids = new Set<string>();
  for (const { events } of slots) {
    for (const { event } of events) {
      if (event.kind === 'funding_paid') ids.add(fundingName(event, timelines));
      else if (isAboutOrder(event)) ids.add(naming.name(event));
    }
  }
  return ids;
}
