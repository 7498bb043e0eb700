// How an answer leaves: whole, or broken in one of the ways that a network and a gateway break it.
import type { ServerResponse } from 'node:http';
import type { FaultRule } from './faults.js';

export interface Reply {
  readonly http: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function deliver(response: ServerResponse, reply: Reply, rule?: FaultRule): void {
  switch (rule?.kind) {
    case 'drop_after':
    case 'drop_before':
      return reset(response);
    case 'silent_before':
    case 'silent_after':
      return;
    case 'delay':
      setTimeout(() => send(response, reply), rule.ms ?? 0).unref();
      return;
    case 'stall_body':
      return sendHalf(response, reply);
    case 'truncate':
      sendHalf(response, reply);
      // After the half has left, or it would be lost with the connection.
      setTimeout(() => response.socket?.destroy(), 50).unref();
      return;
    case 'html':
      return send(response, {
        ...reply,
        http: rule.http ?? 200,
        headers: { 'content-type': 'text/html' },
        body: '<html><body><h1>Gateway</h1></body></html>',
      });
    case 'empty':
      return send(response, { ...reply, body: '' });
    case 'empty_object':
      return send(response, { ...reply, body: '{}' });
    default:
      send(response, reply);
  }
}

function send(response: ServerResponse, { http, body, headers }: Reply): void {
  if (response.destroyed) return;
  response.writeHead(http, { 'content-type': 'application/json;charset=UTF-8', ...headers });
  response.end(body);
}

function sendHalf(response: ServerResponse, { http, body, headers }: Reply): void {
  const length = String(Buffer.byteLength(body));
  response.writeHead(http, {
    'content-type': 'application/json;charset=UTF-8',
    ...headers,
    'content-length': length,
  });
  response.write(body.slice(0, Math.floor(body.length / 2)));
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}
