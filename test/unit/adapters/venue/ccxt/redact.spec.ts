import { describe, expect, test } from 'vitest';
import { Redactor } from '../../../../../adapters/src/venue/ccxt/redact.js';

const redactor = new Redactor({
  apiKey: 'KEY/1234',
  secret: 's3cr&t-value',
  password: 'pass phrase',
});

describe('a text', () => {
  test.each([
    ['the key', 'header KEY/1234 sent'],
    ['the key in a query', `?k=${encodeURIComponent('KEY/1234')}`],
    ['the secret', 'signed with s3cr&t-value'],
    ['the passphrase', 'OK-ACCESS: pass phrase'],
  ])('loses %s', (_, text) => {
    const hidden = redactor.text(text);
    expect(hidden).toContain('[redacted]');
    expect(hidden).not.toMatch(/KEY\/1234|KEY%2F1234|s3cr|pass phrase/);
  });

  test('loses signatures, listen keys and key headers that nobody announced', () => {
    const text =
      'POST /x?symbol=BTCUSDT&signature=abc123&listenKey=LKLKLK {"listenKey":"LKLKLK"} ' +
      'X-MBX-APIKEY: foreign {\'a\':1} {"X-MBX-APIKEY":"foreign"}';
    expect(redactor.text(text)).toBe(
      'POST /x?symbol=BTCUSDT&signature=[redacted]&listenKey=[redacted] ' +
        '{"listenKey":"[redacted]"} X-MBX-APIKEY: [redacted] ' +
        '{\'a\':1} {"X-MBX-APIKEY":"[redacted]"}',
    );
  });

  test('loses a listen key wherever it turns up once it has been seen', () => {
    redactor.learnFrom('{"listenKey":"pqia91ma19a5s61cv6a81va65sd"}');
    expect(redactor.text('ws/pqia91ma19a5s61cv6a81va65sd closed')).toBe('ws/[redacted] closed');
  });

  test('keeps all that is no secret', () => {
    const text = '400 {"code":-2019,"msg":"Margin is insufficient."} symbol=BTCUSDT';
    expect(redactor.text(text)).toBe(text);
  });
});
