// The host's envelope: the deterministic id, the identity, the event and the decision price (rules 3-5).
import type { Intent, IntentBody } from '@strategy-runner/contracts';
import type { InstanceConfig } from '../config.js';
import { type Decimal, format } from '../decimal.js';
import type { MergedBody } from '../policy/execution-policy.js';

/**
 * What an intent id says after its trigger key. The id is `<instance>@<trigger key>#<this>.<n>`: no
 * session, run, attempt, hash or wall time in it, so live, backtest and replay give one decision one id.
 */
export function kindAndSide(body: Pick<IntentBody, 'kind'>): string {
  const sided = body as { readonly side?: string; readonly target?: { readonly side?: string } };
  const side = sided.side ?? sided.target?.side;
  return side === undefined ? body.kind : `${body.kind}.${side}`;
}

export interface Stamp {
  readonly instance: InstanceConfig;
  readonly intentId: string;
  readonly asOfMs: number;
  readonly openMs: number | null;
  readonly index: number;
  readonly referencePrice: Decimal;
}

export function stamp({ body, provenance }: MergedBody, by: Stamp): Intent {
  const { instance } = by;
  const bar = {
    timeframe: instance.timeframe,
    open_ms: by.openMs ?? 0,
    close_ms: (by.openMs ?? 0) + instance.timeframeMs,
  };
  return {
    ...body,
    contract: '1.0',
    intent_id: by.intentId,
    strategy: {
      id: instance.strategyId,
      version: instance.strategyVersion,
      instance: instance.id,
    },
    symbol: instance.symbol,
    as_of: {
      time_ms: by.asOfMs,
      ...(by.openMs === null ? {} : { bar }),
      seq: by.index,
    },
    reference_price: format(by.referencePrice),
    provenance,
  } as Intent;
}
