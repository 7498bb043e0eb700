// `test_network` takes the gates away, so it is believed only with the addresses of a test network.
import ccxt from 'ccxt';
import { describe, expect, test } from 'vitest';
import { ACCOUNT_DEFAULTS } from '../../../../../adapters/src/api/account.js';
import type { AccountConfig } from '../../../../../adapters/src/venue/ccxt/account-config.js';
import { createClient } from '../../../../../adapters/src/venue/ccxt/create-client.js';
import { checkTestNetwork } from '../../../../../adapters/src/venue/ccxt/test-network.js';

function check(fields: Partial<AccountConfig> & { exchange: 'binanceusdm' | 'binance' | 'okx' }) {
  const listed = new ccxt.pro[fields.exchange]() as never;
  const account = { ...ACCOUNT_DEFAULTS, test_network: true, ...fields };
  return () => checkTestNetwork(account, listed);
}

const FUTURES = {
  exchange: 'binanceusdm',
  rest_url: 'https://testnet.binancefuture.com',
  stream_url: 'wss://fstream.binancefuture.com',
} as const;

describe('an account of a test network', () => {
  test('passes with addresses of the test network, REST and streams [P8]', () => {
    expect(check(FUTURES)).not.toThrow();
    const rest_url = 'https://testnet.binance.vision';
    const stream_url = 'wss://stream.testnet.binance.vision:9443';
    expect(check({ exchange: 'binance', rest_url, stream_url })).not.toThrow();
  });

  test.each([
    ['no address, which is the real exchange', { exchange: 'binanceusdm' }],
    ['the address of real money', { ...FUTURES, rest_url: 'https://fapi.binance.com' }],
    ['a proxy on this machine', { ...FUTURES, rest_url: 'http://127.0.0.1:8080' }],
    ['streams of real money', { ...FUTURES, stream_url: 'wss://fstream.binance.com' }],
    ['a name that only begins so', { ...FUTURES, rest_url: 'https://testnet.binancefuture.co' }],
    ['a host that both share', { exchange: 'okx', rest_url: 'https://www.okx.com' }],
  ] as const)('is refused with %s [P8]', (_, account) => {
    expect(check(account)).toThrow(/test_network is set/);
  });

  test('is told which addresses there are', () => {
    expect(check({ exchange: 'binanceusdm' })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        exitCode: 78,
        message: 'test_network is set, and the account has no address of one',
      }),
    );
  });

  test('gets no client otherwise, whatever else its config says', async () => {
    const account = { ...ACCOUNT_DEFAULTS, exchange: 'binanceusdm', test_network: true };
    const credentials = { apiKey: 'key', secret: 'secret' };
    const refused = createClient({ account, credentials, emit: () => undefined });
    await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
