import type { AccountEvent } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { CallEvents } from '../../../../../adapters/src/venue/ccxt/call-events.js';
import { newTrace } from '../../../../../adapters/src/venue/ccxt/call-trace.js';
import { Redactor } from '../../../../../adapters/src/venue/ccxt/redact.js';
import { type Said, SaidTexts } from '../../../../../adapters/src/venue/ccxt/said-texts.js';
import { seeded } from '../../../../e2e/bars.js';

type Message = Extract<AccountEvent, { readonly kind: 'venue_message' }>;

const HOST = 'http://127.0.0.1:1';
const BALANCE = `[{"asset":"USDT","balance":"10000","availableBalance":"9000","updateTime":17}]`;
const RICHER = BALANCE.replace('10000', '10001');

/** A run's wire, and what it keeps of it. */
class Wire {
  readonly kept: Message[] = [];
  ms = 0;
  readonly events = new CallEvents({
    emit: (event) => void this.kept.push(event as Message),
    clock: { now: () => this.ms, observe: () => undefined, wallMsUntil: () => 0 },
    redactor: new Redactor({ apiKey: 'the-key', secret: 'the-secret' }),
  });

  /** One call that is asked and, unless it is left alone, answered. */
  call(name: string, path: string, answer?: string, { method = 'GET', status = 200 } = {}): void {
    const trace = newTrace(name, {});
    this.ms += 1;
    const url = `${HOST}${path}${path.includes('?') ? '&' : '?'}timestamp=${this.ms}&signature=ab`;
    this.events.request(trace, { url, method, body: '' });
    this.ms += 1;
    if (answer !== undefined)
      this.events.response(trace, { url, status, headers: {}, body: answer });
    this.events.settled(trace);
  }

  balance(answer: string): void {
    this.call('fetchBalance', '/balance', answer);
  }

  get rows(): readonly string[] {
    return this.kept.map(({ channel, body, sameAs }) => `${channel} ${sameAs ? 'same' : body}`);
  }
}

const ASKED = /^request GET \/balance\?timestamp=\d+&signature=\[redacted\]$/;

/** As somebody reads the journal later. */
function saidIn(kept: readonly Message[]): readonly Said[] {
  const texts = new SaidTexts();
  return kept.flatMap((message) => [...texts.saidIn(message)]);
}

const textsOf = (kept: readonly Message[]) =>
  saidIn(kept).flatMap(({ channel, text }) => (channel === 'response' ? [text] : []));

describe('what the venue says of the account', () => {
  test('is kept whole once, then by reference with its own times [R23]', () => {
    const wire = new Wire();
    wire.balance(BALANCE);
    wire.balance(BALANCE);
    expect(wire.rows).toEqual([
      expect.stringMatching(ASKED),
      `response 200 ${BALANCE}`,
      'response same',
    ]);
    expect(wire.kept[2]).toMatchObject({ ts: 4, askedMs: 3, name: 'fetchBalance', body: '' });
    expect(textsOf(wire.kept)).toEqual([`200 ${BALANCE}`, `200 ${BALANCE}`]);
  });

  test('is kept whole when it changes, also back to what it was', () => {
    const wire = new Wire();
    for (const answer of [BALANCE, RICHER, BALANCE]) wire.balance(answer);
    expect(wire.rows.slice(1)).toEqual([
      `response 200 ${BALANCE}`,
      `response 200 ${RICHER}`,
      `response 200 ${BALANCE}`,
    ]);
    expect(wire.kept.map(({ askedMs }) => askedMs)).toEqual([undefined, undefined, 3, 5]);
  });

  test('is kept whole where it is no longer than a reference', () => {
    const wire = new Wire();
    for (let i = 0; i < 3; i += 1) wire.call('fetchPositions', '/positions', '[]');
    expect(wire.rows.slice(1)).toEqual(['response 200 []', 'response 200 []', 'response 200 []']);
  });

  test('is kept with its question where that is another one', () => {
    const wire = new Wire();
    for (const id of [1, 1, 2]) wire.call('fetchMyTrades', `/trades?fromId=${id}`, BALANCE);
    expect(wire.rows.map((row) => /fromId=\d|same|200/.exec(row)![0])).toEqual([
      'fromId=1',
      '200',
      'same',
      'fromId=2',
      '200',
    ]);
  });

  test('is kept whole by each run, whatever the one before it has kept', () => {
    const [before, after] = [new Wire(), new Wire()];
    before.balance(BALANCE);
    after.balance(BALANCE);
    expect(after.rows).toEqual(before.rows);
  });

  test('is kept with its question where it is an error', () => {
    const wire = new Wire();
    wire.balance(BALANCE);
    for (let i = 0; i < 2; i += 1) {
      wire.call('fetchBalance', '/balance', '{"code":-1003}', { status: 429 });
    }
    expect(wire.rows.slice(2)).toEqual([
      expect.stringMatching(ASKED),
      'response 429 {"code":-1003}',
      expect.stringMatching(ASKED),
      'response 429 {"code":-1003}',
    ]);
  });

  test('has its question kept as it was asked where nothing is said', () => {
    const wire = new Wire();
    wire.balance(BALANCE);
    wire.call('fetchBalance', '/balance');
    expect(wire.rows.slice(2)).toEqual([expect.stringMatching(ASKED)]);
    expect(wire.kept[2]!.ts).toBe(3);
  });

  test('is found again from every reference, however much comes in between', () => {
    const wire = new Wire();
    const random = seeded(3);
    const said: string[] = [];
    for (let i = 0; i < 3000; i += 1) {
      const isQuiet = random() < 0.3;
      const answer = isQuiet
        ? BALANCE
        : BALANCE.replace('9000', String(Math.floor(random() * 1e6)));
      wire.call('fetchBalance', isQuiet ? '/quiet' : `/moving?from=${i % 50}`, answer);
      said.push(`200 ${answer}`);
      for (const told of [`${BALANCE}${i}`, `${RICHER}${i}`]) {
        wire.call('createOrder', '/order', told, { method: 'POST' });
        said.push(`200 ${told}`);
      }
    }
    const references = wire.kept.filter(({ sameAs }) => sameAs !== undefined);
    expect(references.length).toBeGreaterThan(500);
    expect(textsOf(wire.kept)).toEqual(said);
    const lost = saidIn(wire.kept).filter(
      ({ asked }) => asked !== null && asked.text === undefined,
    );
    expect(lost).toEqual([]);
  });
});

