import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { checkIdentity } from '../../../../../adapters/src/venue/ccxt/identity-check.js';

const KEY = 'identity-key';
const PRODUCT = 'strategy-runner local exchange';
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handle);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const proofOf = (nonce: string, key = KEY) =>
  createHmac('sha256', key).update(`${PRODUCT}\n${nonce}`).digest('hex');

function nonceOf(request: IncomingMessage): string {
  return new URL(request.url ?? '', 'http://host').searchParams.get('nonce') ?? '';
}

function answering(more: (nonce: string) => object) {
  return serve((request, response) => {
    const nonce = nonceOf(request);
    const proven = { product: PRODUCT, nonce, proof: proofOf(nonce), market_ms: 5000, speed: 60 };
    response.end(JSON.stringify({ ...proven, ...more(nonce) }));
  });
}

const ask = (restUrl: string, key = KEY) => checkIdentity({ restUrl, key, timeoutMs: 1000 });

describe('who proves to be the local exchange', () => {
  test('is it, and tells its time and speed', async () => {
    const url = await answering(() => ({}));
    expect(await ask(`${url}/`)).toEqual({
      isLocalExchange: true,
      market: { marketMs: 5000, speed: 60 },
    });
  });

  test.each([
    ['by hand', 0],
    ['as fast as it can', null],
  ])('and is stepped %s, has a time that only stamps move', async (_, speed) => {
    const url = await answering(() => ({ speed }));
    expect(await ask(url)).toMatchObject({ market: { speed: 0 } });
  });
});

describe('who does not is taken for a real exchange', () => {
  test.each([
    ['a proof under another key', (nonce: string) => ({ proof: proofOf(nonce, 'other') })],
    ['a recorded proof', () => ({ nonce: 'old', proof: proofOf('old') })],
    ['an old proof for the new nonce', () => ({ proof: proofOf('old') })],
    ['no proof', () => ({ proof: undefined })],
    ['another product', () => ({ product: 'exchange' })],
    ['no time', () => ({ market_ms: 'soon' })],
  ])('%s', async (_, more) => {
    const url = await answering(more);
    expect(await ask(url)).toMatchObject({ isLocalExchange: false, isUnreachable: false });
  });

  test('an answer that is not JSON, or an error', async () => {
    const html = await serve((_, response) => response.end('<html>'));
    expect(await ask(html)).toMatchObject({ isLocalExchange: false, isUnreachable: false });
    const missing = await serve((_, response) => response.writeHead(404).end('{}'));
    expect(await ask(missing)).toMatchObject({ isLocalExchange: false });
  });

  test('a redirect to one that could prove it is not followed', async () => {
    const proving = await answering(() => ({}));
    const url = await serve((request, response) => {
      response.writeHead(302, { location: `${proving}${request.url ?? ''}` }).end();
    });
    expect(await ask(url)).toMatchObject({ isLocalExchange: false });
  });

  test('a host that is not this machine is not even asked', async () => {
    const answer = await ask('https://fapi.binance.com');
    expect(answer).toMatchObject({ isLocalExchange: false, isUnreachable: false });
  });

  test('nobody at all may still prove it later', async () => {
    const url = await answering(() => ({}));
    const server = servers.pop()!;
    await new Promise((resolve) => server.close(resolve));
    expect(await ask(url)).toMatchObject({ isLocalExchange: false, isUnreachable: true });
    const silent = await serve(() => undefined);
    expect(await checkIdentity({ restUrl: silent, key: KEY, timeoutMs: 20 })).toMatchObject({
      isUnreachable: true,
    });
  });
});
