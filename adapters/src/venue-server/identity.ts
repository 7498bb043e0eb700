// How a client tells this exchange from a real one: only it answers a nonce with an HMAC under the
// key that it printed at its start.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Speed } from './player.js';

export const IDENTITY_PATH = '/runner-venue/identity';
export const PRODUCT = 'strategy-runner local exchange';

export interface Identity {
  readonly key: string;
  readonly speed: Speed;
  /** Market time now. */
  readonly marketMs: () => number;
}

/** `speed` is 0 where the market is stepped by hand, and null where it goes as fast as it can. */
export function answerChallenge({ key, speed, marketMs }: Identity, nonce: string): object {
  return {
    product: PRODUCT,
    nonce,
    proof: proofOf(key, nonce),
    market_ms: marketMs(),
    speed: speed === 'step' ? 0 : speed === 'max' ? null : speed,
  };
}

/** Whether an answer proves the key for the nonce that was asked. */
export function isProof(key: string, nonce: string, proof: string): boolean {
  const expected = Buffer.from(proofOf(key, nonce));
  const given = Buffer.from(proof);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function proofOf(key: string, nonce: string): string {
  return createHmac('sha256', key).update(`${PRODUCT}\n${nonce}`).digest('hex');
}
