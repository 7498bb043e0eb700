// Why a start on an account is refused: orders of somebody else that can open exposure, or, for a
// cold start, an account that is not flat.
import { type ReconcilePlan, type VenuePosition, format } from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';

const SHOWN = 5;

export function untrackedOrders(blocking: ReconcilePlan['items']): RunnerError {
  const shown = blocking.slice(0, SHOWN).map(({ symbol, why }) => `${symbol}: ${why}`);
  const rest = blocking.length > SHOWN ? `; and ${blocking.length - SHOWN} more` : '';
  return new RunnerError({
    code: 'UNTRACKED_ORDER',
    exitCode: EXIT.refused,
    message: `the account holds ${blocking.length} open order(s) that this session does not know`,
    why: `${shown.join('; ')}${rest}`,
    next:
      'cancel them at the exchange, or start again with --on-untracked cancel, or with ' +
      '--on-untracked adopt to make them orders of this session',
    context: { orders: blocking.map(({ ref }) => ref) },
  });
}

/** What an account shows, whoever it belongs to. */
export interface AccountHoldings {
  readonly positions: readonly VenuePosition[];
  readonly orders: readonly { readonly symbol: string | null; readonly venueOrderId: string }[];
}

export function isFlat({ positions, orders }: AccountHoldings): boolean {
  return positions.length === 0 && orders.length === 0;
}

export function notFlat({ positions, orders }: AccountHoldings): RunnerError {
  const held = positions.map(
    ({ symbol, side, quantity }) => `${symbol} ${side} ${format(quantity)}`,
  );
  const open = orders.map(({ symbol, venueOrderId }) => `${symbol ?? ''} order ${venueOrderId}`);
  return new RunnerError({
    code: 'COLD_START_REFUSED',
    exitCode: EXIT.refused,
    message: 'a cold start needs an account without positions and open orders',
    why: `The exchange shows ${[...held, ...open].slice(0, SHOWN).join('; ')}`,
    next: 'leave --start out to go on with the session that they belong to, or close them first',
  });
}
