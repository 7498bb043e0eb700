import { describe, expect, test } from 'vitest';
import { CODES } from '@strategy-runner/contracts';
import type { IntentDenied } from '@strategy-runner/core';
import { checksOf, denialOf } from '../../../../adapters/src/api/explain-denial.js';
import { aWorld, closeLong, openLong, quantity } from '../../../support/world.js';
import { decimal } from '@strategy-runner/core';

function aDenial(change: Partial<IntentDenied>): IntentDenied {
  return {
    type: 'intent_denied',
    ts: 0,
    intentId: 'sample@bar:1m:1#open.long.1',
    instance: 'sample',
    kind: 'open',
    code: 'KILLED',
    path: '',
    detail: 'as the engine says it',
    numbers: {},
    body: null,
    ...change,
  };
}

const changeOf = (change: Partial<IntentDenied>) => denialOf(aDenial(change)).change;

describe('denialOf', () => {
  test('says what would have to change with the numbers that a real denial carries', () => {
    const world = aWorld({
      risk: { maxOrderNotional: decimal('500') },
      strategy: {
        0: openLong({ sizing_policy: quantity('6') }),
        1: openLong({ sizing_policy: quantity('0.00001') }),
      },
      bars: [100, 100, 100],
    });
    expect(world.denied().map((denied) => denialOf(denied).change)).toEqual([
      'a notional of at most 500, or risk.max_order_notional of at least 600',
      expect.stringMatching(/^a quantity of at least \S+; it was \S+$/),
    ]);
  });

  test('leaves no gap in what it says, whatever numbers there are', () => {
    const denials = Object.entries(CODES).filter(([, { category }]) => category === 'denial');
    expect(denials.length).toBeGreaterThan(40);
    for (const [code] of denials) {
      const { means, change } = denialOf(aDenial({ code }));
      expect({ code, means, change }).toEqual({
        code,
        means: expect.stringMatching(/\.$/),
        change: expect.stringMatching(/\S/),
      });
    }
  });

  test('tells which form of a denial it is by its numbers', () => {
    const gross = { gross_notional: '300', equity: '100', leverage: '3', max: '2' };
    const code = 'LEVERAGE_EXCEEDS_MAXIMUM';
    expect(changeOf({ code, numbers: gross })).toContain(
      'gross exposure of at most 2 x equity 100',
    );
    expect(changeOf({ code, numbers: { leverage: '3', max: '2' } })).toBe(
      'a leverage of at most 2; it was 3',
    );
  });

  test('repeats the engine where it knows nothing better, a later code included', () => {
    expect(changeOf({ code: 'STALE' })).toBe('as the engine says it');
    expect(denialOf(aDenial({ code: 'CODE_OF_LATER' }))).toMatchObject({
      means: '',
      change: 'as the engine says it',
    });
  });
});

describe('checksOf', () => {
  const verdicts = (kind: string, code?: string) =>
    checksOf(kind, code).map(({ check, verdict }) => `${check} ${verdict}`);

  test('puts a denial at the stage that makes it, between passed and not reached', () => {
    expect(verdicts('open', 'SYMBOL_HELD')).toEqual([
      'schema passed',
      'permission passed',
      'gates denied',
      'plan not_reached',
      'risk not_reached',
      'sending not_reached',
    ]);
  });

  test('says of an exit that gates and limits are not for it [R12]', () => {
    const world = aWorld({ strategy: { 0: openLong(), 1: closeLong() }, bars: [100, 100, 100] });
    const kinds = world.accepted().map(({ intent }) => intent.kind);
    expect(kinds).toEqual(['open', 'close']);
    expect(verdicts('close')).toEqual([
      'schema passed',
      'permission passed',
      'gates exempt',
      'plan passed',
      'risk exempt',
    ]);
  });
});
