import { describe, expect, test } from 'vitest';
import { capture, isUncapturable } from '@strategy-runner/core';
import { isLasting } from '../../../../core/src/intent/capture.js';
import { type Body, aWorld, closeLong, openLong, quantity } from '../../../support/world.js';

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

describe('a body that is frozen throughout', () => {
  test('is copied once, and its copy comes again', () => {
    const body = frozen(openLong({ sizing_policy: quantity('2') }));
    const copy = capture(body);
    expect(copy).toEqual(body);
    expect(copy).not.toBe(body);
    expect(capture(body)).toBe(copy);
    expect(isLasting(copy)).toBe(true);
  });

  test('is refused each time when it is not plain JSON', () => {
    const body = frozen({ kind: 'hold', price: Number.NaN });
    expect(isUncapturable(capture(body))).toBe(true);
    expect(isUncapturable(capture(body))).toBe(true);
  });

  test('makes the same records as one that is made anew each time', () => {
    const reopen = { bars: [100, 101, 102, 103, 104, 105, 106, 107] };
    const run = (answer: (body: Body) => Body) =>
      aWorld({
        ...reopen,
        strategy: (_bar, ctx) => answer(ctx.positions.length === 0 ? openLong() : closeLong()),
      }).records;
    const open = frozen(openLong());
    const close = frozen(closeLong());
    const anew = run((body) => structuredClone(body));
    expect(anew.filter(({ type }) => type === 'intent_accepted').length).toBeGreaterThan(3);
    expect(run((body) => (body['kind'] === 'open' ? open : close))).toEqual(anew);
  });

  test('is stamped for each instance that says it', () => {
    const open = frozen(openLong());
    const world = aWorld({
      strategy: { 0: open },
      also: [{ id: 'ETH/USDT:USDT:other', symbol: 'ETH/USDT:USDT', strategy: { 0: open } }],
    });
    world.bar(100).bar(50, 50, 50, 50, { symbol: 'ETH/USDT:USDT' });
    const accepted = world.records.filter((record) => record.type === 'intent_accepted');
    expect(accepted.map(({ intent }) => [intent.symbol, intent.reference_price])).toEqual([
      ['BTC/USDT:USDT', '100'],
      ['ETH/USDT:USDT', '50'],
    ]);
  });
});

describe('what only looks frozen is copied each time', () => {
  test('when something inside it can change', () => {
    const body = Object.freeze({ kind: 'hold', reason: { code: 'one' } });
    const first = capture(body);
    body.reason.code = 'two';
    expect(first).toEqual({ kind: 'hold', reason: { code: 'one' } });
    expect(capture(body)).toEqual({ kind: 'hold', reason: { code: 'two' } });
  });

  test('when a getter answers', () => {
    let count = 0;
    const body = Object.freeze({
      get kind() {
        count += 1;
        return `kind-${count}`;
      },
    });
    expect(capture(body)).toEqual({ kind: 'kind-1' });
    expect(capture(body)).toEqual({ kind: 'kind-2' });
  });

  test('when a proxy says so of what is not', () => {
    let count = 0;
    const target = { kind: 'hold' };
    const body = new Proxy(target, {
      get: () => `kind-${(count += 1)}`,
      isExtensible: () => true,
    });
    expect(capture(body)).toEqual({ kind: 'kind-1' });
    expect(capture(body)).toEqual({ kind: 'kind-2' });
  });

  test('when it becomes frozen while it is read', () => {
    const target: Record<string, unknown> = { kind: 'hold', note: 'x' };
    const body = new Proxy(target, {
      get(_target, key) {
        // The first field is read already when the last one is asked for.
        if (key === 'note' && !Object.isFrozen(target)) {
          target['kind'] = 'cancel';
          Object.freeze(target);
        }
        return target[String(key)];
      },
    });
    expect(capture(body)).toEqual({ kind: 'cancel', note: 'x' });
    expect(capture(body)).toEqual({ kind: 'cancel', note: 'x' });
  });
});
