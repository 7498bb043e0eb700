// Cash that comes and goes for no trade: deposits, withdrawals, transfers. It moves the account and
// is no result: neither profit nor the loss of a day (U2).
import { type Decimal, ZERO } from '../decimal.js';
import type { CashMoved } from '../events.js';
import { recall } from '../state/recent.js';
import type { Turn } from '../turn.js';
import { isAccountCurrency } from './fees.js';

export function onCashMoved(turn: Turn, event: CashMoved): void {
  const { id, currency, amount, cause } = event;
  if (recall(turn.state.cashMoveIds, id) !== undefined) return;
  const cash = isAccountCurrency(turn, currency) ? amount : ZERO;
  turn.emit({ type: 'cash_moved', ts: turn.now, id, currency, amount, cash, cause });
}

export interface Flow {
  readonly id: string;
  readonly currency: string;
  readonly cash: Decimal;
  readonly cause: string;
}

/** A flow in the account's own currency. */
export function bookFlow(turn: Turn, { id, currency, cash, cause }: Flow): void {
  turn.emit({ type: 'cash_moved', ts: turn.now, id, currency, amount: cash, cash, cause });
}
