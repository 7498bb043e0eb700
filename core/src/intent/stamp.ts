// The host's envelope: the deterministic id, the identity, the event and the decision price (rules
// 3-5).
import type { Intent, IntentBody } from '@strategy-runner/contracts';
import type { InstanceConfig } from '../config.js';
import { type Decimal, format } from '../decimal.js';
import type { Merge } from '../policy/execution-policy.js';
import { isLasting } from './capture.js';

/**
 * What an intent id says after its trigger key. The id is `<instance>@<trigger key>#<this>.<n>`: no
 * session, run, attempt, hash or wall time in it, so live, backtest and replay give one decision
 * one id.
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

/**
 * The body with its defaults under the host's envelope; what the host stamps outranks what was
 * said.
 */
export function stamp(given: IntentBody, merge: Merge, by: Stamp): Intent {
  if (!isLasting(given)) return stampAnew(given, merge, by);
  const { instance, intentId } = by;
  const last = lastOf.get(given);
  if (last !== undefined && last.instance === instance && last.merge === merge) {
    const reference = given.reference_price ?? format(by.referencePrice);
    return { ...last.intent, intent_id: intentId, as_of: asOf(by), reference_price: reference };
  }
  const intent = stampAnew(given, merge, by);
  lastOf.set(given, { instance, merge, intent });
  return intent;
}

interface Stamped {
  readonly instance: InstanceConfig;
  readonly merge: Merge;
  readonly intent: Intent;
}

// Said again, a body that lasts makes the same intent but for its name, its event and its price.
const lastOf = new WeakMap<IntentBody, Stamped>();

function stampAnew(given: IntentBody, merge: Merge, by: Stamp): Intent {
  const { instance } = by;
  const intent: Record<string, unknown> = {
    kind: given.kind,
    contract: '1.0',
    intent_id: by.intentId,
    strategy: strategyOf(instance),
    symbol: instance.symbol,
    as_of: asOf(by),
    reference_price: given.reference_price ?? format(by.referencePrice),
    provenance: merge.provenance,
  };
  const body = given as unknown as Readonly<Record<string, unknown>>;
  for (const field in body) if (intent[field] === undefined) intent[field] = body[field];
  for (const field in merge.additions) intent[field] = merge.additions[field];
  if (intent['sizing_policy'] === 'delegate_notional') intent['sizing_policy'] = DELEGATE;
  return intent as unknown as Intent;
}

const DELEGATE = Object.freeze({ mode: 'delegate_notional' });

function asOf({ instance, asOfMs, openMs, index }: Stamp): Intent['as_of'] {
  if (openMs === null) return { time_ms: asOfMs, seq: index };
  const { timeframe, timeframeMs } = instance;
  const bar = { timeframe, open_ms: openMs, close_ms: openMs + timeframeMs };
  return { time_ms: asOfMs, bar, seq: index };
}

const identities = new WeakMap<InstanceConfig, Intent['strategy']>();

function strategyOf(instance: InstanceConfig): Intent['strategy'] {
  let identity = identities.get(instance);
  if (identity === undefined) {
    const { strategyId: id, strategyVersion: version } = instance;
    identity = Object.freeze({ id, version, instance: instance.id });
    identities.set(instance, identity);
  }
  return identity;
}
