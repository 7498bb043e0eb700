import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { capture, isUncapturable } from '@strategy-runner/core';
import { aWorld, openLong } from '../../../support/world.js';

class Lot {
  readonly quantity = '1';
}

function refusalOf(value: unknown) {
  const captured = capture(value);
  return isUncapturable(captured) ? captured.$uncapturable : undefined;
}

function nested(depth: number): unknown {
  return depth === 0 ? 'deep' : { down: nested(depth - 1) };
}

describe('what JSON can say', () => {
  test('is copied deep', () => {
    const given = { a: [1, 'two', null, true, { b: -0.5 }], c: {} };
    const copy = capture(given);
    expect(copy).toEqual(given);
    given.a[0] = 99;
    (given.a[4] as { b: number }).b = 99;
    expect(copy).toEqual({ a: [1, 'two', null, true, { b: -0.5 }], c: {} });
  });

  test('leaves out keys that are undefined, as JSON does', () => {
    expect(Object.keys(capture({ a: undefined, b: 1 }) as object)).toEqual(['b']);
  });

  test('may come from another realm or have no prototype', () => {
    const foreign: unknown = runInNewContext('({ kind: "hold", list: [1, { a: 2 }] })');
    expect(capture(foreign)).toEqual({ kind: 'hold', list: [1, { a: 2 }] });
    expect(capture(Object.assign(Object.create(null) as object, { a: 1 }))).toEqual({ a: 1 });
  });

  test('is twelve levels deep at most', () => {
    expect(refusalOf(nested(12))).toBeUndefined();
    expect(refusalOf(nested(13))).toEqual({
      path: '/down'.repeat(13),
      detail: 'nested deeper than 12',
    });
  });
});

describe('what JSON cannot say is named with its path', () => {
  test.each([
    ['NaN', Number.NaN, 'NaN is not a JSON number'],
    ['Infinity', Infinity, 'Infinity is not a JSON number'],
    ['a bigint', 1n, 'a bigint is not JSON'],
    ['a symbol', Symbol('x'), 'a symbol is not JSON'],
    ['a function', () => 1, 'a function is not JSON'],
    ['a date', new Date(0), 'only plain objects and arrays are JSON'],
    ['a map', new Map(), 'only plain objects and arrays are JSON'],
    ['a typed array', new Float64Array(1), 'only plain objects and arrays are JSON'],
    ['a promise', Promise.resolve(1), 'only plain objects and arrays are JSON'],
    ['a class instance', new Lot(), 'only plain objects and arrays are JSON'],
    ['a long text', 'x'.repeat(4097), 'text longer than 4096'],
    ['undefined in a list', [undefined], 'a undefined is not JSON'],
  ])('%s', (_what, value, detail) => {
    const path = Array.isArray(value) ? '/meta/value/0' : '/meta/value';
    expect(refusalOf({ meta: { value } })).toEqual({ path, detail });
  });

  test('a hole in a list', () => {
    const list: number[] = [];
    list[1] = 5;
    expect(refusalOf({ list })?.path).toBe('/list/0');
  });

  test('a key that would change the prototype', () => {
    const value: unknown = JSON.parse('{"a": {"__proto__": {"kind": "open"}}}');
    expect(refusalOf(value)).toEqual({ path: '/a/__proto__', detail: 'a reserved key' });
  });

  test('a key too long to be one', () => {
    expect(refusalOf({ ['k'.repeat(5000)]: 1 })?.detail).toBe('a key longer than 4096');
  });

  test('a cycle ends at the deepest level', () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    expect(refusalOf(value)?.detail).toBe('nested deeper than 12');
  });

  test.each([
    ['10,000 items', Array.from({ length: 10_000 }, () => 1)],
    ['10,000 keys', Object.fromEntries(Array.from({ length: 10_000 }, (_v, i) => [`k${i}`, 1]))],
    [
      'a tree of 2001 values',
      Array.from({ length: 40 }, () => Array.from({ length: 50 }, () => 1)),
    ],
  ])('%s', (_what, value) => {
    expect(refusalOf(value)?.detail).toBe('more than 2000 values');
  });
});

