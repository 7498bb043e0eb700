import { expect, test } from 'vitest';
import { decimal } from '@strategy-runner/core';
import { topOf } from '../../../../../adapters/src/venue/ccxt/quotes.js';
import { streamFault } from '../../../../../adapters/src/venue/ccxt/stream-socket.js';

test('W12: a crossed, locked, empty or unreadable book is no quote', () => {
  expect(topOf('100.1', '100.2')).toEqual({ bid: decimal('100.1'), ask: decimal('100.2') });
  for (const [bid, ask] of [
    ['100.2', '100.1'],
    ['100', '100'],
    ['0', '100'],
    ['100', '0'],
    ['', '100'],
    ['100', 'undefined'],
  ] as const) {
    expect(topOf(bid, ask)).toBeUndefined();
  }
});

test('the error of a stream does not carry the listen key of its address', () => {
  const fault = new Error('Connection to wss://host/private/ws?listenKey=secret99 failed');
  expect(streamFault(fault)).toBe('Connection to wss://host/private/ws?listenKey=… failed');
});
