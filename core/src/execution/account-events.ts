// What only a venue that outlives the process tells: what somebody else did, cash flows, snapshots.
// The rest is journaled as it came; what of it is state, `applyEvent` has taken in.
import { raiseAlert } from '../alert.js';
import type { AccountEvent } from '../events.js';
import { onVenueSnapshot } from '../reconciliation/on-snapshot.js';
import type { Turn } from '../turn.js';
import { onAdopted } from './adopt.js';
import { onCashMoved } from './cash.js';
import { onExternalFill } from './external.js';

export function onAccountEvent(turn: Turn, event: AccountEvent): void {
  switch (event.kind) {
    case 'external_fill':
      return onExternalFill(turn, event);
    case 'cash_moved':
      return onCashMoved(turn, event);
    case 'order_adopted':
      return onAdopted(turn, event);
    case 'venue_snapshot':
      return onVenueSnapshot(turn, event);
    case 'host_alert':
      return raiseAlert(turn, event.code, event.text);
    case 'connection':
    case 'api_error':
    case 'venue_message':
    case 'filters_changed':
    case 'cursor':
    case 'journal_gap':
    case 'readiness':
    case 'drift':
      return undefined;
  }
}
