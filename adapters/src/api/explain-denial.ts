// What a denial means and what would have to be otherwise for the same intent to pass, with the
// numbers that it was denied on. A code without a line here is told in its own sentence.
import { type Code, CODES } from '@strategy-runner/contracts';
import type { IntentDenied } from '@strategy-runner/core';
import { isoOf } from './start-session.js';
import type { CheckName, CheckStory, DenialStory } from './explain-document.js';

type Numbers = Readonly<Record<string, string>>;

export function denialOf(record: IntentDenied): DenialStory {
  const { code, path, detail, numbers } = record;
  return { code, path, detail, numbers, means: meaningOf(code), change: changeOf(record) };
}

function meaningOf(code: string): string {
  return Object.hasOwn(CODES, code) ? CODES[code as Code].sentence : '';
}

type Change = (numbers: Numbers, record: IntentDenied) => string;

const until = ({ until_ms }: Numbers): string =>
  until_ms === undefined ? 'later' : isoOf(Number(until_ms));

const CHANGES: Readonly<Partial<Record<Code, Change>>> = {
  SCHEMA_INVALID: (_n, { path, detail }) => `${path || 'the body'}: ${detail}`,
  SIZING_NOT_CONFIGURED: () => 'set sizing.delegate_notional, or give a sizing_policy',
  STOP_REQUIRED: () => 'give protection.stop_loss a price on the losing side of the entry',
  BELOW_MIN_QTY: ({ quantity, min_quantity: min }) =>
    min === undefined ? 'a larger part' : `a quantity of at least ${min}; it was ${quantity}`,
  ABOVE_MAX_QTY: ({ quantity, max_quantity: max }) =>
    `a quantity of at most ${max}; it was ${quantity}`,
  BELOW_MIN_NOTIONAL: ({ notional, min_notional: min }) =>
    `a notional of at least ${min}; it was ${notional}`,
  STOP_BELOW_MIN_NOTIONAL: ({ notional, min_notional: min }) =>
    `a larger size or a nearer stop: worth ${min} at the stop; it was ${notional}`,
  NOTIONAL_EXCEEDS_MAXIMUM: ({ notional, max }) =>
    `a notional of at most ${max}, or risk.max_order_notional of at least ${notional}`,
  POSITION_EXCEEDS_MAXIMUM: ({ notional, max }) =>
    `a position of at most ${max}, or risk.max_position_notional of at least ${notional}`,
  OPEN_ORDERS_EXCEED_MAXIMUM: ({ open_orders: open, max }) =>
    `fewer than ${max} working orders; there were ${open}`,
  LEVERAGE_EXCEEDS_MAXIMUM: ({ gross_notional: gross, equity, leverage, max }) =>
    gross === undefined
      ? `a leverage of at most ${max}; it was ${leverage}`
      : `gross exposure of at most ${max} x equity ${equity}; it would have been ${gross}`,
  DAILY_LOSS_EXCEEDED: ({ loss, max }) =>
    `the next UTC day, or risk.max_daily_loss above ${loss} (it is ${max})`,
  ORDER_RATE_EXCEEDED: ({ entries, max }) =>
    `fewer than ${max} entries in the minute before; there were ${entries}`,
  PRICE_OUTSIDE_COLLAR: ({ price, last_price: last, collar_bps: bps }) =>
    `a price within ${bps} bps of ${last}; it was ${price}`,
  BALANCE_INSUFFICIENT: ({ needed, free }) =>
    `${needed} of free balance, or a smaller size; free was ${free}`,
  ENTRIES_PAUSED: () => 'runner resume',
  ENTRIES_STOPPED: () => 'runner resume, or another start',
  KILLED: () => 'a start with --reset-kill --reason <why>',
  BLACKOUT: (numbers) => `entries wait until ${until(numbers)}: ${numbers['reason']}`,
  BACKOFF_ACTIVE: (numbers) => `entries wait until ${until(numbers)}`,
  SYMBOL_HELD: ({ ref }) => `look at what holds it, then runner resume --ack ${ref}`,
  VENUE_NOT_READY: ({ connection }) => `a connection that is ready; it was ${connection}`,
  DATA_STALE: ({ age_ms: age, max_ms: max }) =>
    `a bar that is at most ${max} ms old; the last one was ${age} ms old`,
  UNKNOWN_ORDER_PENDING: () => 'an answer of the venue about the order of unknown outcome',
  INSTANCE_HALTED: () => 'a plugin that does not fail, and another start',
  POSITION_EXISTS: () => 'no position on this side, or on_existing: ignore, or a dca intent',
  NO_POSITION: () => 'an open position that the target names',
};

