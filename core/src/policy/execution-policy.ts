// Merges the plugin's declared defaults and the host's into an intent, and keeps where each field
// came from (R21): the stored intent is explicit, and nobody has to guess who chose the order
// style.
import type { ExecutionPolicy, IntentBody } from '@strategy-runner/contracts';

export type FieldOrigin = 'intent' | 'execution_policy' | 'host_default';

/** What has to be added to a body, and where each of its mergeable fields came from. */
export interface Merge {
  readonly additions: Readonly<Record<string, unknown>>;
  readonly provenance: Readonly<Record<string, FieldOrigin>>;
  readonly usesPolicy: boolean;
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

// A merge depends on the policy, the kind and which fields are given: few combinations, each made
// once.
const known = new WeakMap<ExecutionPolicy, Map<string, Merge>>();

export function mergeExecution(given: IntentBody, policy: ExecutionPolicy): Merge {
  let merges = known.get(policy);
  if (merges === undefined) {
    merges = new Map();
    known.set(policy, merges);
  }
  const body = given as unknown as Readonly<Record<string, unknown>>;
  let mask = 0;
  for (let i = 0; i < FIELDS.length; i += 1) if (body[FIELDS[i]!] !== undefined) mask |= 1 << i;
  const key = given.kind + mask;
  let merge = merges.get(key);
  if (merge === undefined) {
    merge = makeMerge(given.kind, body, policy);
    merges.set(key, merge);
  }
  return merge;
}

function makeMerge(
  kind: IntentBody['kind'],
  body: Readonly<Record<string, unknown>>,
  policy: ExecutionPolicy,
): Merge {
  const declared = policy[kind] as Readonly<Record<string, unknown>> | undefined;
  const defaults = HOST_DEFAULTS[kind];
  const additions: Record<string, unknown> = {};
  const provenance: Record<string, FieldOrigin> = {};
  for (const field of FIELDS) {
    if (body[field] !== undefined) provenance[field] = 'intent';
    else if (declared?.[field] !== undefined) {
      additions[field] = declared[field];
      provenance[field] = 'execution_policy';
    } else if (defaults?.[field] !== undefined) {
      additions[field] = defaults[field];
      provenance[field] = 'host_default';
    }
  }
  const usesPolicy = Object.values(provenance).includes('execution_policy');
  return { additions, provenance: Object.freeze(provenance), usesPolicy };
}
