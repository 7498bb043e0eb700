// Asks whoever answers at an address to prove that it is the local exchange: only that one can sign
// a fresh nonce under the key that it printed at its start. No real exchange passes, whatever the
// config claims; anything but a proof is told as `isLocalExchange: false`, and why.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { hostOf, isLoopback } from './outbound-guard.js';
import type { MarketTime } from './venue-clock.js';

const PATH = '/runner-venue/identity';
const PRODUCT = 'strategy-runner local exchange';
const ANSWER_BYTES_MAX = 16 * 1024;

export type VenueIdentity =
  | { readonly isLocalExchange: true; readonly market: MarketTime }
  | {
      readonly isLocalExchange: false;
      readonly why: string;
      /** Nothing answered at all: it may still prove itself later. */
      readonly isUnreachable: boolean;
    };

export interface IdentityQuestion {
  readonly restUrl: string;
  readonly key: string;
  readonly timeoutMs: number;
}

export async function checkIdentity(question: IdentityQuestion): Promise<VenueIdentity> {
  const host = hostOf(question.restUrl);
  if (host === undefined || !isLoopback(host)) {
    return refused(`${host ?? question.restUrl} is not this machine`);
  }
  const nonce = randomBytes(16).toString('hex');
  let answer: unknown;
  try {
    const url = `${question.restUrl.replace(/\/+$/, '')}${PATH}?nonce=${nonce}`;
    answer = JSON.parse(await get(url, question.timeoutMs));
  } catch (error) {
    if (error instanceof SyntaxError) return refused('the answer is not JSON');
    return refused(error instanceof Error ? error.message : String(error), true);
  }
  return judge(answer, nonce, question.key);
}

function judge(answer: unknown, nonce: string, key: string): VenueIdentity {
  if (typeof answer !== 'object' || answer === null) return refused('the answer is no object');
  const { product, proof, nonce: echoed, ...time } = answer as Record<string, unknown>;
  if (product !== PRODUCT || echoed !== nonce || typeof proof !== 'string') {
    return refused('the answer is not one of the local exchange');
  }
  if (!isProof(key, nonce, proof)) {
    return refused('the proof is not made with the identity key of the config');
  }
  const { market_ms: marketMs, speed } = time;
  if (typeof marketMs !== 'number' || !Number.isSafeInteger(marketMs)) {
    return refused('the local exchange does not tell its market time');
  }
  return { isLocalExchange: true, market: { marketMs, speed: speedOf(speed) } };
}

/** As fast as it can go, time moves by stamps, as it does by hand. */
function speedOf(speed: unknown): number {
  return typeof speed === 'number' && Number.isFinite(speed) && speed > 0 ? speed : 0;
}

function isProof(key: string, nonce: string, proof: string): boolean {
  const expected = createHmac('sha256', key).update(`${PRODUCT}\n${nonce}`).digest('hex');
  const [ours, theirs] = [Buffer.from(expected), Buffer.from(proof)];
  return ours.length === theirs.length && timingSafeEqual(ours, theirs);
}

function refused(why: string, isUnreachable = false): VenueIdentity {
  return { isLocalExchange: false, why, isUnreachable };
}

/** The plain client of the platform: no proxy of the environment, and no redirect is followed. */
function get(url: string, timeoutMs: number): Promise<string> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false }, (response) => {
      body(response).then(resolve, reject);
    });
    const timer = setTimeout(() => {
      asked.destroy(new Error(`no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    asked.on('error', reject);
    asked.on('close', () => clearTimeout(timer));
    asked.end();
  });
}

async function body(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) {
    response.destroy();
    throw new SyntaxError(`HTTP ${response.statusCode ?? 0}`);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > ANSWER_BYTES_MAX) throw new SyntaxError('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
