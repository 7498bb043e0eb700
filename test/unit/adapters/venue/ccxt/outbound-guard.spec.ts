import { describe, expect, test } from 'vitest';
import { RunnerError } from '../../../../../adapters/src/errors.js';
import { OutboundGuard } from '../../../../../adapters/src/venue/ccxt/outbound-guard.js';

const listed = new OutboundGuard({
  hosts: ['fapi.binance.com', '*.example.org'],
  isLoopbackOnly: false,
});
const local = new OutboundGuard({ hosts: ['fapi.binance.com'], isLoopbackOnly: true });

describe('a list of hosts', () => {
  test.each([
    'https://fapi.binance.com/fapi/v1/order?a=1',
    'wss://FAPI.binance.com:443/ws',
    'https://api.example.org/x',
  ])('lets %s pass', (url) => {
    expect(listed.isAllowed(url)).toBe(true);
  });

  test.each([
    'https://fapi.binance.com.evil.org/fapi/v1/order',
    'https://fapi.binance.com@evil.org/',
    'https://evil.org/?https://fapi.binance.com/',
    'https://example.org/',
    'https://notexample.org/',
    'file:///etc/passwd',
    'not an address',
    '',
  ])('refuses %s', (url) => {
    expect(listed.isAllowed(url)).toBe(false);
  });

  test('refuses with a code, the host and the next step, but not the query', () => {
    try {
      listed.check('https://evil.org/order?signature=abcdef');
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      expect(error).toMatchObject({ code: 'OUTBOUND_REFUSED', exitCode: 77 });
      expect(`${error.message} ${error.why} ${error.next}`).toContain('evil.org');
      expect(JSON.stringify(error) + error.message).not.toContain('abcdef');
    }
  });
});

describe('an account that claims to be the local exchange', () => {
  test.each([
    'http://127.0.0.1:8080/x',
    'ws://127.1.2.3/ws',
    'http://[::1]/x',
    'ws://localhost:1/',
  ])('reaches %s', (url) => {
    expect(local.isAllowed(url)).toBe(true);
  });

  test.each([
    'https://fapi.binance.com/x',
    'http://127.0.0.1.evil.org/',
    'http://10.0.0.1/',
    'http://0.0.0.0/',
  ])('does not reach %s', (url) => {
    expect(local.isAllowed(url)).toBe(false);
  });
});
