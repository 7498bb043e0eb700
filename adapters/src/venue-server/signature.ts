// Who sent a request, and when: key header, HMAC over the raw text as it was sent, time window.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { VenueReject, missingParameter } from './venue-reject.js';

export interface Credentials {
  readonly apiKey: string;
  readonly secret: string;
}

const WINDOW_DEFAULT_MS = 5000;
const AHEAD_MAX_MS = 1000;

export function checkKey(credentials: Credentials, apiKey: string | undefined): void {
  if (apiKey !== credentials.apiKey) throw new VenueReject(-2015);
}

/** `text` is query and body, joined as they came. Errors: -1102, -1022, -1021. */
export function checkSignature({ secret }: Credentials, text: string, serverMs: number): void {
  const at = text.lastIndexOf('&signature=');
  if (at < 0) throw missingParameter('signature');
  const given = text.slice(at + '&signature='.length);
  const expected = createHmac('sha256', secret).update(text.slice(0, at)).digest('hex');
  if (!isEqual(given, expected)) throw new VenueReject(-1022);
  const params = new URLSearchParams(text.slice(0, at));
  const timestamp = Number(params.get('timestamp') ?? Number.NaN);
  if (!Number.isFinite(timestamp)) throw missingParameter('timestamp');
  const window = Number(params.get('recvWindow') ?? WINDOW_DEFAULT_MS);
  if (timestamp >= serverMs + AHEAD_MAX_MS) {
    throw new VenueReject(
      -1021,
      "Timestamp for this request was 1000ms ahead of the server's time.",
    );
  }
  if (serverMs - timestamp > window) throw new VenueReject(-1021);
}

function isEqual(given: string, expected: string): boolean {
  return (
    given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected))
  );
}
