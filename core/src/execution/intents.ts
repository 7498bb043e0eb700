// 3-7 for one answer: schema, order of the batch, policy, then what each kind does.
import type { Intent, IntentBody } from '@strategy-runner/contracts';
import type { InstanceConfig } from '../config.js';
import { type Placed, inActingOrder, isOutranked } from '../intent/batch.js';
import { contentKey, idempotencyName } from '../intent/content.js';
import { kindAndSide, stamp } from '../intent/stamp.js';
import type { Valid } from '../intent/stages.js';
import { validate } from '../intent/validate.js';
import { type Denial, type Outcome, deny, pass } from '../outcome.js';
import { checkCapability } from '../policy/capability.js';
import { type Merge, mergeExecution } from '../policy/execution-policy.js';
import { acceptedBarOf, deadlineOf, isOver } from '../policy/expiry.js';
import { fallbackPaths } from '../policy/fallbacks.js';
import { checkEntryGates } from '../policy/gates.js';
import { recall } from '../state/recent.js';
import { notifyIntent } from '../strategy/notify.js';
import { type Turn, instrumentOf, lastPrice } from '../turn.js';
import { act } from './act.js';
import { denied, kindOf } from './denied.js';

/** The question that the bodies answer. */
export interface Asked {
  readonly instance: InstanceConfig;
  readonly trigger: string;
  readonly asOfMs: number;
  /** Open time of the bar that was asked about, or null for another hook. */
  readonly barOpenMs: number | null;
}

export function takeBodies(turn: Turn, asked: Asked, bodies: readonly unknown[]): void {
  const { maxIntentsPerAnswer } = turn.config.policy;
  const instance = asked.instance.id;
  if (bodies.length > maxIntentsPerAnswer) {
    const intentId = `${instance}@${asked.trigger}#batch.1`;
    const denial = deny(
      'BATCH_TOO_LARGE',
      '',
      'one answer holds too many intents; none was taken',
      {
        intents: bodies.length,
        max: maxIntentsPerAnswer,
      },
    );
    denied(turn, { intentId, instance, body: null }, denial);
    return;
  }
  const placed: Placed[] = [];
  // One answer mostly holds one intent, and one needs no counting.
  const ordinals = bodies.length === 1 ? null : new Map<string, number>();
  for (let index = 0; index < bodies.length; index += 1) {
    const body = bodies[index];
    const valid = validateCompleted(body, asked.instance);
    const named = valid.ok ? valid.value : sidedBody(body);
    const intentId = nameOf(asked, kindAndSide(named), ordinals);
    if (valid.ok) placed.push({ body: valid.value, index, intentId });
    else denied(turn, { intentId, instance, body }, valid);
  }
  const ordered = inActingOrder(placed);
  for (const one of ordered) takeOne(turn, asked, one, ordered);
}

// The schema holds an intent as it will be stored: a stop from the plugin's execution policy is
// enough for a size that needs one. What is wrong by itself is told in its own words.
function validateCompleted(
  body: unknown,
  { execution }: InstanceConfig,
): Outcome<Valid<IntentBody>> {
  const valid = validate(body);
  if (valid.ok || !Object.hasOwn(execution, kindOf(body))) return valid;
  const given = body as Valid<IntentBody>;
  const { additions } = mergeExecution(given, execution);
  return validate({ ...given, ...additions }).ok ? pass(given) : valid;
}

// The ordinal counts kind and side in the order of the answer, not in the order of acting.
function nameOf(asked: Asked, what: string, ordinals: Map<string, number> | null): string {
  const ordinal = (ordinals?.get(what) ?? 0) + 1;
  ordinals?.set(what, ordinal);
  return `${asked.instance.id}@${asked.trigger}#${what}.${ordinal}`;
}

function sidedBody(body: unknown): Pick<IntentBody, 'kind'> {
  const kind = kindOf(body) as IntentBody['kind'];
  if (typeof body !== 'object' || body === null) return { kind };
  const { side, target } = body as { side?: unknown; target?: { side?: unknown } | null };
  const named = side ?? target?.side;
  const sided = named === 'long' || named === 'short' ? { side: named } : {};
  return { ...sided, kind: /^[a-z_]{1,32}$/.test(kind) ? kind : ('unreadable' as 'hold') };
}