test('what is said about an order is kept word for word, however often it is said', () => {
  const wire = new Wire();
  for (let i = 0; i < 2; i += 1) {
    wire.call('createOrder', '/order', BALANCE, { method: 'POST' });
    wire.call('fetchOrder', '/order', BALANCE);
  }
  expect(wire.kept.filter(({ channel }) => channel === 'request')).toHaveLength(4);
  expect(wire.kept.filter(({ body }) => body === `200 ${BALANCE}`)).toHaveLength(4);
});

describe('one reading of the account', () => {
  /** Twice the same, each time as one reading. */
  async function twice(between: (wire: Wire) => void = () => undefined): Promise<Wire> {
    const wire = new Wire();
    const reading = async () => {
      wire.call('fetchPositions', '/positions', '[]');
      between(wire);
      wire.balance(BALANCE);
    };
    await wire.events.together(reading);
    await wire.events.together(reading);
    return wire;
  }

  test('is one event where all of it is as it was, and nothing of it is lost [R23]', async () => {
    const wire = await twice();
    expect(wire.kept).toHaveLength(5);
    expect(wire.kept[4]).toMatchObject({ name: 'unchanged', body: '', ts: 8 });
    const [questions, again] = [wire.kept.slice(0, 3), saidIn(wire.kept).slice(4)];
    expect(again).toMatchObject([
      { ts: 6, name: 'fetchPositions', text: '200 []' },
      { ts: 8, name: 'fetchBalance', text: `200 ${BALANCE}` },
    ]);
    expect(again.map(({ asked }) => asked)).toEqual([
      { ms: 5, text: questions[0]!.body },
      { ms: 7, text: questions[2]!.body },
    ]);
  });

  test('is kept in the order in which it was said', async () => {
    const wire = await twice(({ events }) => events.stream('ORDER_TRADE_UPDATE', {}));
    expect(wire.kept.slice(5).map(({ name }) => name)).toEqual([
      'fetchPositions',
      'ORDER_TRADE_UPDATE',
      'fetchBalance',
    ]);
  });

  test('has a row of its own for what has changed', async () => {
    const wire = new Wire();
    const reading = async (answer: string) => {
      wire.call('fetchPositions', '/positions', '[]');
      wire.balance(answer);
    };
    await reading(BALANCE);
    await wire.events.together(() => reading(RICHER));
    expect(wire.rows.slice(4)).toEqual(['response 200 []', `response 200 ${RICHER}`]);
    expect(wire.kept.at(-1)!.name).toBe('fetchBalance');
  });

  test('is kept as far as it came', async () => {
    const wire = new Wire();
    wire.balance(BALANCE);
    const reading = wire.events.together(async () => {
      wire.balance(BALANCE);
      throw new Error('cut off');
    });
    await expect(reading).rejects.toThrow('cut off');
    expect(wire.rows.at(-1)).toBe('response same');
  });
});

test('a reference that leads nowhere is told from an empty answer', () => {
  const message = {
    kind: 'venue_message',
    ts: 1,
    channel: 'response',
    name: 'x',
    body: '',
  } as const;
  expect(textsOf([message])).toEqual(['']);
  expect(textsOf([{ ...message, sameAs: 'ab' }])).toEqual([undefined]);
});
