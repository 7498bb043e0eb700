import { describe, expect, test } from 'vitest';
import type { ExecutionPolicy, Intent, IntentBody } from '@strategy-runner/contracts';
import { mergeExecution } from '../../../../core/src/policy/execution-policy.js';
import {
  aWorld,
  closeLong,
  dca,
  hold,
  limitAt,
  openLong,
  partialClose,
} from '../../../support/world.js';

const market = { type: 'market' } as const;
const limit = { type: 'limit', price: { offset_bps: 10, from: 'last' } } as const;
const fallback = {
  mode: 'limit_to_market',
  on: ['timeout'],
  after_ms: 60_000,
  max_slippage_bps: 20,
} as const;

const policy: ExecutionPolicy = {
  open: { order: limit, fallback, partial_fill: { policy: 'wait', after_ms: 5 } },
  dca: { order: limit },
  close: { order: market },
  partial_close: { order: market, on_dust: 'close_all' },
};

function merged(body: unknown, declared: ExecutionPolicy = policy) {
  return mergeExecution(body as IntentBody, declared);
}

describe('what the intent leaves out [R21]', () => {
  test('comes from the execution policy of its kind, then from the host, and says so', () => {
    const { additions, provenance } = merged(openLong({ order: undefined }));
    expect(additions).toEqual({
      order: limit,
      fallback,
      partial_fill: { policy: 'wait', after_ms: 5 },
    });
    expect(provenance).toEqual({
      order: 'execution_policy',
      fallback: 'execution_policy',
      partial_fill: 'execution_policy',
    });
  });

  test('is never overridden where the intent says it', () => {
    const { additions, provenance } = merged(
      openLong({ order: market, fallback: { mode: 'none' } }),
    );
    expect(additions).toEqual({ partial_fill: { policy: 'wait', after_ms: 5 } });
    expect(provenance).toMatchObject({ order: 'intent', fallback: 'intent' });
  });

  test.each([
    ['open', openLong(), { fallback: { mode: 'none' }, partial_fill: { policy: 'keep' } }],
    ['dca', dca(1), { fallback: { mode: 'none' }, partial_fill: { policy: 'keep' } }],
    ['close', closeLong(), { fallback: { mode: 'none' } }],
    [
      'partial_close',
      partialClose({ qty: '1' }),
      { fallback: { mode: 'none' }, on_dust: 'reject' },
    ],
    ['hold', hold(), {}],
  ])('without a policy the host adds the careful default to %s', (_kind, body, expected) => {
    const { additions, provenance, usesPolicy } = merged(body, {});
    expect(additions).toEqual(expected);
    expect(usesPolicy).toBe(false);
    for (const field of Object.keys(expected)) expect(provenance[field]).toBe('host_default');
  });

  test('is never an order style of the host', () => {
    expect(merged(openLong({ order: undefined }), {}).provenance['order']).toBeUndefined();
  });

  test('of one kind is not filled from another kind', () => {
    const { provenance } = merged(closeLong({ order: undefined }), { open: { order: limit } });
    expect(provenance['order']).toBeUndefined();
  });

  test('two policies do not meet, however often they are used', () => {
    const body = openLong({ order: undefined });
    const other: ExecutionPolicy = { open: { order: market } };
    const orders = [merged(body), merged(body, other), merged(body), merged(body, other)];
    expect(orders.map(({ additions }) => additions['order'])).toEqual([
      limit,
      market,
      limit,
      market,
    ]);
  });
});

describe('the stored intent [R21]', () => {
  function stored(body: unknown): Intent {
    return aWorld({ strategy: { 0: body }, execution: policy, bars: [100] }).accepted()[0]!.intent;
  }

  test('is explicit, with the provenance of each field', () => {
    const intent = stored(openLong({ order: undefined, expires: { after_bars: 9 } }));
    expect(intent).toMatchObject({
      order: limit,
      fallback,
      partial_fill: { policy: 'wait', after_ms: 5 },
      provenance: {
        order: 'execution_policy',
        fallback: 'execution_policy',
        partial_fill: 'execution_policy',
        expires: 'intent',
      },
    });
  });

  test('is acted on as it is stored', () => {
    const world = aWorld({
      strategy: { 0: openLong({ order: undefined }) },
      execution: policy,
      bars: [100],
    });
    expect(world.leg('entry')).toMatchObject([{ type: 'limit', price: 999n * 10n ** 17n }]);
    expect([...world.state.timers.keys()].some((name) => name.startsWith('fallback:'))).toBe(true);
  });

  test('of a dca and a partial close as well', () => {
    const world = aWorld({
      strategy: {
        0: openLong({ fallback: { mode: 'none' }, partial_fill: { policy: 'keep' } }),
        2: [dca(1, { order: undefined }), partialClose({ qty: '0.5' }, { order: undefined })],
      },
      execution: policy,
      bars: [100, 100, 100],
    });
    const provenance = world.accepted().map(({ intent }) => intent.provenance);
    expect(provenance[1]).toMatchObject({ order: 'execution_policy', on_dust: 'execution_policy' });
    expect(provenance[2]).toMatchObject({ order: 'execution_policy', fallback: 'host_default' });
  });

  test('keeps a denied body as it was said, without additions', () => {
    const body = openLong({ order: undefined, expires: { at_ms: 1 } });
    const world = aWorld({ strategy: { 0: body }, execution: policy, bars: [100] });
    expect(world.denied()[0]).toMatchObject({ code: 'EXPIRED' });
    expect(world.denied()[0]!.body).not.toHaveProperty('order');
  });
});

test('a default that contradicts the intent is denied, not silently dropped', () => {
  const world = aWorld({
    strategy: { 0: openLong({ order: market }), 1: openLong({ order: limitAt('99') }) },
    execution: policy,
    bars: [100, 100],
  });
  expect(world.denied()).toMatchObject([{ code: 'SCHEMA_INVALID', path: '/fallback/mode' }]);
  expect(world.leg('entry')).toHaveLength(1);
});