function takeOne(turn: Turn, asked: Asked, one: Placed, batch: readonly Placed[]): void {
  const { instance } = asked;
  const { intentId } = one;
  const refuse = (denial: Denial): void =>
    denied(turn, { intentId, instance: instance.id, body: one.body }, denial);
  const isKnown = recall(turn.state.intentOutcomes, intentId) !== undefined;
  if (isKnown || turn.state.intents.has(intentId)) return refuse(taken());
  const referencePrice = lastPrice(turn, instance.symbol);
  if (referencePrice === undefined) return refuse(noPrice());
  const merge = mergeExecution(one.body, instance.execution);
  const intent = stamp(one.body, merge, {
    instance,
    intentId,
    asOfMs: asked.asOfMs,
    openMs: asked.barOpenMs,
    index: one.index,
    referencePrice,
  });
  const denial = checkMerged(one.body, merge) ?? permit(turn, instance, one.body, intent, batch);
  if (denial !== undefined) return refuse(denial);
  if (contentOfKey(turn, intent) !== undefined) return noteRepeated(turn, intent);
  const expires = 'expires' in intent ? intent.expires : undefined;
  const deadlineMs = deadlineOf(expires, asked.asOfMs);
  if (isOver(turn, { intent, deadlineMs, acceptedBar: acceptedBarOf(turn, intent) })) {
    return refuse(deny('EXPIRED', '/expires', 'the intent was over before it could be acted on'));
  }
  const refusal = act(turn, intent, deadlineMs);
  if (refusal !== undefined) refuse(refusal);
}

// Defaults may not fit what the intent says, a fallback beside a market order for instance.
function checkMerged(body: IntentBody, merge: Merge): Denial | undefined {
  if (!merge.usesPolicy) return undefined;
  const checked = validate({ ...body, ...merge.additions });
  return checked.ok ? undefined : checked;
}

/** Content that the intent's key was accepted with before, or undefined for a fresh one. */
function contentOfKey(turn: Turn, { idempotency_key, strategy }: Intent): string | undefined {
  if (idempotency_key === undefined) return undefined;
  return recall(turn.state.idempotencyKeys, idempotencyName(strategy.instance, idempotency_key));
}

// The same key with the same content is executed once; saying it again is no mistake.
function noteRepeated(turn: Turn, { intent_id: intentId, idempotency_key }: Intent): void {
  turn.emit({ type: 'intent_done', ts: turn.now, intentId, outcome: 'repeated' });
  const detail = `${idempotency_key} was taken before with this content; it is executed once`;
  notifyIntent(turn, intentId, { type: 'accepted', detail });
}

// Two answers to one trigger key: a plugin that sets a timer of the same name and time again.
function taken(): Denial {
  return deny(
    'INTENT_REPEATED',
    '',
    'an intent of this id was taken already; answer another event',
  );
}

function noPrice(): Denial {
  return deny('STALE', '/symbol', 'no bar of the symbol has closed yet');
}

// 4. Capability, identity of the symbol, idempotency, conflicts, and the gates that hold entries
// back.
function permit(
  turn: Turn,
  instance: InstanceConfig,
  body: IntentBody,
  intent: Intent,
  batch: readonly Placed[],
): Denial | undefined {
  if (body.symbol !== undefined && body.symbol !== instance.symbol) {
    const why = `${body.symbol} is not the symbol of ${instance.id}`;
    return deny('IDENTITY_MISMATCH', '/symbol', why);
  }
  const undeclared = checkCapability(intent, instance, instrumentOf(turn, instance.symbol));
  if (undeclared !== undefined) return undeclared;
  const used = contentOfKey(turn, intent);
  if (used !== undefined && used !== contentKey(intent)) {
    const why = `${intent.idempotency_key} was used before with other content`;
    return deny('IDEMPOTENCY_CONFLICT', '/idempotency_key', why);
  }
  if (isOutranked(body, batch)) {
    return deny('CONFLICT', '/target', 'the same answer closes this target');
  }
  const [fallback] = turn.config.policy.allowFallback ? [] : fallbackPaths(intent);
  if (fallback !== undefined) {
    return deny('FALLBACK_NOT_PERMITTED', fallback, 'the host permits no fallback');
  }
  if (intent.kind !== 'open' && intent.kind !== 'dca') return undefined;
  return checkEntryGates(turn, instance.id, instance.symbol, intent.as_of.time_ms);
}