function changeOf(record: IntentDenied): string {
  const change = Object.hasOwn(CHANGES, record.code) ? CHANGES[record.code as Code] : undefined;
  return change?.(record.numbers, record) ?? record.detail;
}

/** Stages in the order in which they are passed, with what each looks at. */
const STAGES: readonly (readonly [CheckName, string])[] = [
  ['schema', 'form of the answer and the intent'],
  ['permission', 'identity, capabilities, freshness, repetition, fallbacks'],
  ['gates', 'kill, stop, pause, black-out, connection, holds, age of data, backoff'],
  ['plan', 'deadline, target, protection, size and rounding'],
  ['risk', 'limits on the rounded order'],
  ['sending', 'the last look before it leaves'],
];

const STAGE_OF: Readonly<Partial<Record<CheckName, readonly string[]>>> = {
  schema: ['SCHEMA_INVALID', 'NOT_PLAIN_JSON', 'BATCH_TOO_LARGE', 'CONTRACT_UNSUPPORTED'],
  permission: [
    'CAPABILITY_UNDECLARED',
    'IDENTITY_MISMATCH',
    'FUTURE_TIME',
    'STALE',
    'IDEMPOTENCY_CONFLICT',
    'INTENT_REPEATED',
    'ORDER_STYLE_MISSING',
    'CONFLICT',
    'FALLBACK_NOT_PERMITTED',
    'SIMULATION_UNSUPPORTED',
    'SYMBOL_UNKNOWN',
    'WARMUP',
  ],
  gates: [
    'KILLED',
    'ENTRIES_STOPPED',
    'ENTRIES_PAUSED',
    'INSTANCE_HALTED',
    'BLACKOUT',
    'VENUE_NOT_READY',
    'SYMBOL_HELD',
    'DATA_STALE',
    'BACKOFF_ACTIVE',
    'UNKNOWN_ORDER_PENDING',
  ],
  risk: [
    'NOTIONAL_EXCEEDS_MAXIMUM',
    'POSITION_EXCEEDS_MAXIMUM',
    'OPEN_ORDERS_EXCEED_MAXIMUM',
    'LEVERAGE_EXCEEDS_MAXIMUM',
    'DAILY_LOSS_EXCEEDED',
    'ORDER_RATE_EXCEEDED',
    'PRICE_OUTSIDE_COLLAR',
    'BALANCE_INSUFFICIENT',
  ],
  sending: ['LAST_GATE_REFUSED', 'QUOTE_STALE', 'FALLBACK_SLIPPAGE_EXCEEDED'],
};

/** Only what takes new risk is held back by gates and limits. */
const TAKES_RISK: readonly string[] = ['open', 'dca'];

/** `deniedBy` is the code of a denial; without one everything up to the order has been passed. */
export function checksOf(kind: string, deniedBy?: string): readonly CheckStory[] {
  const at = deniedBy === undefined ? STAGES.length - 1 : stageOf(deniedBy);
  const verdictAt = (check: CheckName, place: number): CheckStory['verdict'] => {
    if (place > at) return 'not_reached';
    if (place === at) return 'denied';
    const isExempt = (check === 'gates' || check === 'risk') && !TAKES_RISK.includes(kind);
    return isExempt ? 'exempt' : 'passed';
  };
  // Whether it left is told with its orders.
  const told = deniedBy === undefined ? STAGES.slice(0, at) : STAGES;
  return told.map(([check, detail], place) => ({
    check,
    verdict: verdictAt(check, place),
    detail,
  }));
}

function stageOf(code: string): number {
  const found = STAGES.findIndex(([name]) => STAGE_OF[name]?.includes(code) === true);
  return found < 0 ? STAGES.findIndex(([name]) => name === 'plan') : found;
}
