import { describe, expect, test } from 'vitest';
import {
  type Evidence,
  classify,
  kindOf,
} from '../../../../../adapters/src/venue/ccxt/classify.js';
import { profileOf } from '../../../../../adapters/src/venue/ccxt/profiles.js';

const NOW = 1_700_000_000_000;

function evidence(more: Partial<Evidence> = {}): Evidence {
  return {
    kind: 'submit',
    httpStatus: 400,
    body: null,
    retryAfter: null,
    errorName: 'ExchangeError',
    message: 'failed',
    hasLeft: true,
    isDeadline: false,
    nowMs: NOW,
    ...more,
  };
}

const told = (code: number, more: Partial<Evidence> = {}, msg = 'said so') =>
  evidence({ body: JSON.stringify({ code, msg }), ...more });

const usdm = profileOf('binanceusdm');
const generic = profileOf('okx');
const verdict = (given: Evidence, profile = usdm) => classify(given, profile).verdict;

describe('a refusal of a submit is definite', () => {
  test.each([
    -2010, -2018, -2019, -2021, -2022, -2024, -2025, -2027, -1013, -1111, -1121, -4003, -4005,
    -4014, -4015, -4016, -4061, -4118, -4131, -4164, -4183, -4192, -5021, -5022, -5028,
  ])('with %i', (code) => {
    expect(verdict(told(code))).toBe('rejected');
  });

  test('only when the answer itself says so below HTTP 500', () => {
    expect(verdict(told(-2019, { httpStatus: 503 }))).toBe('unknown');
    expect(verdict(told(-2019, { httpStatus: 408 }))).toBe('unknown');
    expect(verdict(told(-2019, { httpStatus: 200 }))).toBe('unknown');
    expect(verdict(told(-2019, { httpStatus: null, body: null }))).toBe('unknown');
  });

  test('whatever class the client library made of it under another address', () => {
    expect(verdict(told(-2019, { errorName: 'ExchangeError' }))).toBe('rejected');
    expect(classify(told(-5022, { errorName: 'InvalidOrder' }), usdm).reason).toBe('post_only');
  });
});

describe('nobody knows what became of a submit', () => {
  test.each([-1000, -1001, -1006, -1007, -1008, -2020, -2023, -9999, -2011, -2013])(
    'answered with %i',
    (code) => {
      expect(verdict(told(code))).toBe('unknown');
    },
  );

  test.each([500, 502, 503, 504])('answered with HTTP %i', (httpStatus) => {
    expect(verdict(evidence({ httpStatus, body: '<html>' }))).toBe('unknown');
  });

  test.each(['NetworkError', 'RequestTimeout', 'SocketError', 'TypeError', 'SyntaxError'])(
    'that ended in a %s after it left',
    (errorName) => {
      expect(verdict(evidence({ httpStatus: null, errorName }))).toBe('unknown');
      expect(verdict(evidence({ httpStatus: 200, body: '{}', errorName }))).toBe('unknown');
      expect(verdict(evidence({ kind: 'cancel', httpStatus: null, errorName }))).toBe('unknown');
    },
  );

  test('that ended by the deadline', () => {
    expect(verdict(evidence({ isDeadline: true }))).toBe('unknown');
  });

  test.each([
    ['futures', -4116, 'ClientOrderId is duplicated.'],
    ['spot', -2010, 'Duplicate order sent.'],
  ])('of a %s id that exists already', (_, code, msg) => {
    expect(classify(told(code, {}, msg), usdm)).toMatchObject({
      verdict: 'unknown',
      isDuplicate: true,
    });
  });
});

describe('a call of which nothing left', () => {
  test('is a definite refusal of our own', () => {
    expect(
      classify(evidence({ hasLeft: false, errorName: 'ArgumentsRequired' }), usdm),
    ).toMatchObject({ verdict: 'rejected', neverLeft: true });
    expect(verdict(evidence({ hasLeft: false, errorName: 'SyntaxError' }))).toBe('rejected');
  });

  test('may be made again when only the wait was too long', () => {
    const given = evidence({ hasLeft: false, isDeadline: true });
    expect(classify(given, usdm)).toMatchObject({ verdict: 'retry', neverLeft: true });
  });

  test('is not taken for one that left', () => {
    expect(classify(evidence({ httpStatus: null }), usdm)).not.toHaveProperty('neverLeft');
  });
});

