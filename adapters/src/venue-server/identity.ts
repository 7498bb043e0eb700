// How a client tells this exchange from a real one: only it answers a nonce with an HMAC under the
// key that it printed at its start.
import { createHmac, timingSafeEqual } from 'node:crypto';

export const IDENTITY_PATH = '/runner-venue/identity';
export const PRODUCT = 'strategy-runner local exchange';

export function answerChallenge(key: string, nonce: string): object {
  return { product: PRODUCT, nonce, proof: proofOf(key, nonce) };
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
