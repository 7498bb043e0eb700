// The refusal of a start on an account that holds orders of somebody else which can open exposure.
import type { ReconcilePlan } from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';

const SHOWN = 5;

export function untrackedOrders({ items }: ReconcilePlan): RunnerError {
  const blocking = items.filter(({ action }) => action === 'block');
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
