// What a failed call proves. Only the venue's own words below HTTP 500 can prove a refusal, and
// only those on the profile's list; a broken, late or unreadable answer to a submit or a cancel is
// `unknown`. ccxt's class is asked last, by its exact name: OrderNotFound is also an InvalidOrder.
import type { ApiVerdict } from '@strategy-runner/core';
import type { CallFailure, RejectReason } from './exchange-client.js';
import type { VenueProfile } from './profile.js';

/** `submit` may open or close something; what became of it must be known. */
export type CallKind = 'submit' | 'cancel' | 'read';

export interface Evidence {
  readonly kind: CallKind;
  readonly httpStatus: number | null;
  /** The answer's body as it came; null = none was read to its end. */
  readonly body: string | null;
  /** Seconds, or null. */
  readonly retryAfter: string | null;
  /** Exact name of the class that ccxt threw. */
  readonly errorName: string;
  readonly message: string;
  /** A request may have left this process. */
  readonly hasLeft: boolean;
  /** The call ended by our deadline. */
  readonly isDeadline: boolean;
  /** Wall clock. */
  readonly nowMs: number;
}

const DETAIL_LENGTH_MAX = 500;
const RATE_LIMIT_MS = 60_000;
const ORDER_LIMIT_MS = 10_000;

const CLASS_VERDICTS: Readonly<Record<string, ApiVerdict>> = {
  InsufficientFunds: 'rejected',
  OrderImmediatelyFillable: 'rejected',
  OrderNotFillable: 'rejected',
  BadSymbol: 'rejected',
  AuthenticationError: 'auth',
  PermissionDenied: 'auth',
  AccountSuspended: 'auth',
  InvalidNonce: 'clock',
  RateLimitExceeded: 'rate_limited',
  DDoSProtection: 'rate_limited',
  OrderNotFound: 'not_found',
};

export function kindOf(call: string): CallKind {
  if (/^cancel|Delete\w*Order/.test(call)) return 'cancel';
  return /^(?:create|edit|amend|submit)\w*Order|Post\w*(?:Order|BatchOrders)$/.test(call)
    ? 'submit'
    : 'read';
}

export function classify(evidence: Evidence, profile: VenueProfile): CallFailure {
  const told = codeIn(evidence, profile);
  const verdict = verdictOf(evidence, profile, told);
  return {
    verdict,
    httpStatus: evidence.httpStatus,
    venueCode: told?.code ?? null,
    reason:
      told === undefined
        ? reasonOfClass(evidence)
        : profile.codes.reasonOf(told.code, told.message),
    isDuplicate: isDuplicate(evidence, profile, told),
    detail: detailOf(evidence, told),
    untilMs: untilOf(evidence, verdict, told),
    ...(evidence.hasLeft ? {} : { neverLeft: true }),
  };
}

interface Told {
  readonly code: string;
  readonly message: string;
}

function codeIn({ body, message }: Evidence, { codes }: VenueProfile): Told | undefined {
  const own = body === null ? undefined : codes.codeOf(parsed(body));
  if (own !== undefined) return own;
  // A stream's refusal has no answer of its own: ccxt keeps the venue's JSON in its message.
  const json = /[[{].*[}\]]/s.exec(message)?.[0];
  return json === undefined || body !== null ? undefined : codes.codeOf(parsed(json));
}

function verdictOf(evidence: Evidence, profile: VenueProfile, told: Told | undefined): ApiVerdict {
  const { kind, httpStatus } = evidence;
  const unproven = kind === 'read' ? 'retry' : 'unknown';
  // Nothing left: what failed is here, and trying again is safe if it was only the wait.
  if (!evidence.hasLeft) return evidence.isDeadline ? 'retry' : 'rejected';
  if (evidence.isDeadline) return unproven;
  if (httpStatus === 418) return 'banned';
  if (httpStatus === 429) return 'rate_limited';
  // A server error may come after the execution, whatever its body says; 408 likewise.
  if (httpStatus === null || httpStatus >= 500 || httpStatus === 408) return unproven;
  if (told !== undefined) return verdictOfCode(told, { kind, httpStatus, profile, unproven });
  if (profile.name !== 'generic' || evidence.body === null) return unproven;
  const byClass = CLASS_VERDICTS[evidence.errorName] ?? unproven;
  return byClass === 'not_found' && kind === 'submit' ? 'unknown' : byClass;
}

interface CodeCase {
  readonly kind: CallKind;
  readonly httpStatus: number;
  readonly profile: VenueProfile;
  readonly unproven: ApiVerdict;
}

function verdictOfCode({ code, message }: Told, { kind, httpStatus, profile, unproven }: CodeCase) {
  const { codes } = profile;
  // An error inside a success contradicts itself.
  if (httpStatus < 400) return unproven;
  if (codes.isDuplicate(code, message)) return kind === 'read' ? 'rejected' : 'unknown';
  if (codes.clock.has(code)) return 'clock';
  if (codes.auth.has(code)) return 'auth';
  if (codes.rateLimited.has(code)) return 'rate_limited';
  if (codes.notFound.has(code)) return kind === 'submit' ? 'unknown' : 'not_found';
  if (codes.transient.has(code)) return unproven;
  return codes.definite.has(code) || kind === 'read' ? 'rejected' : 'unknown';
}

function isDuplicate({ errorName }: Evidence, { codes }: VenueProfile, told: Told | undefined) {
  if (told !== undefined) return codes.isDuplicate(told.code, told.message);
  return errorName === 'DuplicateOrderId';
}

function reasonOfClass({ errorName }: Evidence): RejectReason {
  if (errorName === 'OrderImmediatelyFillable') return 'post_only';
  return errorName === 'OrderNotFillable' ? 'liquidity' : 'other';
}

function untilOf(evidence: Evidence, verdict: ApiVerdict, told: Told | undefined): number | null {
  if (verdict !== 'rate_limited' && verdict !== 'banned') return null;
  const { nowMs } = evidence;
  const seconds = Number(evidence.retryAfter ?? Number.NaN);
  if (Number.isFinite(seconds) && seconds > 0) return nowMs + seconds * 1000;
  const banned = Number(/banned until (\d{13})/.exec(told?.message ?? '')?.[1] ?? Number.NaN);
  if (Number.isFinite(banned) && banned > nowMs) return banned;
  return nowMs + (told?.code === '-1015' ? ORDER_LIMIT_MS : RATE_LIMIT_MS);
}

function detailOf({ message, isDeadline, hasLeft }: Evidence, told: Told | undefined): string {
  if (isDeadline) return hasLeft ? message : `${message}; nothing had left`;
  const text = told === undefined ? message : `${told.code} ${told.message}`;
  return text.length > DETAIL_LENGTH_MAX ? `${text.slice(0, DETAIL_LENGTH_MAX)}…` : text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