describe('limits, clock and keys', () => {
  test('are told apart', () => {
    expect(verdict(told(-1021))).toBe('clock');
    expect(verdict(told(-1022))).toBe('auth');
    expect(verdict(told(-2015, { httpStatus: 401, errorName: 'DDoSProtection' }))).toBe('auth');
    expect(verdict(told(-1015))).toBe('rate_limited');
    expect(verdict(evidence({ httpStatus: 429, body: 'slow down' }))).toBe('rate_limited');
    expect(verdict(told(-1003, { httpStatus: 418 }))).toBe('banned');
  });

  test.each([
    ['the header', told(-1003, { httpStatus: 429, retryAfter: '7' }), NOW + 7000],
    [
      'the sentence',
      told(-1003, { httpStatus: 418 }, `IP banned until ${NOW + 9000}.`),
      NOW + 9000,
    ],
    ['the kind of limit', told(-1015), NOW + 10_000],
    ['nothing', told(-1003), NOW + 60_000],
  ])('last as long as %s says', (_, given, untilMs) => {
    expect(classify(given, usdm).untilMs).toBe(untilMs);
  });
});

describe('a cancel or a query', () => {
  test.each([-2011, -2013])('finds no order with %i', (code) => {
    expect(verdict(told(code, { kind: 'cancel' }))).toBe('not_found');
    expect(verdict(told(code, { kind: 'read' }))).toBe('not_found');
  });

  test('that only reads may be made again', () => {
    expect(verdict(evidence({ kind: 'read', httpStatus: null }))).toBe('retry');
    expect(verdict(told(-1001, { kind: 'read', httpStatus: 503 }))).toBe('retry');
    expect(verdict(told(-4046, { kind: 'read' }))).toBe('rejected');
  });
});

describe('the reason of a refusal', () => {
  test.each([
    [-5022, 'said so', 'post_only'],
    [-2010, 'Order would immediately match and take.', 'post_only'],
    [-5021, 'said so', 'liquidity'],
    [-1013, 'Filter failure: PRICE_FILTER', 'price'],
    [-2021, 'said so', 'price'],
    [-4131, 'said so', 'price'],
    [-2019, 'said so', 'other'],
  ])('%i %s is %s', (code, msg, reason) => {
    expect(classify(told(code, {}, msg), usdm).reason).toBe(reason);
  });
});

describe('an exchange whose codes nobody has proven', () => {
  const answered = (errorName: string, more: Partial<Evidence> = {}) =>
    verdict(evidence({ httpStatus: 200, body: '{"sCode":"51008"}', errorName, ...more }), generic);

  test('refuses by the exact class of its error', () => {
    expect(answered('InsufficientFunds')).toBe('rejected');
    expect(answered('AuthenticationError')).toBe('auth');
    expect(answered('OrderNotFound', { kind: 'read' })).toBe('not_found');
  });

  test('proves nothing by a class that has others below it, or without an answer', () => {
    expect(answered('InvalidOrder')).toBe('unknown');
    expect(answered('BadRequest')).toBe('unknown');
    expect(answered('OrderNotFound')).toBe('unknown');
    expect(answered('InsufficientFunds', { httpStatus: null, body: null })).toBe('unknown');
    expect(answered('InsufficientFunds', { httpStatus: 503 })).toBe('unknown');
  });

  test('knows a duplicate by its class', () => {
    const given = evidence({ httpStatus: 200, body: '{}', errorName: 'DuplicateOrderId' });
    expect(classify(given, generic)).toMatchObject({ verdict: 'unknown', isDuplicate: true });
  });
});

test.each([
  ['createOrder', 'submit'],
  ['createOrders', 'submit'],
  ['editOrder', 'submit'],
  ['fapiPrivatePostOrder', 'submit'],
  ['fapiPrivatePostAlgoOrder', 'submit'],
  ['cancelOrder', 'cancel'],
  ['cancelAllOrders', 'cancel'],
  ['fapiPrivateDeleteAlgoOrder', 'cancel'],
  ['fetchOrder', 'read'],
  ['setLeverage', 'read'],
  ['createListenKey', 'read'],
])('%s is a %s', (call, kind) => {
  expect(kindOf(call)).toBe(kind);
});
