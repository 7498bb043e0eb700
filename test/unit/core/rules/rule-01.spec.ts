import { describe, expect, test } from 'vitest';
import {
  aWorld,
  closeLong,
  hold,
  idOf,
  limitAt,
  openLong,
  quantity,
} from '../../../support/world.js';

/** Answers with these bodies at the first bar. */
function answered(...bodies: unknown[]) {
  return aWorld({ strategy: { 0: bodies }, bars: [100, 100] });
}

describe('[rule-01] the schema comes first', () => {
  test.each([
    ['a size that is missing', { ...openLong(), sizing_policy: undefined }, '/sizing_policy'],
    ['a key that nobody knows', openLong({ stopLoss: '90' }), '/stopLoss'],
    [
      'a price that is a number',
      openLong({ order: { type: 'limit', price: { abs: 99 } } }),
      '/order/price/abs',
    ],
    ['a kind that nobody knows', { ...openLong(), kind: 'reverse' }, '/kind'],
    ['a reason that is missing', { ...openLong(), reason: undefined }, '/reason'],
    [
      'a fallback beside a market order',
      openLong({ fallback: { mode: 'limit_to_market', on: ['reject'], max_slippage_bps: 5 } }),
      '/fallback/mode',
    ],
    ['something that is no object', 'buy', ''],
    ['null', null, ''],
  ])('[rule-01] denies %s with its path and places nothing', (_what, body, path) => {
    const world = answered(body);
    expect(world.codes()).toEqual(['SCHEMA_INVALID']);
    expect(world.denied()[0]!.path).toBe(path);
    expect(world.created()).toEqual([]);
    expect(world.accepted()).toEqual([]);
  });

  test('[rule-01] a denial keeps the body as it was said and is told to the plugin', () => {
    const body = openLong({ sizing_policy: quantity('-1') });
    const world = answered(body);
    const [denial] = world.denied();
    expect(denial).toMatchObject({ code: 'SCHEMA_INVALID', kind: 'open', body });
    const told = { type: 'denied', code: 'SCHEMA_INVALID', path: denial!.path };
    expect(world.heard.intents).toMatchObject([{ ...told, intent_id: idOf(0, 'open.long') }]);
  });

  test('[rule-01] what JSON cannot say is denied before the schema, with its path', () => {
    const world = answered(openLong({ meta: { score: Number.NaN } }));
    expect(world.denied()[0]).toMatchObject({ code: 'NOT_PLAIN_JSON', path: '/meta/score' });
  });

  test('[rule-01] semantics are not looked at while the schema is broken', () => {
    const broken = openLong({ surprise: true });
    const world = aWorld({ strategy: { 0: broken }, capabilities: { kinds: [] }, bars: [100] });
    expect(world.codes()).toEqual(['SCHEMA_INVALID']);
  });

  test('[rule-01] a broken intent does not take its neighbours with it', () => {
    const world = answered(openLong({ surprise: true }), openLong(), hold());
    expect(world.codes()).toEqual(['SCHEMA_INVALID']);
    expect(world.accepted().map(({ intent }) => intent.intent_id)).toEqual([
      idOf(0, 'open.long', 2),
      idOf(0, 'hold'),
    ]);
  });

  test('[rule-01] a default of the execution policy is held to the schema too', () => {
    const fallback = { mode: 'limit_to_market', on: ['reject'], max_slippage_bps: 5 } as const;
    const world = aWorld({
      execution: { open: { fallback } },
      strategy: { 0: openLong() },
      bars: [100],
    });
    expect(world.denied()[0]).toMatchObject({ code: 'SCHEMA_INVALID' });
    expect(world.denied()[0]!.path.startsWith('/fallback')).toBe(true);
  });
});

describe('[rule-01] nothing is applied in part', () => {
  test.each([
    ['a stop on the wrong side', openLong({ protection: { stop_loss: { at: { abs: '101' } } } })],
    ['a size beyond the balance', openLong({ sizing_policy: quantity('101') })],
    ['a price outside the collar', openLong({ order: limitAt('10') })],
    ['a size below the minimum', openLong({ sizing_policy: quantity('0.0001') })],
  ])(
    '[rule-01] an open that fails late, on %s, leaves no order, intent or timer',
    (_what, body) => {
      const world = answered({ ...body, expires: { after_bars: 5 } });
      expect(world.denied()).toHaveLength(1);
      expect(world.accepted()).toEqual([]);
      expect(world.created()).toEqual([]);
      expect(world.state.intents.size + world.state.timers.size).toBe(0);
    },
  );

  test('[rule-01] a close that fails late is over, and its position is as it was', () => {
    const close = closeLong({ order: limitAt('1') });
    const world = aWorld({ strategy: { 0: openLong(), 2: close }, bars: [100, 100, 100, 100] });
    expect(world.codes()).toEqual(['PRICE_OUTSIDE_COLLAR']);
    expect(world.outcome(idOf(2, 'close.long'))).toBe('PRICE_OUTSIDE_COLLAR');
    expect(world.state.intents.size).toBe(0);
    expect(world.orders()).toEqual([]);
    expect(world.position()?.quantity).toBe(10n ** 18n);
  });
});
