import { describe, expect, test } from 'vitest';
import { LotStack } from '../../../../plugins/dca-ladder/src/lot-stack.js';
import { aPosition } from '../a-position.js';
import { aFill } from './a-fill.js';

function aStack(): LotStack {
  const stack = new LotStack();
  stack.take(aFill({ intent_id: 'open-1', price: '100', quantity: '2' }));
  stack.take(aFill({ intent_id: 'dca-1', price: '99', quantity: '3' }));
  return stack;
}

function exit(quantity: string) {
  return aFill({ action: 'exit', leg: 'exit', intent_id: 'close-1', price: '99.9', quantity });
}

const FIRST = { intent_id: 'open-1', price: '100', quantity: '2' };
const SECOND = { intent_id: 'dca-1', price: '99', quantity: '3' };

describe('the lots', () => {
  test('are one per intent, whose fills they average', () => {
    const stack = aStack();
    stack.take(aFill({ intent_id: 'dca-1', price: '98', quantity: '1' }));
    expect(stack.snapshot()).toEqual([
      FIRST,
      { intent_id: 'dca-1', price: '98.75', quantity: '4' },
    ]);
    expect(stack.lastPriceNumber).toBe(98.75);
  });

  test('leave from the end', () => {
    const stack = aStack();
    stack.take(exit('3'));
    expect(stack.snapshot()).toEqual([FIRST]);
    expect(stack.lastPriceNumber).toBe(100);
  });

  test('leave in part, and across two of them', () => {
    const part = aStack();
    part.take(exit('1'));
    expect(part.snapshot()).toEqual([FIRST, { ...SECOND, quantity: '2' }]);
    const across = aStack();
    across.take(exit('4'));
    expect(across.snapshot()).toEqual([{ ...FIRST, quantity: '1' }]);
  });

  test('are none once everything has left', () => {
    const stack = aStack();
    stack.take(exit('5'));
    expect(stack.count).toBe(0);
    expect(stack.lastPrice).toBeUndefined();
    expect(stack.lastPriceNumber).toBeNaN();
  });

  test('stay as they are while the position has their quantity, however it is written', () => {
    const stack = aStack();
    stack.agreeWith(aPosition({ quantity: '5', entry_price: '99.4' }));
    stack.agreeWith(aPosition({ quantity: '5.000', entry_price: '99.4' }));
    expect(stack.snapshot()).toEqual([FIRST, SECOND]);
  });

  test('become one at the average where the fills do not explain the position', () => {
    const stack = aStack();
    const position = aPosition({ quantity: '4', entry_price: '99.4' });
    stack.agreeWith(position);
    expect(stack.snapshot()).toEqual([
      { intent_id: position.position_id, price: '99.4', quantity: '4' },
    ]);
  });

  test('are none where the position is gone', () => {
    const stack = aStack();
    stack.agreeWith(undefined);
    expect(stack.snapshot()).toEqual([]);
  });

  test('come back from their snapshot', () => {
    const stack = new LotStack();
    stack.restore(JSON.parse(JSON.stringify(aStack().snapshot())));
    stack.take(exit('3'));
    expect(stack.snapshot()).toEqual([FIRST]);
  });
});