describe('objects that lie', () => {
  test('a getter is read once, so what was checked is what is acted on', () => {
    let reads = 0;
    const value = {
      get qty() {
        reads += 1;
        return String(reads);
      },
    };
    const copy = capture(value) as { qty: string };
    expect([copy.qty, copy.qty, reads]).toEqual(['1', '1', 1]);
  });

  test('a getter that throws is a refusal', () => {
    const value = {
      get qty(): string {
        throw new Error('no');
      },
    };
    expect(refusalOf(value)?.detail).toBe('reading it threw: Error: no');
  });

  test('a proxy is copied by what it answers', () => {
    const value = new Proxy({ a: 1 }, { get: () => 2 });
    expect(capture(value)).toEqual({ a: 2 });
  });

  test.each(['ownKeys', 'getPrototypeOf', 'get'] as const)(
    'a proxy whose %s trap throws is a refusal',
    (trap) => {
      const traps = {
        [trap]: () => {
          throw new Error('trapped');
        },
      };
      expect(refusalOf(new Proxy({ a: 1 }, traps))?.detail).toBe(
        'reading it threw: Error: trapped',
      );
    },
  );

  test('a list that grows while it is read ends at the limit', () => {
    const endless = new Proxy([] as number[], {
      get: (list, key) => {
        if (key === 'length') return list.length + 1;
        list.push(1);
        return 1;
      },
    });
    expect(refusalOf(endless)?.detail).toBe('more than 2000 values');
  });

  test('what is thrown need not be printable', () => {
    const value = {
      get qty(): string {
        throw Object.create(null);
      },
    };
    expect(refusalOf(value)?.detail).toBe('reading it threw');
  });

  test('an object that pretends to be a refusal is one', () => {
    const world = aWorld({ strategy: { 0: { $uncapturable: { path: '/a', detail: 'b' } } } });
    expect(world.bar(100).codes()).toEqual(['NOT_PLAIN_JSON']);
  });

  test.each([{ $uncapturable: null }, { $uncapturable: 'x' }, { $uncapturable: { path: 1 } }])(
    'and %j, which cannot be one, does no harm',
    (body) => {
      const world = aWorld({ strategy: { 0: [body, openLong()] } });
      expect(world.bar(100).codes()).toHaveLength(1);
      expect(world.accepted()).toHaveLength(1);
    },
  );
});

describe('in an answer', () => {
  test('a later change by the plugin changes nothing', () => {
    const body = { ...openLong(), order: { type: 'limit', price: { abs: '90' } } };
    const world = aWorld({ strategy: { 0: body }, bars: [100] });
    body.order.price.abs = '1';
    expect(world.accepted()[0]!.intent).toMatchObject({ order: { price: { abs: '90' } } });
    expect(world.leg('entry')[0]!.price).toBe(90n * 10n ** 18n);
  });

  test('10,000 intents are counted, not copied, and denied as a batch', () => {
    const bodies = Array.from({ length: 10_000 }, () => openLong());
    const world = aWorld({ strategy: { 0: bodies }, bars: [100] });
    expect(world.denied()).toMatchObject([
      { code: 'BATCH_TOO_LARGE', numbers: { intents: '10000', max: '16' } },
    ]);
    expect(world.created()).toEqual([]);
  });

  test('a promise is a fault and names plugin and hook', () => {
    const world = aWorld({ strategy: () => Promise.resolve([openLong()]), bars: [100] });
    expect(world.recordsOf('plugin_fault')).toMatchObject([
      { code: 'PLUGIN_RETURNED_PROMISE', hook: 'onBar' },
    ]);
    expect(world.created()).toEqual([]);
  });
});
