// Which cause an event belongs to that is about no order. What is neither a cause nor an effect,
// such as raw messages and readings of the account that found nothing, has none.
import type { EngineEvent, VenueEvent } from '../../events.js';
import type { Channel } from './channels.js';
import type { SlotEvent } from './live-record.js';

/** `flow`: cash that came or went, no result, and told to the backtest as well. */
export type Cause = Channel | 'flow';

export function unboundChannel({ event, holds }: SlotEvent): Cause | null {
  switch (event.kind) {
    case 'external_fill':
    case 'order_adopted':
      return 'extra';
    case 'cash_moved':
      return 'flow';
    case 'filters_changed':
      return 'size';
    case 'timer_fired':
      return 'timing';
    case 'run_started':
    case 'connection':
    case 'command':
      return 'downtime';
    case 'venue_snapshot':
      return holds.length === 0 ? null : 'downtime';
    default:
      return null;
  }
}

const ABOUT_ORDERS: ReadonlySet<EngineEvent['kind']> = new Set([
  'order_accepted',
  'order_rejected',
  'order_unknown',
  'order_absent',
  'order_triggered',
  'order_ended',
  'cancel_rejected',
  'fill_reported',
] as const);

export function isAboutOrder(
  event: EngineEvent,
): event is Exclude<VenueEvent, { readonly kind: 'funding_paid' }> {
  return ABOUT_ORDERS.has(event.kind);
}
