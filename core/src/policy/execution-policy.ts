// Merges the plugin's declared defaults and the host's into an intent, and keeps where each field came
// from (R21): the stored intent is explicit, and nobody has to guess who chose the order style.
import type { ExecutionPolicy, IntentBody } from '@strategy-runner/contracts';

export type FieldOrigin = 'intent' | 'execution_policy' | 'host_default';

export interface MergedBody {
  readonly body: IntentBody;
  readonly provenance: Readonly<Record<string, FieldOrigin>>;
}

/** Fields that the policy may fill, with the host's own default where there is one. */
const FIELDS = [
  'order',
  'fallback',
  'retry',
  'partial_fill',
  'expires',
  'on_dust',
  'protection',
] as const;

const HOST_DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  open: { fallback: { mode: 'none' }, partial_fill: { policy: 'keep' } },
  dca: { fallback: { mode: 'none' }, partial_fill: { policy: 'keep' } },
  close: { fallback: { mode: 'none' } },
  partial_close: { fallback: { mode: 'none' }, on_dust: 'reject' },
};

export function mergeExecution(given: IntentBody, policy: ExecutionPolicy): MergedBody {
  const defaults = HOST_DEFAULTS[given.kind];
  const declared = policy[given.kind] as Readonly<Record<string, unknown>> | undefined;
  const body: Record<string, unknown> = { ...given };
  const provenance: Record<string, FieldOrigin> = {};
  for (const field of FIELDS) {
    if (body[field] !== undefined) provenance[field] = 'intent';
    else if (declared?.[field] !== undefined) {
      body[field] = declared[field];
      provenance[field] = 'execution_policy';
    } else if (defaults?.[field] !== undefined) {
      body[field] = defaults[field];
      provenance[field] = 'host_default';
    }
  }
  if (body['sizing_policy'] === 'delegate_notional') {
    body['sizing_policy'] = { mode: 'delegate_notional' };
  }
  return { body: body as unknown as IntentBody, provenance };
}
