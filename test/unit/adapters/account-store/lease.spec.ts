import { expect, test } from 'vitest';
import { type LeaseRequest, decideLease } from '../../../../adapters/src/account-store/lease.js';

const aRequest = (change: Partial<LeaseRequest> = {}): LeaseRequest => ({
  weight: 1,
  isUrgent: false,
  limit: 1000,
  reported: 0,
  windowStartMs: 60_000,
  ...change,
});
const inWindow = (weight: number) => ({ windowStartMs: 60_000, weight });

test('hands out a twentieth of the limit at once, and more only for a heavier call', () => {
  expect(decideLease(undefined, aRequest())).toEqual({ granted: 50, leased: inWindow(50) });
  expect(decideLease(inWindow(50), aRequest({ weight: 70 }))).toEqual({
    granted: 70,
    leased: inWindow(120),
  });
});

test('a window that is over costs nothing in the next', () => {
  const spent = { windowStartMs: 0, weight: 1000 };
  expect(decideLease(spent, aRequest())).toEqual({ granted: 50, leased: inWindow(50) });
});

test('the last fifth is for urgent calls, which take no more than they need', () => {
  expect(decideLease(inWindow(780), aRequest())).toEqual({ granted: 20, leased: inWindow(800) });
  expect(decideLease(inWindow(800), aRequest()).granted).toBe(0);
  expect(decideLease(inWindow(800), aRequest({ isUrgent: true, weight: 5 }))).toEqual({
    granted: 5,
    leased: inWindow(805),
  });
  expect(decideLease(inWindow(998), aRequest({ isUrgent: true, weight: 5 })).granted).toBe(0);
});

test('what strangers at the same address have used counts', () => {
  expect(decideLease(inWindow(50), aRequest({ reported: 790 }))).toEqual({
    granted: 10,
    leased: inWindow(800),
  });
});

test('a call that is heavier than all there is waits for an empty window, not for ever', () => {
  expect(decideLease(inWindow(1), aRequest({ weight: 5000 })).granted).toBe(0);
  expect(decideLease(undefined, aRequest({ weight: 5000 })).granted).toBe(800);
});
