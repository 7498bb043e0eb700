import { describe, expect, test } from 'vitest';
import type { AccountConfig } from '../../../../../adapters/src/venue/ccxt/account-config.js';
import {
  checkAddresses,
  guardOf,
  instanceUrls,
  urlsIn,
} from '../../../../../adapters/src/venue/ccxt/addresses.js';
import { profileOf } from '../../../../../adapters/src/venue/ccxt/profiles.js';

const account = (more: Partial<AccountConfig> = {}): AccountConfig => ({
  exchange: 'binanceusdm',
  call_deadline_ms: 1000,
  recv_window_ms: 1000,
  reconcile_interval_ms: 1000,
  outage_kill_after_ms: null,
  ...more,
});

const API = {
  fapiPublic: 'https://fapi.binance.com/fapi/v1',
  sapi: 'https://api.binance.com/sapi/v1',
  rest: 'https://api.{hostname}/v5',
  ws: { future: 'wss://fstream.binance.com/ws', spot: 'wss://stream.binance.com:9443/ws' },
};
const EXCHANGE = { urls: { api: API }, hostname: 'bytick.com' };

describe('addresses of the config', () => {
  test('replace every address and keep its path', () => {
    const moved = instanceUrls(
      EXCHANGE,
      account({ rest_url: 'http://127.0.0.1:8080/' }),
      profileOf('okx'),
    );
    expect(moved).toEqual({
      fapiPublic: 'http://127.0.0.1:8080/fapi/v1',
      sapi: 'http://127.0.0.1:8080/sapi/v1',
      rest: 'http://127.0.0.1:8080/v5',
      ws: { future: 'ws://127.0.0.1:8080/ws', spot: 'ws://127.0.0.1:8080/ws' },
    });
  });

  test('get the form that the client library needs for its streams', () => {
    const given = account({ exchange: 'binance', stream_url: 'wss://host:9' });
    expect(instanceUrls(EXCHANGE, given, profileOf('binance'))).toMatchObject({
      fapiPublic: API.fapiPublic,
      ws: { spot: 'wss://host:9/stream/ws', 'ws-api': { spot: 'wss://host:9/ws-api/v3' } },
    });
  });

  test('that are left out stay those of the exchange', () => {
    const own = instanceUrls(EXCHANGE, account(), profileOf('okx'));
    expect(own).toEqual({ ...API, rest: 'https://api.bytick.com/v5' });
  });

  test('must be addresses', () => {
    expect(() => checkAddresses(account({ rest_url: 'localhost:8080' }))).toThrow(/rest_url/);
    expect(() => checkAddresses(account({ stream_url: 'http://x' }))).toThrow(/stream_url/);
  });

  test('without encryption are taken for this machine only, since the key goes with them', () => {
    for (const here of ['http://127.0.0.1:80', 'http://localhost:80', 'http://[::1]:80']) {
      expect(() => checkAddresses(account({ rest_url: here }))).not.toThrow();
    }
    const plain = { rest_url: 'http://fapi.binance.com' };
    expect(() => checkAddresses(account(plain))).toThrow(/not encrypted/);
    const stream = { rest_url: 'https://x.example', stream_url: 'ws://x.example' };
    expect(() => checkAddresses(account(stream))).toThrow(/not encrypted/);
    const like = { rest_url: 'http://127.0.0.1.example' };
    expect(() => checkAddresses(account(like))).toThrow(/not encrypted/);
  });
});

describe('the guard of an account', () => {
  test('allows the hosts of the addresses in use, and no other', () => {
    const guard = guardOf(account(), [API.fapiPublic, API.ws.future]);
    expect(urlsIn(API).filter((url) => guard.isAllowed(url))).toEqual([
      API.fapiPublic,
      API.ws.future,
    ]);
  });

  test('refuses at once a config whose own addresses it does not allow', () => {
    const given = account({ allowed_hosts: ['other.org'] });
    expect(() => guardOf(given, [API.fapiPublic])).toThrow(/fapi\.binance\.com/);
  });

  test('refuses at once an identity key on an address that is not this machine', () => {
    const given = account({ identity_key: 'abc', allowed_hosts: ['fapi.binance.com'] });
    expect(() => guardOf(given, [API.fapiPublic])).toThrow(/refused/);
  });
});
