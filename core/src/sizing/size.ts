// 5. From a sizing policy to a quantity in base units. Order of resolution (rule 8): mode, the
// intent's max_notional, the host's caps, free balance, and then (order/normalize.ts) lot and
// minimums.
import type { Side, SizingPolicy, SizingSpec } from '@strategy-runner/contracts';
import {
  type Decimal,
  ZERO,
  bps,
  ceilTo,
  decimal,
  divideDown,
  floorTo,
  max,
  min,
  multiply,
} from '../decimal.js';
import { equity, freeBalance } from '../ledger/account.js';
import type { Instrument } from '../market/instrument.js';
import { type Outcome, deny, pass } from '../outcome.js';
import type { Normalization } from '../records.js';
import type { Turn } from '../turn.js';

export interface SizingInput {
  readonly policy: SizingPolicy;
  readonly instrument: Instrument;
  /** Limit, trigger or last price: what a unit is assumed to cost. */
  readonly price: Decimal;
  readonly stopPrice: Decimal | null;
  readonly leverage: Decimal;
  readonly side: Side;
}

export interface Sized {
  readonly quantity: Decimal;
  /** What caps and minimums changed, in their order; lot rounding is noted by normalisation. */
  readonly adjustments: readonly Normalization[];
}

/**
 * Denials: SIZING_NOT_CONFIGURED, STOP_REQUIRED, BELOW_MIN_QTY. Caps that deny are checked in risk.
 */
export function sizeEntry(turn: Turn, input: SizingInput): Outcome<Sized> {
  const policy: SizingSpec =
    typeof input.policy === 'string' ? { mode: 'delegate_notional' } : input.policy;
  const sized = quantityByMode(turn, policy, input);
  if (!sized.ok) return sized;
  const adjustments: Normalization[] = [];
  let quantity = sized.value;
  const change = (to: Decimal, reason: string): void => {
    if (to !== quantity) adjustments.push({ field: 'quantity', from: quantity, to, reason });
    quantity = to;
  };
  if (policy.max_notional !== undefined) {
    change(min(quantity, divideDown(decimal(policy.max_notional), input.price)), 'max_notional');
  }
  if (policy.on_insufficient === 'scale_down') {
    change(min(quantity, largestAllowed(turn, input)), 'scale_down');
  }
  if (policy.on_below_min === 'raise_to_min') {
    const raised = raise(turn, policy, input, quantity);
    if (!raised.ok) return raised;
    change(raised.value, 'raise_to_min');
  }
  return pass({ quantity, adjustments });
}

function quantityByMode(turn: Turn, policy: SizingSpec, input: SizingInput): Outcome<Decimal> {
  switch (policy.mode) {
    case 'qty': {
      const quantity = decimal(policy.qty);
      return pass(
        policy.unit === 'contracts' ? multiply(quantity, input.instrument.contractSize) : quantity,
      );
    }
    case 'quote_notional':
      return pass(divideDown(decimal(policy.amount), input.price));
    case 'equity_fraction':
      return pass(divideDown(bps(basis(turn, policy.basis), policy.fraction_bps), input.price));
    case 'risk_percent':
      return byRisk(turn, policy.risk_bps, basis(turn, policy.basis), input);
    case 'delegate_notional': {
      const configured = turn.config.sizing.delegateNotional;
      if (configured === null) {
        const why = 'the host has no sizing rule; set sizing.delegate_notional in the config';
        return deny('SIZING_NOT_CONFIGURED', '/sizing_policy', why);
      }
      return pass(divideDown(bps(configured, policy.weight_bps ?? 10_000), input.price));
    }
  }
}

/** basis × risk / (|entry − stop| + fees of both sides + assumed slippage at the stop) (rule 9). */
function byRisk(
  turn: Turn,
  riskBps: number,
  capital: Decimal,
  input: SizingInput,
): Outcome<Decimal> {
  if (input.stopPrice === null) {
    return deny('STOP_REQUIRED', '/protection/stop_loss', 'risk_percent needs a stop to size from');
  }
  const { takerFeeBps, slippageBps } = turn.config.costs;
  const isLong = input.side === 'long';
  const distance = isLong ? input.price - input.stopPrice : input.stopPrice - input.price;
  if (distance <= ZERO) {
    const why = 'the stop lies on the wrong side of this entry; no size follows from it';
    return deny('STOP_REQUIRED', '/protection/stop_loss', why, {
      stop: input.stopPrice,
      entry: input.price,
    });
  }
  const fees = bps(input.price + input.stopPrice, takerFeeBps);
  const lossPerUnit = distance + fees + bps(input.stopPrice, slippageBps);
  return pass(divideDown(bps(capital, riskBps), lossPerUnit));
}

function basis(turn: Turn, name: 'equity' | 'free' | 'allocation'): Decimal {
  if (name === 'free') return freeBalance(turn);
  if (name === 'allocation') return turn.config.sizing.allocation ?? max(equity(turn), ZERO);
  return max(equity(turn), ZERO);
}

/** What host caps and free balance allow at this price. */
function largestAllowed(turn: Turn, { price, leverage }: SizingInput): Decimal {
  const { risk, costs } = turn.config;
  const feePerUnit = bps(price, costs.takerFeeBps);
  const marginPerUnit = divideDown(price, leverage) + feePerUnit;
  let quantity = divideDown(freeBalance(turn), marginPerUnit);
  if (risk.maxOrderNotional !== null) {
    quantity = min(quantity, divideDown(risk.maxOrderNotional, price));
  }
  return quantity;
}

// Raising may not break the intent's own cap, the host's, nor the risk that the intent asked for.
function raise(
  turn: Turn,
  policy: SizingSpec,
  input: SizingInput,
  quantity: Decimal,
): Outcome<Decimal> {
  const minimum = smallestTradable(input);
  if (floorTo(quantity, input.instrument.lotSize) >= minimum) return pass(quantity);
  const notional = multiply(minimum, input.price);
  const cap = policy.max_notional === undefined ? null : decimal(policy.max_notional);
  const hostCap = turn.config.risk.maxOrderNotional;
  const breaksCap = (cap !== null && notional > cap) || (hostCap !== null && notional > hostCap);
  if (!breaksCap && policy.mode !== 'risk_percent') return pass(minimum);
  return deny('BELOW_MIN_QTY', '/sizing_policy', 'raising to the minimum would break a cap', {
    quantity,
    min_quantity: minimum,
    notional,
  });
}

// On the lot, and worth the minimum at the entry and at the stop: a stop that cannot execute is
// none.
function smallestTradable({ instrument, price, stopPrice }: SizingInput): Decimal {
  const { minNotional, minQuantity, lotSize } = instrument;
  const worst = stopPrice === null ? price : min(price, stopPrice);
  const byNotional = ceilTo(divideDown(minNotional, worst), lotSize);
  const isShort = multiply(byNotional, worst) < minNotional;
  return max(ceilTo(minQuantity, lotSize), isShort ? byNotional + lotSize : byNotional);
}
