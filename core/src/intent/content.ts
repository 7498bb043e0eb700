// What an intent asks for, apart from when and by whom it was said: the ground on which two intents
// of one idempotency key are the same or in conflict (rule 5).
import type { Intent } from '@strategy-runner/contracts';
import { shortKey } from '../strategy/short-key.js';

const ENVELOPE: ReadonlySet<string> = new Set([
  'contract',
  'intent_id',
  'strategy',
  'as_of',
  'reference_price',
  'provenance',
]);

/** Equal for equal content, whatever the order of the keys. */
export function contentKey(intent: Intent): string {
  const content = Object.entries(intent).filter(([field]) => !ENVELOPE.has(field));
  return shortKey(canonical(Object.fromEntries(content)));
}

/** The name under which a key is remembered: keys belong to their instance. */
export function idempotencyName(instance: string, key: string): string {
  return `${instance}|${key}`;
}

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    const fields = Object.entries(item);
    return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
