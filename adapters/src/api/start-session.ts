// Names and dates of a session: who ran what, when.
import { randomBytes } from 'node:crypto';
import type { Clock } from '@strategy-runner/core';

/** `<UTC yyyymmdd-hhmmss>-<strategy>-<symbol>-<4 hex>`: sorts by time, readable, never reused. */
export function newSessionId(clock: Clock, strategy: string, symbol: string): string {
  const stamp = isoOf(clock.now()).replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const slug = `${strategy}-${symbol}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `${stamp}-${slug.replace(/^-|-$/g, '')}-${randomBytes(2).toString('hex')}`;
}

export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
