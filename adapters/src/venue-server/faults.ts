// Rules by which the exchange misbehaves: which endpoint or stream event, from which call on, how
// often, and how. With a seed, the same calls meet the same faults.
import type { SeededRandom } from './seeded-random.js';

export const REQUEST_FAULTS = [
  'drop_before',
  'drop_after',
  'silent_before',
  'silent_after',
  'delay',
  'stall_body',
  'truncate',
  'html',
  'empty',
  'empty_object',
  'reject',
  'freeze',
  'not_visible',
  'page_limit',
] as const;

export const STREAM_FAULTS = [
  'drop_frame',
  'duplicate',
  'delay_frame',
  'reorder',
  'merge',
  'unknown_enum',
  'extra_fields',
] as const;

export type FaultKind = (typeof REQUEST_FAULTS)[number] | (typeof STREAM_FAULTS)[number];

export interface FaultRule {
  /** `POST /fapi/v1/order`, `stream ORDER_TRADE_UPDATE`; a trailing * stands for any rest. */
  readonly endpoint: string;
  readonly kind: FaultKind;
  /** The first call that it meets, counted from 1 since the rule was given. Default 1. */
  readonly nth?: number;
  /** How many calls it meets; 0 = all from then on. Default 1. */
  readonly times?: number;
  /** Probability, drawn from the seed. Default 1. */
  readonly chance?: number;
  /** Of `reject` and `html`. */
  readonly http?: number;
  /** Of `reject`. */
  readonly code?: number;
  readonly msg?: string;
  /** `reject` only after having executed: an error that is not true. */
  readonly executes?: boolean;
  /** Of `delay` and `delay_frame`. */
  readonly ms?: number;
  /** Of `page_limit`. */
  readonly limit?: number;
}

export interface ActiveFault {
  readonly id: number;
  readonly rule: FaultRule;
  /** What `freeze` answers once it has been asked. */
  frozen: string | undefined;
}

interface Counted extends ActiveFault {
  seen: number;
  met: number;
}

export class FaultBook {
  readonly #random: SeededRandom;
  #rules: Counted[] = [];
  #lastId = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  add(rule: FaultRule): number {
    this.#lastId += 1;
    this.#rules.push({ id: this.#lastId, rule, frozen: undefined, seen: 0, met: 0 });
    return this.#lastId;
  }

  /** One rule, or all of them. */
  remove(id?: number): void {
    this.#rules = id === undefined ? [] : this.#rules.filter((rule) => rule.id !== id);
  }

  list(): readonly object[] {
    return this.#rules.map(({ id, rule, seen, met }) => ({ id, ...rule, seen, met }));
  }

  /** Counts a call; the first rule that it meets is its fault. */
  take(endpoint: string): ActiveFault | undefined {
    let found: Counted | undefined;
    for (const active of this.#rules) {
      if (!matches(active.rule.endpoint, endpoint)) continue;
      active.seen += 1;
      if (found === undefined && this.#isDue(active)) found = active;
    }
    if (found !== undefined) found.met += 1;
    return found;
  }

  #isDue({ rule, seen, met }: Counted): boolean {
    const times = rule.times ?? 1;
    if (seen < (rule.nth ?? 1) || (times !== 0 && met >= times)) return false;
    return rule.chance === undefined || this.#random.next() < rule.chance;
  }
}

function matches(pattern: string, endpoint: string): boolean {
  return pattern.endsWith('*') ? endpoint.startsWith(pattern.slice(0, -1)) : endpoint === pattern;
}
