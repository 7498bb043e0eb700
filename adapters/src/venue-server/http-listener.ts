// The HTTP side: reads a request whole and hands it to the admin port, the identity challenge or
// the REST interface. Bound to loopback by whoever listens.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { AdminError, type AdminParts, answerAdmin } from './admin.js';
import { deliver } from './deliver.js';
import { IDENTITY_PATH, type Identity, answerChallenge } from './identity.js';
import { type RestParts, answerRest } from './rest.js';
import { toJson } from './to-json.js';
import { VenueReject } from './venue-reject.js';

const BODY_MAX_BYTES = 256 * 1024;

export interface ListenerParts {
  readonly rest: RestParts;
  readonly admin: AdminParts;
  readonly identity: Identity;
}

export function httpListener(parts: ListenerParts): RequestListener {
  return (request, response) => {
    void respond(parts, request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      plainly(response, 500, { code: -1000, msg: message });
    });
  };
}

async function respond(
  parts: ListenerParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  const endpoint = `${request.method ?? 'GET'} ${path}`;
  if (request.headers.origin !== undefined) {
    // A page in a browser names its origin; it has no business here.
    return plainly(response, 403, { code: -1002, msg: 'Not for browsers.' });
  }
  if (path === IDENTITY_PATH) {
    const nonce = new URLSearchParams(query).get('nonce') ?? '';
    return plainly(response, 200, answerChallenge(parts.identity, nonce));
  }
  if (path.startsWith('/admin/')) return admin(parts.admin, { endpoint, query, body }, response);
  const apiKey = request.headers['x-mbx-apikey'];
  const text = query !== '' && body !== '' ? `${query}&${body}` : query + body;
  const { reply, fault } = answerRest(parts.rest, {
    endpoint,
    text,
    apiKey: typeof apiKey === 'string' ? apiKey : undefined,
  });
  deliver(response, reply, fault?.rule);
}

interface AdminCall {
  readonly endpoint: string;
  readonly query: string;
  readonly body: string;
}

function admin(parts: AdminParts, call: AdminCall, response: ServerResponse): void {
  try {
    const answer = answerAdmin(parts, call.endpoint, call.query, call.body);
    if (typeof answer !== 'string') return plainly(response, 200, answer);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.end(answer);
  } catch (error) {
    if (!(error instanceof AdminError) && !(error instanceof VenueReject)) throw error;
    plainly(response, 400, { error: error.message });
  }
}

function plainly(response: ServerResponse, http: number, value: unknown): void {
  if (response.headersSent) return;
  response.writeHead(http, { 'content-type': 'application/json' });
  response.end(toJson(value));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_MAX_BYTES) throw new RangeError(`the body exceeds ${BODY_MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
