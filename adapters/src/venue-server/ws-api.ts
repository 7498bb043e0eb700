// Requests over the WebSocket of spot: a client subscribes to its account's events with a
// signature.
import type { Credentials } from './signature.js';
import { checkKey, checkSignature } from './signature.js';
import { VenueReject } from './venue-reject.js';

export interface WsRequest {
  readonly id: unknown;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface WsAnswer {
  readonly body: object;
  /** What the answer makes of the subscription of the connection. */
  readonly isSubscribed?: boolean;
}

export function answerWsApi(
  credentials: Credentials,
  { id, method, params }: WsRequest,
  serverMs: number,
): WsAnswer {
  try {
    switch (method) {
      case 'ping':
        return { body: { id, status: 200, result: {} } };
      case 'time':
        return { body: { id, status: 200, result: { serverTime: serverMs } } };
      case 'userDataStream.subscribe.signature':
        checkSigned(credentials, params, serverMs);
        return { body: { id, status: 200, result: { subscriptionId: 0 } }, isSubscribed: true };
      case 'userDataStream.unsubscribe':
        return { body: { id, status: 200, result: {} }, isSubscribed: false };
      default:
        throw new VenueReject(-1020, 'This operation is not supported.');
    }
  } catch (error) {
    if (!(error instanceof VenueReject)) throw error;
    const { code, message: msg, http: status } = error;
    return { body: { id, status, error: { code, msg } } };
  }
}

/** The signature is of the other parameters in the order of their names. */
function checkSigned(
  credentials: Credentials,
  params: WsRequest['params'],
  serverMs: number,
): void {
  const { signature, ...signed } = params;
  checkKey(credentials, String(signed['apiKey']));
  const text = Object.keys(signed)
    .toSorted()
    .map((name) => `${name}=${String(signed[name])}`)
    .join('&');
  checkSignature(credentials, `${text}&signature=${String(signature)}`, serverMs);
}
